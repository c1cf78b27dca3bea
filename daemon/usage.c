/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "usage.h"

#define USAGE_VERSION 1
#define USAGE_MAX 64 /* bytes; it takes 41 */

struct place {
	uint8_t bytes[sizeof(uint64_t)];
};

static struct span
place_of(struct place *p, uint64_t serial)
{
	struct wire_writer w = wire_writer(p->bytes, sizeof(p->bytes));

	wire_put_u64(&w, serial);
	return (struct span){ p->bytes, sizeof(p->bytes) };
}

enum store_status
usage_load(struct store_txn *t, uint64_t serial, struct usage *u)
{
	struct place place;
	struct wire_reader r;
	struct span value;
	enum store_status rc;

	memset(u, 0, sizeof(*u));
	rc = store_get(t, TABLE_USAGE, place_of(&place, serial), &value);
	if (rc == STORE_NONE)
		return STORE_OK;
	if (rc != STORE_OK)
		return rc;
	r = wire_reader(value.ptr, value.len);
	if (wire_get_u8(&r) != USAGE_VERSION)
		return STORE_DAMAGED;
	usage_get(&r, u);
	return wire_done(&r) ? STORE_OK : STORE_DAMAGED;
}

enum store_status
usage_store(struct store_txn *t, uint64_t serial, const struct usage *u)
{
	uint8_t bytes[USAGE_MAX];
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));
	struct place place;

	wire_put_u8(&w, USAGE_VERSION);
	usage_put(&w, u);
	return store_put(t, TABLE_USAGE, place_of(&place, serial),
	    (struct span){ bytes, wire_length(&w) });
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void
usage_add(struct usage *total, const struct usage *more)
{
	if (total->first == 0)
		total->first = more->first;
	total->last = later(total->last, more->last);
	total->count += more->count;
	total->refused += more->refused;
	total->refused_last = later(total->refused_last, more->refused_last);
}
