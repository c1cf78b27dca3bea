/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "incoming.h"

static char folder[] = "/tmp/keyd-fuzz.XXXXXX";
static struct secret *secret;
static struct incoming *in;

static void
leave(void)
{
	incoming_free(in);
	secret_close(secret);
	(void)rmdir(folder);
}

static void
start(void)
{
	static const uint8_t key[HASH_KEY_SIZE] = "the hash key of fuzz_backup";

	MUST(sodium_init() >= 0);
	MUST(mkdtemp(folder) != NULL);
	secret = secret_of(key);
	in = incoming_new(open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	MUST(secret != NULL && in != NULL);
	atexit(leave);
}

/* The bytes of the next chunk of a file; what is no whole one is all of the
   rest. */
static struct span
next_chunk(struct span rest)
{
	struct wire_reader r = wire_reader(rest.ptr, rest.len);

	(void)wire_get_raw(&r, wire_get_u32(&r));
	(void)wire_get_raw(&r, CHAIN_SIZE);
	return r.bad ? rest
		     : (struct span){ rest.ptr, (size_t)(r.at - rest.ptr) };
}

/* Gives each chunk the hash that it must have, for what is behind that. */
static void
seal(uint8_t *data, size_t size)
{
	struct span rest = { data + ARCHIVE_MAGIC_LEN,
		size - ARCHIVE_MAGIC_LEN };
	struct archive a;

	archive_begin(&a, secret);
	while (rest.len > CHAIN_SIZE) {
		struct span chunk = next_chunk(rest);
		uint8_t *hash =
		    data + (chunk.ptr - data) + chunk.len - CHAIN_SIZE;

		secret_backup(secret, (struct span){ a.hash, CHAIN_SIZE },
		    (struct span){ chunk.ptr, chunk.len - CHAIN_SIZE }, a.hash);
		memcpy(hash, a.hash, CHAIN_SIZE);
		rest.ptr += chunk.len;
		rest.len -= chunk.len;
	}
}

/* All rows of what was taken can be read again. */
static void
read_back(void)
{
	char table[ARCHIVE_TABLE_SIZE];
	struct span key, value;
	struct wire_reader rows;
	uint64_t at = 0;

	while (incoming_rows(in, &at, table, &rows)) {
		while (archive_row_get(&rows, &key, &value))
			MUST(key.len > 0 && key.len <= ARCHIVE_KEY_MAX);
		MUST(wire_done(&rows));
	}
	MUST(at == 0);
}

/* As keydctl sends it. */
static void
take(const uint8_t *data, size_t size)
{
	struct span rest = { data, size }, chunk = rest;
	char why[MESSAGE_SIZE];
	bool good;

	if (size > ARCHIVE_MAGIC_LEN) {
		rest.ptr += ARCHIVE_MAGIC_LEN;
		rest.len -= ARCHIVE_MAGIC_LEN;
		chunk = next_chunk(rest);
		rest.ptr += chunk.len;
		rest.len -= chunk.len;
		chunk = (struct span){ data, size - rest.len };
	} else {
		rest.len = 0;
	}
	good = incoming_begin(in, secret, 1, 1, chunk, why);
	while (good && rest.len > 0) {
		chunk = next_chunk(rest);
		rest.ptr += chunk.len;
		rest.len -= chunk.len;
		good = incoming_add(in, 1, chunk, why);
	}
	MUST(good == incoming_is_of(in, 1));
	MUST(!good || incoming_size(in) == size);
	if (good && incoming_is_whole(in))
		read_back();
}

/* A file, as it is, and then with the hashes that it should have. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy;

	if (in == NULL)
		start();
	take(data, size);
	if (size <= ARCHIVE_MAGIC_LEN || (copy = malloc(size)) == NULL)
		return 0;
	memcpy(copy, data, size);
	seal(copy, size);
	take(copy, size);
	free(copy);
	return 0;
}
