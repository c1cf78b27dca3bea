/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "client.h"
#include "lane.h"
#include "trust.h"

void
lane_init(struct lane *l)
{
	memset(l, 0, sizeof(*l));
	l->stream.fd = -1;
	l->passed = -1;
}

int
lane_open(struct lane *l, const char *runtime_dir)
{
	struct sockaddr_un to;
	struct request req;
	uid_t peer;

	if (client_address(&to, runtime_dir, CLIENT_VERIFY, NULL) != KEYD_OK) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (stream_try_open(&l->stream, &to) != 0)
		return -1;
	if (!trust_peer(l->stream.fd, runtime_dir, &peer)) {
		lane_close(l);
		errno = EACCES;
		return -1;
	}
	l->state = LANE_GREETING;
	client_hello(&req, true);
	(void)lane_put(l, &req);
	return lane_flush(l);
}

void
lane_close(struct lane *l)
{
	int saved = errno;

	stream_close(&l->stream);
	if (l->passed != -1)
		close(l->passed);
	sodium_memzero(l->out, sizeof(l->out));
	lane_init(l);
	errno = saved;
}

static void
pack(struct lane *l)
{
	if (l->out_start == 0)
		return;
	memmove(l->out, l->out + l->out_start, l->out_end - l->out_start);
	l->out_end -= l->out_start;
	l->out_start = 0;
}

uint32_t
lane_put(struct lane *l, const struct request *req)
{
	struct wire_writer w;

	pack(l);
	w = wire_writer(l->out + l->out_end, sizeof(l->out) - l->out_end);
	if (++l->last_id == 0)
		l->last_id = 1;
	request_encode(&w, req, l->last_id);
	if (!wire_fits(&w))
		return 0;
	l->out_end += wire_length(&w);
	l->put += wire_length(&w);
	return l->last_id;
}

int
lane_flush(struct lane *l)
{
	while (l->out_start < l->out_end) {
		ssize_t n = stream_try_send(&l->stream, l->out + l->out_start,
		    l->out_end - l->out_start);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -1;
		sodium_memzero(l->out + l->out_start, (size_t)n);
		l->out_start += (size_t)n;
		l->sent += (uint64_t)n;
	}
	return 0;
}

bool
lane_wants_write(const struct lane *l)
{
	return l->out_start < l->out_end;
}

ssize_t
lane_receive(struct lane *l)
{
	ssize_t n;

	memmove(l->in, l->in + l->in_start, l->in_end - l->in_start);
	l->in_end -= l->in_start;
	l->in_start = 0;
	do
		n = stream_try_receive(&l->stream, l->in + l->in_end,
		    sizeof(l->in) - l->in_end, &l->passed);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		l->in_end += (size_t)n;
	return n;
}

enum frame_state
lane_next(struct lane *l, struct frame *f)
{
	struct span s = { l->in + l->in_start, l->in_end - l->in_start };
	enum frame_state state = frame_parse(s, f);

	if (state == FRAME_WHOLE)
		l->in_start += frame_size(f);
	return state;
}
