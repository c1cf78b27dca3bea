/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/un.h>

#include <err.h>
#include <stdio.h>
#include <string.h>

#include "bare.h"
#include "client.h"
#include "frame.h"
#include "request.h"
#include "token.h"

static int
connect_to(const char *runtime_dir)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int n = snprintf(to.sun_path, sizeof(to.sun_path), "%s/%s", runtime_dir,
	    CLIENT_VERIFY);

	if (n < 0 || (size_t)n >= sizeof(to.sun_path))
		errx(1, "%s is too long a path", runtime_dir);
	if (fd < 0 ||
	    connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0)
		err(1, "%s", to.sun_path);
	return fd;
}

/* Sends the request, and returns the length of the answer. */
static size_t
exchange_one(int fd, const struct bare *b, uint8_t *answer)
{
	ssize_t n = send(fd, b->request, b->request_len, MSG_NOSIGNAL);

	if (n == (ssize_t)b->request_len)
		n = recv(fd, answer, BARE_MAX, 0);
	if (n <= FRAME_HEADER)
		err(1, "a bare exchange");
	return (size_t)n;
}

static void
encode(struct bare *b, const struct request *req)
{
	struct wire_writer w = wire_writer(b->request, sizeof(b->request));

	request_encode(&w, req, 1);
	if (!wire_fits(&w))
		errx(1, "the request is too large");
	b->request_len = wire_length(&w);
}

static void
check(const uint8_t *answer, size_t len, uint8_t type)
{
	struct frame f;

	if (frame_parse((struct span){ answer, len }, &f) != FRAME_WHOLE ||
	    f.type != (type | FRAME_ANSWER))
		errx(1, "keyd refuses a bare request of type %u", type);
}

void
bare_connect(struct bare *b, unsigned clients, const char *runtime_dir,
    const char *token, const char *permission)
{
	struct request hello = { .type = FRAME_HELLO,
		.hello = { PROTOCOL_MAJOR, PROTOCOL_MAJOR, "bench" } };
	struct request verify = { .type = FRAME_VERIFY };
	uint8_t answer[BARE_MAX];
	size_t n;

	encode(b, &hello);
	for (unsigned i = 0; i < clients; i++) {
		b->fd[i] = connect_to(runtime_dir);
		n = exchange_one(b->fd[i], b, answer);
		check(answer, n, FRAME_HELLO);
	}
	token_digest(token, strlen(token), verify.verify.digest);
	snprintf(verify.verify.permission, sizeof(verify.verify.permission),
	    "%s", permission);
	encode(b, &verify);
	b->answer_len = exchange_one(b->fd[0], b, answer);
	check(answer, b->answer_len, FRAME_VERIFY);
}

bool
bare_once(void *bare, unsigned client)
{
	const struct bare *b = bare;
	uint8_t answer[BARE_MAX];

	if (exchange_one(b->fd[client], b, answer) != b->answer_len)
		errx(1, "an answer of another length");
	return true;
}
