/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "argument.h"
#include "turn.h"

struct taker {
	keyd_each_member *each;
	void *arg;
};

static bool
give(struct wire_reader *r, void *arg)
{
	const struct taker *taker = arg;
	struct keyd_member member = { .size = sizeof(member) };
	struct member_info m;

	member_get(r, &m);
	if (r->bad)
		return false;
	member.created = m.created;
	memcpy(member.user, m.user, sizeof(m.user));
	memcpy(member.role, m.role, sizeof(m.role));
	return taker->each(taker->arg, &member) == 0;
}

enum keyd_status
keyd_member_list(struct keyd *handle, const char *org, keyd_each_member *each,
    void *arg)
{
	struct taker taker = { each, arg };
	struct errand e;

	if (handle == NULL || each == NULL)
		return KEYD_EINVAL;
	errand_begin(&e, handle);
	e.req.type = FRAME_MEMBER_LIST;
	if (!argument_text(e.req.list.org, sizeof(e.req.list.org), org, true))
		return KEYD_EINVAL;
	return turn_pages(&e, give, &taker);
}
