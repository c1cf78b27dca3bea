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

static uint8_t first[FRAME_MAX], second[FRAME_MAX];

static size_t
copy(uint8_t *buf, const struct request *req)
{
	struct wire_writer w = wire_writer(buf, FRAME_MAX);

	request_encode(&w, req, 7);
	MUST(wire_fits(&w));
	return wire_length(&w);
}

/* All but its optional fields stands as it was written. */
static void
check_fixed(const struct request *req, struct span body)
{
	struct request bare = *req;
	size_t len;

	if (bare.type == FRAME_HELLO) {
		bare.hello.page = false;
		bare.hello.prefix[0] = '\0';
	}
	if (bare.type == FRAME_VERIFY)
		bare.verify.lease.wanted = bare.verify.details = false;
	len = copy(first, &bare) - FRAME_HEADER;
	MUST(len <= body.len);
	MUST(memcmp(first + FRAME_HEADER, body.ptr, len) == 0);
}

/* A body after the byte that is its type. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
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
	check_fixed(&req, f.body);
	len = copy(first, &req);
	MUST(frame_parse((struct span){ first, len }, &f) == FRAME_WHOLE);
	MUST(request_decode(&req, &f));
	MUST(copy(second, &req) == len);
	MUST(memcmp(first, second, len) == 0);
	return 0;
}
