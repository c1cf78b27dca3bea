/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "chores.h"
#include "clock.h"
#include "notes.h"
#include "op.h"

int64_t
chores_due(const struct chores *ch)
{
	int64_t due = INT64_MAX;

	if (ch->out > 0)
		return due;
	if (uses_waiting(ch->uses) > 0 || notes_any(ch->notes))
		due = ch->next;
	if (notes_urgent(ch->notes) && ch->notes_retry < due)
		due = ch->notes_retry;
	return due;
}

static bool
submit(struct chores *ch, op_run *run, struct span bytes, bool urgent)
{
	struct change *c = change_of_keyd(run, bytes, ch->policy, urgent);

	if (c != NULL && ch->writer != NULL && writer_submit(ch->writer, c)) {
		ch->out++;
		return true;
	}
	change_free(c);
	return false;
}

static bool
submit_uses(struct chores *ch, struct span rows, bool urgent)
{
	if (submit(ch, op_uses, rows, urgent))
		return true;
	uses_settle(ch->uses, rows, false);
	return false;
}

/* False when there is nothing to write, or it cannot be handed over now. */
static bool
submit_notes(struct chores *ch, int64_t now_ms)
{
	struct span entries = notes_take(ch->notes, clock_unix(), false);

	if (entries.len == 0)
		return false;
	ch->notes_retry = now_ms + CHORES_MS;
	return submit(ch, op_note, entries, false);
}

/* False when there are no more, or they cannot be handed over now. */
static bool
submit_next(struct chores *ch, struct store_txn *t, bool urgent, bool *busy)
{
	uint8_t bytes[USES_BATCH_SIZE];
	size_t len = uses_take(ch->uses, t, bytes, sizeof(bytes));

	*busy =
	    len > 0 && !submit_uses(ch, (struct span){ bytes, len }, urgent);
	return len > 0 && !*busy;
}

/* With a view of its own, which sees all that was settled. */
static void
go_on(struct chores *ch)
{
	struct store_txn *t = store_view(ch->store);
	bool busy;

	if (t != NULL)
		(void)submit_next(ch, t, false, &busy);
	store_view_reset(ch->store);
}

void
chores_run(struct chores *ch, int64_t now_ms)
{
	if (chores_due(ch) > now_ms)
		return;
	if (ch->notes_retry <= now_ms && submit_notes(ch, now_ms))
		return;
	if (ch->next > now_ms)
		return;
	ch->next = now_ms + CHORES_MS;
	if (uses_begin(ch->uses))
		go_on(ch);
}

bool
chores_hurry(struct chores *ch, struct store_txn *t)
{
	bool busy = !uses_begin(ch->uses);

	while (!busy && submit_next(ch, t, true, &busy))
		;
	return !busy;
}

void
chores_settle(struct chores *ch, struct change *c)
{
	ch->out--;
	if (c->run == op_note) {
		notes_settle(ch->notes, c->done);
		/* A disk that is full now is so in a moment. */
		if (c->done)
			ch->notes_retry = 0;
		change_free(c);
		return;
	}
	uses_settle(ch->uses, (struct span){ c->bytes, c->bytes_len }, c->done);
	/* A disk that is full now is so in a moment. */
	if (c->done && ch->out == 0)
		go_on(ch);
	if (uses_overflowed(ch->uses) && c->done)
		ch->next = 0;
	change_free(c);
}
