/* SPDX-License-Identifier: ISC */
#include "use_rows.h"
#include "last_restore.h"
#include "usage.h"

#define LAST "uses" /* in META: the number of the last batch */

void
use_rows_begin(struct wire_writer *w, uint64_t number)
{
	wire_put_u64(w, number);
}

void
use_rows_put(struct wire_writer *w, uint64_t serial, const struct usage *uses)
{
	wire_put_u64(w, serial);
	usage_put(w, uses);
}

uint64_t
use_rows_number(struct span rows)
{
	struct wire_reader r = wire_reader(rows.ptr, rows.len);

	return wire_get_u64(&r);
}

struct wire_reader
use_rows_reader(struct span rows)
{
	return wire_reader(rows.ptr + USE_ROWS_HEAD, rows.len - USE_ROWS_HEAD);
}

bool
use_rows_next(struct wire_reader *r, uint64_t *serial, struct usage *uses)
{
	if (wire_done(r) || r->bad)
		return false;
	*serial = wire_get_u64(r);
	usage_get(r, uses);
	return !r->bad;
}

/* The reader is at the row of this place. */
static uint64_t
serial_at(struct span rows, size_t place, struct wire_reader *r)
{
	size_t at = USE_ROWS_HEAD + place * USE_ROW;

	*r = wire_reader(rows.ptr + at, USE_ROW);
	return wire_get_u64(r);
}

bool
use_rows_find(struct span rows, uint64_t serial, struct usage *uses)
{
	size_t low = 0, high = (rows.len - USE_ROWS_HEAD) / USE_ROW;
	struct wire_reader r;

	while (low < high) {
		size_t middle = (low + high) / 2;
		uint64_t found = serial_at(rows, middle, &r);

		if (found == serial) {
			usage_get(&r, uses);
			return true;
		}
		if (found < serial)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

uint64_t
use_rows_last(struct store_txn *t)
{
	uint64_t number;

	if (store_get_number(t, TABLE_META, text_span(LAST), &number) !=
	    STORE_OK)
		return 0;
	return number;
}

static enum store_status
add(struct store_txn *t, uint64_t serial, const struct usage *more)
{
	struct usage stored;
	enum store_status rc = usage_load(t, serial, &stored);

	if (rc != STORE_OK)
		return rc == STORE_DAMAGED ? STORE_OK : rc;
	usage_add(&stored, more);
	return usage_store(t, serial, &stored);
}

/* What was counted of keys from before a restore is of nobody any more. */
enum store_status
use_rows_write(struct store_txn *t, struct span rows)
{
	struct wire_reader r = use_rows_reader(rows);
	enum store_status rc = store_put_number(t, TABLE_META, text_span(LAST),
	    use_rows_number(rows));
	struct last_restore last;
	struct usage more;
	uint64_t serial;

	if (rc == STORE_OK)
		rc = last_restore_get(t, &last);
	while (rc == STORE_OK && use_rows_next(&r, &serial, &more))
		if (serial > last.behind)
			rc = add(t, serial, &more);
	return rc;
}
