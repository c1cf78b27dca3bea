/* SPDX-License-Identifier: ISC */
#include "record.h"

size_t
record_encode(const struct record *rec, uint8_t *bytes, size_t cap)
{
	struct wire_writer w = wire_writer(bytes, cap);

	wire_put_u8(&w, RECORD_VERSION);
	wire_put_bytes(&w, rec->hash, sizeof(rec->hash));
	wire_put_u64(&w, rec->import);
	key_put(&w, &rec->key);
	return wire_fits(&w) ? wire_length(&w) : 0;
}

bool
record_decode(struct record *rec, struct span bytes)
{
	struct wire_reader r = wire_reader(bytes.ptr, bytes.len);

	uint8_t version = wire_get_u8(&r);

	wire_get_bytes(&r, rec->hash, sizeof(rec->hash));
	switch (version) {
	case RECORD_VERSION:
		rec->import = wire_get_u64(&r);
		key_get(&r, &rec->key);
		break;
	case RECORD_VERSION_FIRST:
		rec->import = 0;
		key_get_unlinked(&r, &rec->key);
		rec->key.rotated_from[0] = rec->key.rotated_to[0] = '\0';
		break;
	default:
		return false;
	}
	return wire_done(&r);
}
