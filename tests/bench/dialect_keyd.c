/* SPDX-License-Identifier: ISC */
#include <err.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "dialect.h"
#include "frame.h"
#include "library.h"
#include "reply.h"
#include "request.h"

static uint8_t question[QUESTION_MAX];
static size_t question_len;

static size_t
encode(uint8_t *to, const struct request *req)
{
	struct wire_writer w = wire_writer(to, QUESTION_MAX);

	request_encode(&w, req, 1);
	if (!wire_fits(&w))
		errx(1, "a request is too large");
	return wire_length(&w);
}

static void
prepare(void)
{
	struct request req = { .type = FRAME_VERIFY };

	snprintf(req.verify.permission, sizeof(req.verify.permission), "%s",
	    BENCH_PERMISSION);
	question_len = encode(question, &req);
}

static size_t
whole(const uint8_t *from, size_t len, uint8_t type, struct frame *f)
{
	enum frame_state state = frame_parse((struct span){ from, len }, f);

	if (state == FRAME_PARTIAL)
		return 0;
	if (state != FRAME_WHOLE || f->type != (type | FRAME_ANSWER))
		errx(1, "keyd refuses a request of type %u", type);
	return frame_size(f);
}

static void
greet(int fd)
{
	struct request req = { .type = FRAME_HELLO,
		.hello = { .lowest = PROTOCOL_MAJOR,
		    .highest = PROTOCOL_MAJOR,
		    .software = "bench" } };
	uint8_t bytes[QUESTION_MAX];
	struct frame f;

	dialect_say(fd, bytes, encode(bytes, &req));
	if (whole(bytes, dialect_hear(fd, bytes, sizeof(bytes)), FRAME_HELLO,
		&f) == 0)
		errx(1, "half a welcome");
	prepare();
}

/* The digest is the first field. */
static size_t
ask(uint8_t *to, const struct mint_digest *key)
{
	memcpy(to, question, question_len);
	memcpy(to + FRAME_HEADER, key->bytes, sizeof(key->bytes));
	return question_len;
}

/* And the verdict's code is the first of the answer. */
static size_t
take(const uint8_t *from, size_t len)
{
	struct frame f;
	size_t n = whole(from, len, FRAME_VERIFY, &f);

	if (n != 0 && (f.body.len == 0 || f.body.ptr[0] != VERDICT_OK))
		errx(1, "keyd refuses a key");
	return n;
}

size_t
dialect_keyd_answer(int fd, uint8_t *to, size_t size)
{
	uint8_t bytes[QUESTION_MAX];
	struct mint_digest key;
	size_t len, n;

	mint_digest(0, &key);
	len = ask(bytes, &key);
	dialect_say(fd, bytes, len);
	n = dialect_hear(fd, to, size);
	if (take(to, n) != n)
		errx(1, "half an answer");
	dialect_echo_like(len, n);
	return n;
}

const struct dialect dialect_keyd = { "keyd", greet, ask, take };
