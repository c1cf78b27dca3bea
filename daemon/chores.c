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

	if (c != NULL)
		c->incoming = ch->incoming;
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
submit_next(struct chores *ch, bool urgent, bool *busy)
{
	struct span rows = uses_take(ch->uses);

	*busy = rows.len > 0 && !submit_uses(ch, rows, urgent);
	return rows.len > 0 && !*busy;
}

/* A round begins when the last has come to its end. */
static void
begin_round(struct chores *ch, int64_t now_ms)
{
	ch->next = now_ms + CHORES_MS;
	uses_begin(ch->uses);
}

void
chores_run(struct chores *ch, int64_t now_ms)
{
	bool busy;

	if (chores_due(ch) > now_ms)
		return;
	if (ch->notes_retry <= now_ms && submit_notes(ch, now_ms))
		return;
	if (ch->next > now_ms)
		return;
	ch->begun = now_ms;
	if (!submit_next(ch, false, &busy))
		begin_round(ch, now_ms);
}

bool
chores_hurry(struct chores *ch)
{
	bool busy = false;

	uses_begin(ch->uses);
	while (submit_next(ch, true, &busy))
		;
	return !busy;
}

void
chores_release(struct chores *ch, uint64_t client)
{
	uint8_t bytes[sizeof(client)];
	struct wire_writer w = wire_writer(bytes, sizeof(bytes));

	wire_put_u64(&w, client);
	(void)submit(ch, op_restore_gone, (struct span){ bytes, sizeof(bytes) },
	    true);
}

static void
settle_notes(struct chores *ch, bool done)
{
	notes_settle(ch->notes, done);
	/* A disk that is full now is so in a moment. */
	if (done)
		ch->notes_retry = 0;
}

static void
settle_uses(struct chores *ch, const struct change *c, int64_t now_ms)
{
	int64_t rest = CHORES_REST * (now_ms - ch->begun);

	uses_settle(ch->uses, (struct span){ c->bytes, c->bytes_len }, c->done);
	if (c->urgent)
		return;
	/* The same here. */
	if (c->done)
		ch->next = now_ms + (rest < CHORES_MS ? rest : CHORES_MS);
	else
		begin_round(ch, now_ms);
}

void
chores_settle(struct chores *ch, struct change *c, int64_t now_ms)
{
	ch->out--;
	if (c->run == op_note)
		settle_notes(ch, c->done);
	else if (c->run == op_uses)
		settle_uses(ch, c, now_ms);
	change_free(c);
}
