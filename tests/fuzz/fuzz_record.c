/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "fuzz.h"
#include "record.h"

/* The bytes of a record.  What is read is written again as it was, and cut
   short it is no record. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t bytes[RECORD_MAX];
	struct record rec, cut;

	if (!record_decode(&rec, (struct span){ data, size }))
		return 0;
	MUST(record_encode(&rec, bytes, sizeof(bytes)) == size);
	MUST(memcmp(bytes, data, size) == 0);
	MUST(!record_decode(&cut, (struct span){ data, size - 1 }));
	MUST(record_encode(&rec, bytes, size - 1) == 0);
	return 0;
}
