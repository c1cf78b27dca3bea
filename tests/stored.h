/* SPDX-License-Identifier: ISC */
/*
 * stored.h - a store for each test, and values put and got as texts.
 *
 * For a test program of one source: each has its own.
 */
#ifndef KEYD_TESTS_STORED_H
#define KEYD_TESTS_STORED_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "exact.h"
#include "schema.h"
#include "scratch.h"

static const enum table sealed[] = { TABLE_ORGS, TABLE_MEMBERS, TABLE_KEYS };
static const enum table bare[] = { TABLE_META, TABLE_HASHES, TABLE_IDS,
	TABLE_NAMES, TABLE_OWNERS };

#define SEALED ((int)(sizeof(sealed) / sizeof(sealed[0])))
#define BARE ((int)(sizeof(bare) / sizeof(bare[0])))

static struct scratch s;

static inline void
set_up(void)
{
	scratch_open(&s);
}

static inline void
tear_down(void)
{
	scratch_close(&s);
}

/* Puts from exact copies, so that one byte more is seen. */
static inline enum store_status
put(struct store_txn *t, enum table table, const char *key, const char *value)
{
	uint8_t *k = exact_copy(key, strlen(key));
	uint8_t *v = exact_copy(value, strlen(value));
	enum store_status rc = store_put(t, table,
	    (struct span){ k, strlen(key) }, (struct span){ v, strlen(value) });

	free(k);
	free(v);
	return rc;
}

static inline void
put_now(enum table table, const char *key, const char *value)
{
	struct store_txn *t = scratch_begin(&s);

	ck_assert_int_eq(put(t, table, key, value), STORE_OK);
	scratch_commit(t);
}

static inline void
ck_value(struct store_txn *t, enum table table, const char *key,
    const char *value)
{
	struct span got;

	ck_assert_int_eq(store_get(t, table, text_span(key), &got), STORE_OK);
	ck_assert_uint_eq(got.len, strlen(value));
	ck_assert_mem_eq(got.ptr, value, got.len);
}

static inline void
ck_none(struct store_txn *t, enum table table, const char *key)
{
	struct span got;

	ck_assert_int_eq(store_get(t, table, text_span(key), &got), STORE_NONE);
}

static inline bool
count_step(void *arg, struct span key, struct span value)
{
	unsigned *count = arg;

	(void)key;
	(void)value;
	(*count)++;
	return true;
}

#endif /* KEYD_TESTS_STORED_H */
