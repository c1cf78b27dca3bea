/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "chores.h"

int64_t
chores_due(const struct chores *ch)
{
	return uses_waiting(ch->uses) > 0 && ch->out == 0 ? ch->next
							  : INT64_MAX;
}

static bool
submit(struct chores *ch, const uint8_t *bytes, size_t len, bool urgent)
{
	const struct span rows = { bytes, len };
	struct change *c = change_of_keyd(op_uses, rows, ch->policy, urgent);

	if (c != NULL && ch->writer != NULL && writer_submit(ch->writer, c)) {
		ch->out++;
		return true;
	}
	change_free(c);
	uses_settle(ch->uses, rows, false);
	return false;
}

/* False when there are no more, or they cannot be handed over now. */
static bool
submit_next(struct chores *ch, bool urgent, bool *busy)
{
	uint8_t bytes[USES_BATCH_SIZE];
	size_t len = uses_take(ch->uses, bytes, sizeof(bytes));

	*busy = len > 0 && !submit(ch, bytes, len, urgent);
	return len > 0 && !*busy;
}

void
chores_run(struct chores *ch, int64_t now_ms)
{
	bool busy;

	if (chores_due(ch) > now_ms)
		return;
	ch->next = now_ms + CHORES_MS;
	if (uses_begin(ch->uses))
		(void)submit_next(ch, false, &busy);
}

bool
chores_hurry(struct chores *ch)
{
	bool busy = !uses_begin(ch->uses);

	while (!busy && submit_next(ch, true, &busy))
		;
	return !busy;
}

void
chores_settle(struct chores *ch, struct change *c)
{
	bool busy;

	ch->out--;
	uses_settle(ch->uses, (struct span){ c->bytes, c->bytes_len }, c->done);
	/* A disk that is full now is so in a moment. */
	if (c->done && ch->out == 0)
		(void)submit_next(ch, false, &busy);
	if (uses_overflowed(ch->uses) && c->done)
		ch->next = 0;
	change_free(c);
}
