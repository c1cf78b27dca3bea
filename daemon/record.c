/* SPDX-License-Identifier: ISC */
#include "record.h"

size_t
record_encode(const struct record *rec, uint8_t *bytes, size_t cap)
{
	struct wire_writer w = wire_writer(bytes, cap);

	wire_put_u8(&w, RECORD_VERSION);
	wire_put_bytes(&w, rec->hash, sizeof(rec->hash));
	key_put(&w, &rec->key);
	return wire_fits(&w) ? wire_length(&w) : 0;
}

bool
record_decode(struct record *rec, struct span bytes)
{
	struct wire_reader r = wire_reader(bytes.ptr, bytes.len);

	if (wire_get_u8(&r) != RECORD_VERSION)
		return false;
	wire_get_bytes(&r, rec->hash, sizeof(rec->hash));
	key_get(&r, &rec->key);
	return wire_done(&r);
}
