/* SPDX-License-Identifier: ISC */

#include "last_restore.h"

#define LAST_RESTORE_VERSION 1
#define VALUE_MAX 128 /* bytes; it takes 65 */

enum store_status
last_restore_get(struct store_txn *t, struct last_restore *last)
{
	struct wire_reader r;
	struct span value;
	enum store_status rc =
	    store_get(t, TABLE_META, text_span(LAST_RESTORE), &value);

	*last = (struct last_restore){ .made = 0 };
	if (rc != STORE_OK)
		return rc == STORE_NONE ? STORE_OK : rc;
	r = wire_reader(value.ptr, value.len);
	if (wire_get_u8(&r) != LAST_RESTORE_VERSION)
		return STORE_DAMAGED;
	wire_get_bytes(&r, last->mark, sizeof(last->mark));
	last->made = wire_get_time(&r);
	last->keys = wire_get_u64(&r);
	last->present = wire_get_u64(&r);
	last->known = wire_get_u64(&r);
	last->back = wire_get_u64(&r);
	last->behind = wire_get_u64(&r);
	return wire_done(&r) ? STORE_OK : STORE_DAMAGED;
}

enum store_status
last_restore_put(struct store_txn *t, const struct last_restore *last)
{
	uint8_t bytes[VALUE_MAX];
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));

	wire_put_u8(&w, LAST_RESTORE_VERSION);
	wire_put_bytes(&w, last->mark, sizeof(last->mark));
	wire_put_time(&w, last->made);
	wire_put_u64(&w, last->keys);
	wire_put_u64(&w, last->present);
	wire_put_u64(&w, last->known);
	wire_put_u64(&w, last->back);
	wire_put_u64(&w, last->behind);
	return store_put(t, TABLE_META, text_span(LAST_RESTORE),
	    (struct span){ bytes, wire_length(&w) });
}
