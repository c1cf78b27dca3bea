/* SPDX-License-Identifier: ISC */
#include "argument.h"
#include "errand.h"
#include "guest.h"

/* A change of one member; role: NULL for a removal. */
struct step {
	uint8_t type;
	const char *org;
	const char *user;
	const char *role;
	bool revoke_keys;
};

static bool
take(struct request_member *q, const struct step *s)
{
	q->revoke_keys = s->revoke_keys;
	return argument_text(q->org, sizeof(q->org), s->org, true) &&
	    argument_text(q->user, sizeof(q->user), s->user, true) &&
	    argument_text(q->role, sizeof(q->role), s->role,
		s->type != FRAME_MEMBER_REMOVE);
}

static enum keyd_status
change(struct keyd *h, const struct step *s, unsigned *live)
{
	struct guest g = guest_enter();
	enum keyd_status status = KEYD_EINVAL;
	struct errand e;

	if (live != NULL)
		*live = 0;
	if (h != NULL) {
		errand_begin(&e, h);
		e.req.type = s->type;
		if (take(&e.req.member, s))
			status = errand_run(&e);
		if (status == KEYD_OK && live != NULL)
			*live = e.rep.member.live;
		errand_end(&e);
	}
	guest_leave(g);
	return status;
}

enum keyd_status
keyd_member_add(struct keyd *handle, const char *org, const char *user,
    const char *role)
{
	const struct step s = { FRAME_MEMBER_ADD, org, user, role, false };

	return change(handle, &s, NULL);
}

enum keyd_status
keyd_member_set(struct keyd *handle, const char *org, const char *user,
    const char *role, int revoke_keys, unsigned *live)
{
	const struct step s = { FRAME_MEMBER_SET, org, user, role,
		revoke_keys != 0 };

	return change(handle, &s, live);
}

enum keyd_status
keyd_member_remove(struct keyd *handle, const char *org, const char *user,
    int revoke_keys, unsigned *live)
{
	const struct step s = { FRAME_MEMBER_REMOVE, org, user, NULL,
		revoke_keys != 0 };

	return change(handle, &s, live);
}
