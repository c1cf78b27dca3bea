/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fail.h"
#include "session.h"

#define PAUSE_MS 50 /* between attempts to reach a keyd that starts again */

struct session
session_new(const struct call *call, const char *socket_name)
{
	return (struct session){ .call = call, .socket_name = socket_name };
}

void
session_close(struct session *s)
{
	client_close(s->client);
	s->client = NULL;
}

static enum keyd_status
connect_until(struct session *s, int64_t deadline)
{
	const char *dir;
	enum keyd_status status;

	if (s->client != NULL)
		return KEYD_OK;
	status = client_runtime_dir(s->call->runtime_dir, &dir);
	if (status == KEYD_OK)
		status = client_open(&s->client, dir, s->socket_name, deadline,
		    s->why);
	if (status == KEYD_OK)
		s->met = true;
	return status;
}

enum keyd_status
session_open(struct session *s)
{
	s->why[0] = '\0';
	return connect_until(s, client_deadline(s->call->timeout_ms));
}

/* Was the answer lost, or is it not known? */
static bool
is_lost(enum keyd_status status)
{
	return status == KEYD_EUNAVAILABLE || status == KEYD_ETIMEOUT ||
	    status == KEYD_EPROTOCOL || status == KEYD_EOUTCOME;
}

static bool
is_change(uint8_t type)
{
	switch (type) {
	case FRAME_ORG_ADD:
	case FRAME_ORG_SET:
	case FRAME_MEMBER_ADD:
	case FRAME_MEMBER_SET:
	case FRAME_MEMBER_REMOVE:
	case FRAME_CREATE:
	case FRAME_REVOKE:
	case FRAME_REVOKE_ALL:
	case FRAME_ROTATE:
	case FRAME_AUDIT_PRUNE:
	case FRAME_IMPORT_BEGIN:
	case FRAME_IMPORT_ROWS:
	case FRAME_IMPORT_COMMIT:
	case FRAME_IMPORT_ABORT:
	case FRAME_BACKUP_DONE:
	case FRAME_RESTORE_COMMIT:
		return true;
	default:
		return false;
	}
}

/* Has it the same effect and answer when it is asked twice?  A verify is
   counted, to add what was just added is refused, what was revoked with others
   is not counted again, and a backup or restore goes with its connection. */
static bool
is_repeatable(uint8_t type)
{
	return type != FRAME_VERIFY && type != FRAME_ORG_ADD &&
	    type != FRAME_MEMBER_ADD && type != FRAME_MEMBER_REMOVE &&
	    type != FRAME_REVOKE_ALL && type != FRAME_IMPORT_BEGIN &&
	    type != FRAME_IMPORT_ROWS && type != FRAME_IMPORT_ABORT &&
	    type != FRAME_BACKUP_READ && type != FRAME_RESTORE_BEGIN &&
	    type != FRAME_RESTORE_CHUNK && type != FRAME_RESTORE_CHECK &&
	    type != FRAME_RESTORE_ABORT;
}

/* A refusal that tells nothing about an earlier attempt. */
static bool
is_silent(enum keyd_status status)
{
	return is_lost(status) || status == KEYD_EBUSY ||
	    status == KEYD_ESTORE || status == KEYD_EDENIED ||
	    status == KEYD_ENOMEM;
}

static enum keyd_status
ask_once(struct session *s, const struct request *req, struct reply *rep,
    int64_t deadline, bool *sent)
{
	enum keyd_status status;

	*sent = false;
	if ((status = connect_until(s, deadline)) != KEYD_OK)
		return status;
	status = client_ask(s->client, req, rep, deadline, sent, s->why);
	if (status == KEYD_OK && rep->type != (req->type | FRAME_ANSWER))
		return KEYD_EPROTOCOL;
	return status;
}

enum keyd_status
session_ask(struct session *s, const struct request *req, struct reply *rep)
{
	int64_t deadline = client_deadline(s->call->timeout_ms);
	struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000L };
	enum keyd_status status;
	bool maybe_done = false;
	bool sent;

	for (;;) {
		s->why[0] = '\0';
		status = ask_once(s, req, rep, deadline, &sent);
		if (!is_lost(status) && (!maybe_done || status != KEYD_EBUSY))
			break;
		session_close(s);
		maybe_done = maybe_done || sent;
		if (!s->met || (maybe_done && !is_repeatable(req->type)) ||
		    client_deadline(PAUSE_MS) >= deadline)
			break;
		nanosleep(&pause, NULL);
	}
	if (maybe_done && is_change(req->type) && is_silent(status))
		return KEYD_EOUTCOME;
	return status;
}

/* What the system says of the socket: the client's sentence may be about what
   came after. */
static int
socket_error(const struct session *s, char *path, size_t size)
{
	const char *dir = "";

	path[0] = '\0';
	if (client_runtime_dir(s->call->runtime_dir, &dir) != KEYD_OK)
		return 0;
	snprintf(path, size, "%s/%s", dir, s->socket_name);
	return access(path, W_OK) == 0 ? 0 : errno;
}

static int
unreachable(const struct session *s)
{
	char path[256];

	switch (socket_error(s, path, sizeof(path))) {
	case 0:
		return fail(s->call, KEYD_EUNAVAILABLE,
		    "%s%s; see what 'systemctl status keyd' says, or start "
		    "keyd(8)",
		    s->why[0] != '\0' ? s->why : "keyd does not answer at ",
		    s->why[0] != '\0' ? "" : path);
	case EACCES:
		return fail(s->call, KEYD_EDENIED,
		    "this user may not use %s; be root%s", path,
		    strcmp(s->socket_name, CLIENT_ADMIN) == 0
			? " or in the group keyd-admin"
			: "");
	default:
		return fail(s->call, KEYD_EUNAVAILABLE,
		    "there is no keyd at %s; start it with 'systemctl start "
		    "keyd', or name its runtime directory with -r",
		    path);
	}
}

int
session_fail(const struct session *s, enum keyd_status status)
{
	const struct call *call = s->call;
	const char *why = s->why[0] != '\0' ? s->why : keyd_strerror(status);

	switch (status) {
	case KEYD_EUNAVAILABLE:
		return unreachable(s);
	case KEYD_ETIMEOUT:
		return fail(call, status,
		    "keyd did not answer within %us; see what 'systemctl "
		    "status "
		    "keyd' says, or wait longer with --timeout",
		    call->timeout_ms / 1000);
	case KEYD_EBUSY:
		return fail(call, status, "%s; try again in a moment", why);
	case KEYD_EOUTCOME:
		return fail(call, status,
		    "it is not known whether keyd did that, as its answer was "
		    "lost; look at it with keydctl's list and show, and ask "
		    "again");
	case KEYD_EINVAL:
		if (s->client == NULL && s->why[0] == '\0')
			return fail_usage(call,
			    "the path of the runtime directory is too long for "
			    "a socket; name a shorter one with -r");
		return fail(call, status, "%s", why);
	default:
		return fail(call, status, "%s", why);
	}
}

int
session_get(struct session *s, const struct request *req, struct reply *rep)
{
	enum keyd_status status = session_ask(s, req, rep);

	return status == KEYD_OK ? EXIT_DONE : session_fail(s, status);
}
