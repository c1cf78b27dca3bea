/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "turn.h"

struct taker {
	keyd_each_count *each;
	void *arg;
};

_Static_assert(sizeof(((struct keyd_count *)0)->name) ==
	    sizeof(((struct fact_row *)0)->name) &&
	sizeof(((struct keyd_count *)0)->text) ==
	    sizeof(((struct fact_row *)0)->text),
    "a fact fits");

static bool
give(struct wire_reader *r, void *arg)
{
	const struct taker *taker = arg;
	struct keyd_count count = { .size = sizeof(count) };
	struct fact_row row;

	fact_get(r, &row);
	if (r->bad)
		return false;
	count.number = row.number;
	count.is_text = row.is_text;
	memcpy(count.name, row.name, sizeof(row.name));
	memcpy(count.text, row.text, sizeof(row.text));
	return taker->each(taker->arg, &count) == 0;
}

enum keyd_status
keyd_counts(struct keyd *handle, keyd_each_count *each, void *arg)
{
	struct taker taker = { each, arg };
	struct errand e;

	if (handle == NULL || each == NULL)
		return KEYD_EINVAL;
	errand_begin(&e, handle);
	e.socket_name = CLIENT_VERIFY;
	e.req.type = FRAME_COUNTS;
	return turn_pages(&e, give, &taker);
}
