/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "fuzz.h"
#include "request.h"

/* The rows of an import, as keyd reads them. */
static void
read_rows(const struct request_import *q)
{
	struct wire_reader r = wire_reader(q->rows.ptr, q->rows.len);
	struct import_row row;

	for (uint16_t i = 0; i < q->count && !r.bad; i++) {
		import_row_get(&r, &row);
		MUST(memchr(row.project, '\0', sizeof(row.project)) != NULL);
	}
}

/* A body after the byte that is its type.  What is read is written again as
   it was, up to its optional fields. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t buf[FRAME_MAX];
	struct wire_writer w = wire_writer(buf, sizeof(buf));
	struct request req;
	struct frame f;
	size_t len;

	if (size < 1 || size > FRAME_MAX - FRAME_HEADER)
		return 0;
	f = (struct frame){ 1, data[0], 7, { data + 1, size - 1 } };
	if (!request_decode(&req, &f))
		return 0;
	if (req.type == FRAME_IMPORT_ROWS)
		read_rows(&req.import);
	request_encode(&w, &req, f.id);
	MUST(wire_fits(&w));
	len = wire_length(&w) - FRAME_HEADER;
	MUST(len <= f.body.len);
	MUST(memcmp(buf + FRAME_HEADER, f.body.ptr, len) == 0);
	return 0;
}
