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
	uint8_t want; /* the type of its answer, and its id */
	uint32_t id;
	bool first; /* another request went with it: more may follow */
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
	bool ours = f->id == t->id;

	if (frame_size(f) != t->line->have && !t->first)
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
	if (errno == ECONNRESET && t->line->have == 0)
		t->sent = false;
	return failed(t, errno);
}

static ssize_t
receive_some(struct turn *t)
{
	struct line *l = t->line;
	uint8_t *to = l->in + l->have;
	size_t room = sizeof(l->in) - l->have;

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
		ssize_t n;

		switch (frame_parse((struct span){ l->in, l->have }, &f)) {
		case FRAME_WHOLE:
			l->answer = frame_size(&f);
			return answer(t, &f);
		case FRAME_TOO_LARGE:
			return broken(t, KEYD_EPROTOCOL,
			    "keyd sent a frame that is too large");
		case FRAME_PARTIAL:
			break;
		}
		if ((n = receive_some(t)) <= 0)
			return lost(t, n);
		l->have += (size_t)n;
	}
}

/* What follows the answer that was looked at is the next one's. */
static void
forget_answer(struct line *l)
{
	l->have -= l->answer;
	memmove(l->in, l->in + l->answer, l->have);
	l->answer = 0;
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

static bool
put(struct turn *t, const struct request *req)
{
	struct line *l = t->line;
	size_t room = sizeof(l->out) - l->put;
	struct wire_writer w =
	    wire_writer(l->out + l->put, room < FRAME_MAX ? room : FRAME_MAX);

	if (++l->last_id == 0)
		l->last_id = 1;
	t->want = (uint8_t)(req->type | FRAME_ANSWER);
	t->id = l->last_id;
	t->rep->type = 0;
	request_encode(&w, req, t->id);
	if (!wire_fits(&w))
		return false;
	l->put += wire_length(&w);
	return true;
}

static void
wipe(struct line *l)
{
	sodium_memzero(l->out, l->put);
	l->put = 0;
}

static enum keyd_status
send_put(struct turn *t)
{
	struct line *l = t->line;
	int e = 0;

	if (stream_send(&l->stream, l->out, l->put, t->deadline) != 0)
		e = errno;
	wipe(l);
	t->sent = e == 0;
	if (e != 0)
		return refused(t, e);
	if (l->last) {
		stream_end(&l->stream);
		l->broken = true;
	}
	return KEYD_OK;
}

static enum keyd_status
too_large(struct turn *t)
{
	sodium_memzero(t->line->out, sizeof(t->line->out));
	t->line->put = 0;
	explain(t->why, "the request is too large");
	return KEYD_EINVAL;
}

bool
exchange_tell(struct line *l, const struct request *req)
{
	struct reply unused;
	struct turn t = { .line = l, .rep = &unused };
	bool told;

	l->broken = true;
	if (!put(&t, req))
		return false;
	told = stream_try_send(&l->stream, l->out, l->put) == (ssize_t)l->put;
	wipe(l);
	return told;
}

enum keyd_status
exchange(struct line *l, const struct request *req, struct reply *rep,
    int64_t deadline, bool *sent, char *why)
{
	struct turn t = { .line = l,
		.rep = rep,
		.deadline = deadline,
		.why = why };
	enum keyd_status status;

	*sent = false;
	rep->type = 0;
	if (l->broken)
		return broken(&t, KEYD_EUNAVAILABLE,
		    "the connection to keyd has ended");
	if (!put(&t, req))
		return too_large(&t);
	forget_answer(l);
	if ((status = send_put(&t)) == KEYD_OK)
		status = receive(&t);
	*sent = t.sent;
	return status;
}

enum keyd_status
exchange_greeting(struct line *l, const struct greeting *g,
    const struct request *req, struct reply *rep, int64_t deadline, bool *sent,
    char *why)
{
	struct turn first = { .line = l,
		.rep = g->welcome,
		.deadline = deadline,
		.first = true,
		.sent = true,
		.why = why };
	struct turn t = { .line = l,
		.rep = rep,
		.deadline = deadline,
		.why = why };
	enum keyd_status status;

	*sent = false;
	if (!put(&first, g->hello) || !put(&t, req))
		return too_large(&t);
	if ((status = send_put(&t)) == KEYD_OK &&
	    (status = receive(&first)) == KEYD_OK) {
		forget_answer(l);
		status = receive(&t);
	} else if (g->welcome->type == FRAME_ERROR) {
		*rep = *g->welcome;
		l->broken = true;
	}
	*sent = t.sent && first.sent;
	return status;
}
