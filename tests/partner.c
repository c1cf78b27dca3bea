/* SPDX-License-Identifier: ISC */
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <check.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "partner.h"

enum { WAKE, LISTENERS, FIRST = LISTENERS + 2, ALL = FIRST + PEER_CONNECTIONS };

/* In the peer's thread, which stays clear of Check's lock: a child that was
   forked meanwhile would wait for it for ever. */
static void
must(bool good)
{
	if (!good)
		abort();
}

static int
listen_at(const char *dir, const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s/%s", dir, name);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(fd, 64), 0);
	return fd;
}

static void
fill(struct peer *p, struct reply *rep, const struct request *req)
{
	memset(rep, 0, sizeof(*rep));
	rep->type = (uint8_t)(req->type | FRAME_ANSWER);
	switch (req->type) {
	case FRAME_HELLO:
		rep->welcome =
		    (struct reply_welcome){ .major = 1, .foreign = p->foreign };
		strcpy(rep->welcome.prefix, p->prefix);
		break;
	case FRAME_VERIFY:
		rep->verdict = (struct reply_verdict){
			.code = (uint8_t)p->verdict,
			.limit = 60,
			.remaining = 9,
			.reset = 10,
			.expires = 2000000000,
			.id = "key_0123456789abcdef",
			.org = "acme",
			.user = "alice",
			.name = "ci",
			.project = "demo",
		};
		break;
	case FRAME_CREATE:
		rep->created.key = (struct key_info){
			.id = "key_0123456789abcdef",
			.role = "editor",
			.permissions = "data:read tests:run",
			.created = 1700000000,
		};
		break;
	default:
		break;
	}
}

/* Two facts. */
static void
put_counts(struct wire_writer *w, uint32_t id)
{
	struct fact_row number = { .name = "orgs", .number = 7 };
	struct fact_row text = { .name = "version",
		.is_text = true,
		.text = "1.2" };
	struct page_writer page;

	page_begin(&page, w, FRAME_ANSWER | FRAME_COUNTS, id);
	page_row_begin(&page);
	fact_put(w, &number);
	must(page_row_end(&page));
	page_row_begin(&page);
	fact_put(w, &text);
	must(page_row_end(&page));
	page_end(&page, (struct span){ NULL, 0 });
}

/* The answer to a revoke of one key. */
static void
put_page(struct peer *p, struct wire_writer *w, uint32_t id)
{
	struct revoked_row row = { .revoked = 1700000000 };
	struct page_writer page;

	memcpy(row.id, p->ids, KEY_ID_LEN);
	page_begin(&page, w, FRAME_ANSWER | FRAME_REVOKE, id);
	page_row_begin(&page);
	revoked_put(w, &row);
	must(page_row_end(&page));
	page_end(&page, (struct span){ NULL, 0 });
}

static void
put_error(struct peer *p, struct wire_writer *w, uint32_t id)
{
	struct reply rep = { .type = FRAME_ERROR };

	rep.error.code = (uint8_t)p->code;
	rep.error.lowest = rep.error.highest = 2;
	rep.error.retry_after = (uint16_t)p->retry_after;
	strcpy(rep.error.message, "the peer says no");
	reply_encode(w, &rep, id);
}

static void
put_answer(struct peer *p, struct wire_writer *w, const struct request *req,
    uint32_t id)
{
	struct reply rep;

	if (req->type == FRAME_REVOKE) {
		put_page(p, w, id);
		return;
	}
	if (req->type == FRAME_COUNTS) {
		put_counts(w, id);
		return;
	}
	fill(p, &rep, req);
	reply_encode(w, &rep, id);
}

static void
say(int fd, const uint8_t *buf, size_t len)
{
	(void)!send(fd, buf, len, MSG_NOSIGNAL);
}

/* False: close the connection. */
static bool
behave(struct peer *p, enum manner m, int fd, const struct request *req,
    uint32_t id)
{
	uint8_t buf[FRAME_MAX + 1];
	struct wire_writer w = wire_writer(buf, sizeof(buf));
	size_t len;

	if (m == REFUSES || m == REFUSES_ALL)
		put_error(p, &w, m == REFUSES ? id : 0);
	else
		put_answer(p, &w, req, m == OTHER_ID ? id + 1 : id);
	must(wire_fits(&w));
	len = wire_length(&w);
	buf[len] = 0;
	switch (m) {
	case SILENT:
		return true;
	case CLOSES:
		return false;
	case CUTS:
		say(fd, buf, len - 1);
		return false;
	case DRIPS:
		for (size_t i = 0; i < len; i++, usleep(100))
			say(fd, buf + i, 1);
		return true;
	case ANNOUNCES:
		buf[0] = 1;
		break;
	case OTHER_TYPE:
		buf[5] = FRAME_ANSWER | FRAME_SHOW;
		break;
	case OTHER_MAJOR:
		buf[4] = 2;
		break;
	case ADDS_BYTE:
		len++;
		break;
	case LENGTHENS:
		buf[3]++;
		len++;
		break;
	default:
		break;
	}
	say(fd, buf, len);
	return m != REFUSES_ALL;
}

/* One frame, and no byte of the next. */
static bool
read_whole(int fd, uint8_t *buf, struct frame *f)
{
	struct wire_reader r = wire_reader(buf, FRAME_HEADER);
	ssize_t body;

	if (recv(fd, buf, FRAME_HEADER, MSG_WAITALL) != FRAME_HEADER)
		return false;
	body = (ssize_t)wire_get_u32(&r);
	if (body > FRAME_MAX - FRAME_HEADER ||
	    (body > 0 &&
		recv(fd, buf + FRAME_HEADER, (size_t)body, MSG_WAITALL) !=
		    body))
		return false;
	return frame_parse((struct span){ buf, FRAME_HEADER + (size_t)body },
		   f) == FRAME_WHOLE;
}

static void
note(struct peer *p, const struct request *req)
{
	p->last = *req;
	if (req->type == FRAME_REVOKE)
		memcpy(p->ids, req->revoke.ids.ptr, KEY_ID_LEN);
	p->requests++;
	if (p->change_prefix)
		strcpy(p->prefix, "other");
}

static bool
has_other_prefix(const struct peer *p, const struct request *req)
{
	return req->type == FRAME_HELLO && !p->no_prefix &&
	    req->hello.prefix[0] != '\0' &&
	    strcmp(req->hello.prefix, p->prefix) != 0;
}

/* And what was sent behind it, as it must be said hello first. */
static bool
refuse_prefix(struct peer *p, int fd, const struct request *req, uint32_t id)
{
	uint8_t buf[FRAME_MAX];
	struct frame f;

	p->code = ERROR_INVALID;
	(void)behave(p, REFUSES, fd, req, id);
	if (!read_whole(fd, buf, &f))
		return false;
	p->code = ERROR_HELLO;
	return behave(p, REFUSES, fd, req, f.id);
}

static void
count_joined(struct peer *p, int fd)
{
	int more = 0;

	must(ioctl(fd, FIONREAD, &more) == 0);
	p->joined += more > 0;
}

static bool
serve(struct peer *p, int fd)
{
	uint8_t buf[FRAME_MAX], first[FRAME_HEADER];
	struct request req;
	struct frame f;
	enum manner m;

	if (recv(fd, first, sizeof(first), MSG_PEEK) <= 5)
		return false;
	m = first[5] == FRAME_HELLO ? p->hello : p->other;
	if (first[5] != FRAME_HELLO && p->times > 0 && --p->times == 0)
		p->other = p->then;
	if (first[5] == FRAME_HELLO && p->hello_once)
		p->hello = ANSWERS;
	if (m == RESETS || !read_whole(fd, buf, &f))
		return false;
	if (!request_decode(&req, &f))
		return false;
	if (has_other_prefix(p, &req))
		return refuse_prefix(p, fd, &req, f.id);
	if (req.type != FRAME_HELLO)
		note(p, &req);
	else
		count_joined(p, fd);
	return behave(p, m, fd, &req, f.id);
}

static void
drop(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void
take(struct peer *p, int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	for (int i = 0; fd >= 0 && i < PEER_CONNECTIONS; i++)
		if (p->fds[i] < 0) {
			p->fds[i] = fd;
			p->connections++;
			return;
		}
	drop(&fd);
}

static void
obey(struct peer *p)
{
	uint64_t n;

	(void)!read(p->wake, &n, sizeof(n));
	if (p->stop == 2) {
		for (int i = 0; i < PEER_CONNECTIONS; i++)
			drop(&p->fds[i]);
		p->stop = 0;
	}
}

static void *
run(void *arg)
{
	struct peer *p = arg;
	struct pollfd polls[ALL];

	while (p->stop != 1) {
		polls[WAKE] = (struct pollfd){ p->wake, POLLIN, 0 };
		for (int i = 0; i < 2; i++)
			polls[LISTENERS + i] =
			    (struct pollfd){ p->listeners[i], POLLIN, 0 };
		for (int i = 0; i < PEER_CONNECTIONS; i++)
			polls[FIRST + i] =
			    (struct pollfd){ p->fds[i], POLLIN, 0 };
		if (poll(polls, ALL, -1) < 0)
			continue;
		for (int i = 0; i < PEER_CONNECTIONS; i++)
			if (polls[FIRST + i].revents != 0 &&
			    !serve(p, p->fds[i]))
				drop(&p->fds[i]);
		for (int i = 0; i < 2; i++)
			if (polls[LISTENERS + i].revents != 0)
				take(p, p->listeners[i]);
		if (polls[WAKE].revents != 0)
			obey(p);
	}
	return NULL;
}

void
peer_start(struct peer *p)
{
	memset(p, 0, sizeof(*p));
	strcpy(p->dir, "/tmp/keyd-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(p->dir));
	strcpy(p->prefix, "cmk");
	p->listeners[0] = listen_at(p->dir, "verify.sock");
	p->listeners[1] = listen_at(p->dir, "admin.sock");
	for (int i = 0; i < PEER_CONNECTIONS; i++)
		p->fds[i] = -1;
	p->wake = eventfd(0, EFD_CLOEXEC);
	ck_assert_int_eq(pthread_create(&p->thread, NULL, run, p), 0);
}

static void
tell(struct peer *p, int what)
{
	const uint64_t one = 1;

	p->stop = what;
	ck_assert_int_eq(write(p->wake, &one, sizeof(one)), sizeof(one));
}

void
peer_hang_up(struct peer *p)
{
	tell(p, 2);
	while (p->stop != 0)
		usleep(100);
}

void
peer_stop(struct peer *p)
{
	char path[64];

	tell(p, 1);
	pthread_join(p->thread, NULL);
	for (int i = 0; i < PEER_CONNECTIONS; i++)
		drop(&p->fds[i]);
	drop(&p->listeners[0]);
	drop(&p->listeners[1]);
	drop(&p->wake);
	snprintf(path, sizeof(path), "%s/verify.sock", p->dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/admin.sock", p->dir);
	unlink(path);
	rmdir(p->dir);
}
