/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "fuzz.h"
#include "import.h"

#define ROW_MAX 2048 /* bytes */

/* A line of a file of keys.  What is taken goes through the protocol whole. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct import_row row, again;
	uint8_t bytes[ROW_MAX];
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));
	struct wire_reader r;
	char why[MESSAGE_SIZE];

	if (!import_parse((const char *)data, size, &row, why, sizeof(why))) {
		MUST(why[0] != '\0');
		return 0;
	}
	MUST(row.org[0] != '\0' || memmem(data, size, "org", 3) != NULL);
	import_row_put(&w, &row);
	MUST(wire_fits(&w));
	r = wire_reader(bytes, wire_length(&w));
	import_row_get(&r, &again);
	MUST(wire_done(&r));
	MUST(strcmp(row.name, again.name) == 0);
	MUST(row.expires == again.expires);
	return 0;
}
