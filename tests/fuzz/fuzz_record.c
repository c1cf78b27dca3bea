/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "fuzz.h"
#include "record.h"

/* The bytes of a record.  What is read is written again as it was, but for the
   first version, which becomes the present one; and cut short it is no
   record. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t bytes[RECORD_MAX];
	struct record rec, cut;
	size_t len;

	if (!record_decode(&rec, (struct span){ data, size }))
		return 0;
	MUST(!record_decode(&cut, (struct span){ data, size - 1 }));
	len = record_encode(&rec, bytes, sizeof(bytes));
	MUST(record_encode(&rec, bytes, len - 1) == 0);
	if (data[0] == RECORD_VERSION_FIRST)
		return 0;
	MUST(len == size);
	MUST(record_encode(&rec, bytes, sizeof(bytes)) == len);
	MUST(memcmp(bytes, data, size) == 0);
	return 0;
}
