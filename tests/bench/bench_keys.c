/* SPDX-License-Identifier: ISC */
/*
 * Writes the first so many keys of mint.h as keyd's and its peers' ways in take
 * them.
 *
 *   bench_keys import | redis | memcached | postgres COUNT
 */
#include <err.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "mint.h"
#include "peer_value.h"

struct entry {
	uint64_t number;
	struct mint_digest key;
	char hex[2 * DIGEST_SIZE + 1];
	char value[PEER_VALUE + 1];
};

/* A file of keydctl import. */
static void
put_import(const struct entry *e)
{
	printf("{\"hash\":\"%s\",\"org\":\"bench\",\"user\":\"bench\","
	       "\"name\":\"key-%08lu\"}\n",
	    e->hex, (unsigned long)e->number);
}

static void
put_redis(const struct entry *e)
{
	printf("*3\r\n$3\r\nSET\r\n$%d\r\n", DIGEST_SIZE);
	fwrite(e->key.bytes, 1, sizeof(e->key.bytes), stdout);
	printf("\r\n$%d\r\n%s\r\n", PEER_VALUE, e->value);
}

static void
put_memcached(const struct entry *e)
{
	printf("set %s 0 0 %d noreply\r\n%s\r\n", e->hex, PEER_VALUE, e->value);
}

/* What COPY reads. */
static void
put_postgres(const struct entry *e)
{
	printf("\\\\x%s\t%s\n", e->hex, e->value);
}

static const struct format {
	const char *name;
	void (*put)(const struct entry *e);
} formats[] = {
	{ "import", put_import },
	{ "redis", put_redis },
	{ "memcached", put_memcached },
	{ "postgres", put_postgres },
};

static const struct format *
find(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	errx(2, "%s is no format", name);
}

int
main(int argc, char **argv)
{
	const struct format *f;
	struct entry e = { 0 };
	uint64_t count;

	if (argc != 3)
		errx(2, "usage: bench_keys FORMAT COUNT");
	f = find(argv[1]);
	count = bench_number(argv[2], MINT_MAX, "keys");
	for (e.number = 0; e.number < count; e.number++) {
		mint_digest(e.number, &e.key);
		peer_hex(&e.key, e.hex);
		peer_value(e.number, e.value);
		f->put(&e);
	}
	if (fflush(stdout) != 0)
		err(1, "standard output");
	return 0;
}
