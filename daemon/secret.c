/* SPDX-License-Identifier: ISC */
#include <sys/random.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "secret.h"

#define KEY_FILE "hash.key"
#define KEY_FILE_NEW "hash.key.new"

struct secret {
	uint8_t hash_key[HASH_KEY_SIZE];
	uint8_t mac_key[crypto_shorthash_siphashx24_KEYBYTES];
	uint8_t check[CHECK_SIZE];
	uint8_t chain_key[crypto_generichash_KEYBYTES];
	uint8_t backup_key[crypto_generichash_KEYBYTES];
	uint8_t id_key[crypto_shorthash_KEYBYTES];
};

_Static_assert(crypto_shorthash_siphashx24_BYTES == MAC_SIZE, "a MAC's size");

/* Subkeys of the hash key by number; a number is never used again. */
enum subkey {
	SUBKEY_MAC = 1,
	SUBKEY_CHECK = 2,
	SUBKEY_CHAIN = 3,
	SUBKEY_BACKUP = 4,
	SUBKEY_ID = 5
};

static void
derive(struct secret *k)
{
	static const char context[crypto_kdf_CONTEXTBYTES + 1] = "keyd v1 ";

	crypto_kdf_derive_from_key(k->mac_key, sizeof(k->mac_key), SUBKEY_MAC,
	    context, k->hash_key);
	crypto_kdf_derive_from_key(k->check, sizeof(k->check), SUBKEY_CHECK,
	    context, k->hash_key);
	crypto_kdf_derive_from_key(k->chain_key, sizeof(k->chain_key),
	    SUBKEY_CHAIN, context, k->hash_key);
	crypto_kdf_derive_from_key(k->backup_key, sizeof(k->backup_key),
	    SUBKEY_BACKUP, context, k->hash_key);
	crypto_kdf_derive_from_key(k->id_key, sizeof(k->id_key), SUBKEY_ID,
	    context, k->hash_key);
}

static int
open_at(int dir_fd, const char *name)
{
	return openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

static int
open_credential(void)
{
	const char *dir = secure_getenv("CREDENTIALS_DIRECTORY");
	int dir_fd, fd, saved;

	if (dir == NULL) {
		errno = ENOENT;
		return -1;
	}
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd == -1)
		return -1;
	fd = open_at(dir_fd, KEY_FILE);
	saved = errno;
	close(dir_fd);
	errno = saved;
	return fd;
}

/* The sentence about a key file that must not be used, or NULL.  Who may read
   a credential is for systemd to say, which may use an access control list. */
static const char *
fault_of(int fd, bool credential)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return "is not a regular file";
	if (st.st_size != HASH_KEY_SIZE)
		return "is not 32 bytes long; restore it from its copy";
	if (credential)
		return NULL;
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return "belongs to another user; chown it to keyd's";
	if ((st.st_mode & 077) != 0)
		return "may be read by others; chmod it to 0400";
	return NULL;
}

static bool
read_key(struct secret *k, int fd, bool credential, char *why, size_t why_size)
{
	const char *fault = fault_of(fd, credential);

	if (fault == NULL &&
	    read(fd, k->hash_key, HASH_KEY_SIZE) != HASH_KEY_SIZE)
		fault = "cannot be read";
	if (fault != NULL)
		snprintf(why, why_size, KEY_FILE " %s", fault);
	return fault == NULL;
}

/* Whole and on disk under another name first: a torn key would be lost keys. */
static bool
make_key(struct secret *k, const struct state *s, char *why, size_t why_size)
{
	bool ok;
	int fd;

	(void)unlinkat(s->dir_fd, KEY_FILE_NEW, 0);
	fd = openat(s->dir_fd, KEY_FILE_NEW,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0400);
	ok = fd != -1 &&
	    getrandom(k->hash_key, HASH_KEY_SIZE, 0) == HASH_KEY_SIZE &&
	    write(fd, k->hash_key, HASH_KEY_SIZE) == HASH_KEY_SIZE &&
	    fsync(fd) == 0 &&
	    renameat(s->dir_fd, KEY_FILE_NEW, s->dir_fd, KEY_FILE) == 0 &&
	    state_sync(s);
	if (!ok)
		snprintf(why, why_size, "cannot make %s/" KEY_FILE ": %s",
		    s->dir, strerror(errno));
	if (fd != -1)
		close(fd);
	return ok;
}

static bool
read_or_make(struct secret *k, const struct state *s, char *why,
    size_t why_size)
{
	int fd = open_credential();
	bool credential = fd != -1;
	bool ok;

	if (fd == -1 && errno == ENOENT)
		fd = open_at(s->dir_fd, KEY_FILE);
	if (fd == -1 && errno != ENOENT) {
		snprintf(why, why_size, "cannot open " KEY_FILE ": %s",
		    strerror(errno));
		return false;
	}
	if (fd == -1 && s->has_database) {
		snprintf(why, why_size,
		    "%s/" KEY_FILE " is missing, without which no key of the "
		    "database beside it can be verified; restore it",
		    s->dir);
		return false;
	}
	if (fd == -1)
		return make_key(k, s, why, why_size);
	ok = read_key(k, fd, credential, why, why_size);
	close(fd);
	return ok;
}

struct secret *
secret_open(const struct state *s, char *why, size_t why_size)
{
	struct secret *k = sodium_malloc(sizeof(*k));

	if (k == NULL) {
		snprintf(why, why_size, "no memory for the hash key");
		return NULL;
	}
	if (!read_or_make(k, s, why, why_size)) {
		sodium_free(k);
		return NULL;
	}
	derive(k);
	sodium_mprotect_readonly(k);
	return k;
}

struct secret *
secret_of(const uint8_t key[HASH_KEY_SIZE])
{
	struct secret *k = sodium_malloc(sizeof(*k));

	if (k == NULL)
		return NULL;
	memcpy(k->hash_key, key, HASH_KEY_SIZE);
	derive(k);
	return k;
}

void
secret_close(struct secret *k)
{
	sodium_free(k);
}

void
secret_hash(const struct secret *k, const uint8_t digest[32],
    uint8_t hash[STORED_HASH_SIZE])
{
	crypto_generichash(hash, STORED_HASH_SIZE, digest, 32, k->hash_key,
	    HASH_KEY_SIZE);
}

void
secret_mac(const struct secret *k, struct span bytes, uint8_t mac[MAC_SIZE])
{
	crypto_shorthash_siphashx24(mac, bytes.ptr, bytes.len, k->mac_key);
}

static void
chain(const uint8_t key[crypto_generichash_KEYBYTES], struct span before,
    struct span bytes, uint8_t hash[CHAIN_SIZE])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, key, crypto_generichash_KEYBYTES,
	    CHAIN_SIZE);
	crypto_generichash_update(&state, before.ptr, before.len);
	crypto_generichash_update(&state, bytes.ptr, bytes.len);
	crypto_generichash_final(&state, hash, CHAIN_SIZE);
}

void
secret_chain(const struct secret *k, struct span before, struct span bytes,
    uint8_t hash[CHAIN_SIZE])
{
	chain(k->chain_key, before, bytes, hash);
}

void
secret_backup(const struct secret *k, struct span before, struct span bytes,
    uint8_t hash[CHAIN_SIZE])
{
	chain(k->backup_key, before, bytes, hash);
}

uint64_t
secret_round(const struct secret *k, struct span bytes)
{
	uint8_t hash[crypto_shorthash_BYTES];
	struct wire_reader r;

	crypto_shorthash(hash, bytes.ptr, bytes.len, k->id_key);
	r = wire_reader(hash, sizeof(hash));
	return wire_get_u64(&r);
}

const uint8_t *
secret_check(const struct secret *k)
{
	return k->check;
}
