/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "card.h"
#include "filter_keys.h"
#include "turn.h"

struct taker {
	keyd_each_key *each;
	void *arg;
};

static bool
give(struct wire_reader *r, void *arg)
{
	const struct taker *taker = arg;
	struct keyd_key_info info;
	struct key_view view;

	view_get(r, &view);
	if (r->bad)
		return false;
	card_fill(&info, &view);
	return taker->each(taker->arg, &info) == 0;
}

enum keyd_status
keyd_list(struct keyd *handle, const struct keyd_filter *filter,
    keyd_each_key *each, void *arg)
{
	struct taker taker = { each, arg };
	struct errand e;

	if (handle == NULL || each == NULL)
		return KEYD_EINVAL;
	errand_begin(&e, handle);
	e.req.type = FRAME_LIST;
	if (!filter_keys(&e.req.list, filter))
		return KEYD_EINVAL;
	return turn_pages(&e, give, &taker);
}
