/* SPDX-License-Identifier: ISC */

#include "last_backup.h"

#define LAST_BACKUP_VERSION 1
#define VALUE_MAX 64 /* bytes; it takes 57 */

enum store_status
last_backup_get(struct store_txn *t, struct last_backup *b)
{
	struct wire_reader r;
	struct span value;
	enum store_status rc =
	    store_get(t, TABLE_META, text_span(LAST_BACKUP), &value);

	*b = (struct last_backup){ 0 };
	if (rc != STORE_OK)
		return rc == STORE_NONE ? STORE_OK : rc;
	r = wire_reader(value.ptr, value.len);
	if (wire_get_u8(&r) != LAST_BACKUP_VERSION)
		return STORE_DAMAGED;
	b->made = wire_get_time(&r);
	b->keys = wire_get_u64(&r);
	b->size = wire_get_u64(&r);
	wire_get_bytes(&r, b->hash, sizeof(b->hash));
	return wire_done(&r) ? STORE_OK : STORE_DAMAGED;
}

enum store_status
last_backup_put(struct store_txn *t, const struct last_backup *b)
{
	uint8_t bytes[VALUE_MAX];
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));

	wire_put_u8(&w, LAST_BACKUP_VERSION);
	wire_put_time(&w, b->made);
	wire_put_u64(&w, b->keys);
	wire_put_u64(&w, b->size);
	wire_put_bytes(&w, b->hash, sizeof(b->hash));
	return store_put(t, TABLE_META, text_span(LAST_BACKUP),
	    (struct span){ bytes, wire_length(&w) });
}
