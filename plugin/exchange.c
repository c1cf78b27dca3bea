/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "client.h"
#include "exchange.h"

/* One request under way. */
struct turn {
	struct line *line;
	struct reply *rep;
	int64_t deadline;
	uint8_t want;
	size_t have; /* bytes of the answer */
	bool sent;
	char *why;
};

enum keyd_status
client_error_status(uint8_t error_code)
{
	switch (error_code) {
	case ERROR_BUSY:
		return KEYD_EBUSY;
	case ERROR_TIMEOUT:
		return KEYD_ETIMEOUT;
	case ERROR_DENIED:
		return KEYD_EDENIED;
	case ERROR_INVALID:
		return KEYD_EINVAL;
	case ERROR_NOT_FOUND:
		return KEYD_ENOTFOUND;
	case ERROR_EXISTS:
		return KEYD_EEXIST;
	case ERROR_PERMISSION:
		return KEYD_EPERMISSION;
	case ERROR_STORE:
		return KEYD_ESTORE;
	case ERROR_OUTCOME:
		return KEYD_EOUTCOME;
	default: /* a fault of ours, or a code of a later version */
		return KEYD_EPROTOCOL;
	}
}

enum keyd_status
exchange_status(int e)
{
	switch (e) {
	case ETIMEDOUT:
		return KEYD_ETIMEOUT;
	case ENOMEM:
	case ENOBUFS:
		return KEYD_ENOMEM;
	default:
		return KEYD_EUNAVAILABLE;
	}
}

static void
explain(char *why, const char *sentence)
{
	if (why != NULL)
		snprintf(why, MESSAGE_SIZE, "%s", sentence);
}

const char *
exchange_sentence(int e)
{
	switch (e) {
	case ETIMEDOUT:
		return "keyd did not answer in time";
	case ESTALE:
	case EBADF:
		return "this program closed the connection to keyd";
	case EPIPE:
	case ECONNRESET:
		return "keyd closed the connection";
	default:
		return strerrordesc_np(e);
	}
}

static enum keyd_status
broken(struct turn *t, enum keyd_status status, const char *sentence)
{
	t->line->broken = true;
	explain(t->why, sentence);
	return status;
}

static enum keyd_status
failed(struct turn *t, int e)
{
	return broken(t, exchange_status(e), exchange_sentence(e));
}

static enum keyd_status
error_answer(struct turn *t, const struct frame *f)
{
	enum keyd_status status;

	if (!reply_decode(t->rep, f)) {
		t->rep->type = 0;
		return broken(t, KEYD_EPROTOCOL,
		    "keyd sent an error that is not the protocol");
	}
	status = client_error_status(t->rep->error.code);
	if (f->id == 0 || status == KEYD_EPROTOCOL || status == KEYD_ETIMEOUT)
		t->line->broken = true;
	explain(t->why,
	    t->rep->error.message[0] != '\0' ? t->rep->error.message
					     : keyd_strerror(status));
	return status;
}

/* Type, version and id are known to be right before the body is looked at. */
static enum keyd_status
answer(struct turn *t, const struct frame *f)
{
	bool ours = f->id == t->line->last_id;

	if (frame_size(f) != t->have)
		return broken(t, KEYD_EPROTOCOL, "keyd sent too many bytes");
	if (f->type == FRAME_ERROR && (ours || f->id == 0))
		return error_answer(t, f);
	if (f->major != PROTOCOL_MAJOR)
		return broken(t, KEYD_EPROTOCOL,
		    "keyd speaks another version of the protocol");
	if (!ours || f->type != t->want)
		return broken(t, KEYD_EPROTOCOL,
		    "keyd answered another request");
	if (!reply_decode(t->rep, f)) {
		t->rep->type = 0;
		return broken(t, KEYD_EPROTOCOL,
		    "keyd sent an answer that is not the protocol");
	}
	return KEYD_OK;
}

/*
 * The kernel says ECONNRESET, once all that was sent to us is read, only if
 * keyd closed with bytes of ours unread: it never had the whole request.
 */
static enum keyd_status
lost(struct turn *t, ssize_t n)
{
	if (n == 0)
		return broken(t, KEYD_EUNAVAILABLE,
		    "keyd closed the connection");
	if (errno == ECONNRESET && t->have == 0)
		t->sent = false;
	return failed(t, errno);
}

static ssize_t
receive_some(struct turn *t)
{
	struct line *l = t->line;
	uint8_t *to = l->in + t->have;
	size_t room = sizeof(l->in) - t->have;

	if (!l->expects)
		return stream_receive(&l->stream, to, room, t->deadline);
	return stream_receive_passed(&l->stream, to, room, t->deadline,
	    &l->passed);
}

static enum keyd_status
receive(struct turn *t)
{
	struct line *l = t->line;
	struct frame f;

	for (;;) {
		ssize_t n = receive_some(t);

		if (n <= 0)
			return lost(t, n);
		t->have += (size_t)n;
		switch (frame_parse((struct span){ l->in, t->have }, &f)) {
		case FRAME_WHOLE:
			return answer(t, &f);
		case FRAME_TOO_LARGE:
			return broken(t, KEYD_EPROTOCOL,
			    "keyd sent a frame that is too large");
		case FRAME_PARTIAL:
			break;
		}
	}
}

/* keyd may have said why before it closed, to one client too many say. */
static enum keyd_status
refused(struct turn *t, int e)
{
	enum keyd_status status;

	if (e == EPIPE || e == ECONNRESET) {
		status = receive(t);
		if (t->rep->type == FRAME_ERROR)
			return broken(t, status, t->rep->error.message);
	}
	t->rep->type = 0;
	return failed(t, e);
}

static enum keyd_status
put_and_send(struct turn *t, const struct request *req)
{
	struct line *l = t->line;
	struct wire_writer w = wire_writer(l->out, sizeof(l->out));
	int e = 0;

	request_encode(&w, req, l->last_id);
	if (!wire_fits(&w)) {
		sodium_memzero(l->out, sizeof(l->out));
		explain(t->why, "the request is too large");
		return KEYD_EINVAL;
	}
	if (stream_send(&l->stream, l->out, wire_length(&w), t->deadline) != 0)
		e = errno;
	sodium_memzero(l->out, wire_length(&w));
	return e == 0 ? KEYD_OK : refused(t, e);
}

bool
exchange_tell(struct line *l, const struct request *req)
{
	struct wire_writer w = wire_writer(l->out, sizeof(l->out));

	request_encode(&w, req, ++l->last_id);
	l->broken = true;
	return wire_fits(&w) &&
	    stream_try_send(&l->stream, l->out, wire_length(&w)) ==
	    (ssize_t)wire_length(&w);
}

enum keyd_status
exchange(struct line *l, const struct request *req, struct reply *rep,
    int64_t deadline, bool *sent, char *why)
{
	struct turn t = { .line = l, .rep = rep, .deadline = deadline };
	enum keyd_status status;

	t.why = why;
	t.want = (uint8_t)(req->type | FRAME_ANSWER);
	*sent = false;
	rep->type = 0;
	if (l->broken)
		return broken(&t, KEYD_EUNAVAILABLE,
		    "the connection to keyd has ended");
	if (++l->last_id == 0)
		l->last_id = 1;
	if ((status = put_and_send(&t, req)) != KEYD_OK)
		return status;
	t.sent = true;
	status = receive(&t);
	*sent = t.sent;
	return status;
}
