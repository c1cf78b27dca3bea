/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "frame.h"
#include "fuzz.h"

/* A frame that is there is written again as it was, but for what is
   reserved; and without its last byte it is not there yet. */
static void
check_whole(struct span rest, const struct frame *f)
{
	static uint8_t buf[FRAME_MAX];
	struct wire_writer w = wire_writer(buf, sizeof(buf));
	struct frame partial;
	size_t size = frame_size(f);

	MUST(size >= FRAME_HEADER && size <= FRAME_MAX && size <= rest.len);
	MUST(f->body.ptr == rest.ptr + FRAME_HEADER);
	frame_begin(&w, f->major, f->type, f->id);
	wire_put_bytes(&w, f->body.ptr, f->body.len);
	frame_end(&w, 0);
	MUST(wire_fits(&w) && wire_length(&w) == size);
	MUST(memcmp(buf, rest.ptr, 6) == 0);
	MUST(memcmp(buf + 8, rest.ptr + 8, size - 8) == 0);
	MUST(frame_parse((struct span){ rest.ptr, size - 1 }, &partial) ==
	    FRAME_PARTIAL);
}

/* A stream of frames, as a connection reads it. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = { data, size };
	struct frame f;

	while (frame_parse(rest, &f) == FRAME_WHOLE) {
		check_whole(rest, &f);
		rest.ptr += frame_size(&f);
		rest.len -= frame_size(&f);
	}
	return 0;
}
