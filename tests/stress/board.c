/* SPDX-License-Identifier: ISC */
#include <sys/mman.h>

#include <err.h>
#include <string.h>

#include "board.h"

struct board *
board_new(size_t keys)
{
	struct board *b = mmap(NULL, sizeof(*b) + keys * sizeof(b->key[0]),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (b == MAP_FAILED)
		err(1, "mmap");
	return b;
}

void
board_set(struct key *k, enum key_state state)
{
	int old = atomic_load(&k->state);

	while (old < (int)state &&
	    !atomic_compare_exchange_weak(&k->state, &old, (int)state))
		;
}

/* keyd was down, stopped, or busy: nobody knows, and nobody was let in. */
static bool
is_no_decision(enum keyd_status status)
{
	return status == KEYD_EUNAVAILABLE || status == KEYD_ETIMEOUT ||
	    status == KEYD_EBUSY;
}

static void
count_undecided(enum keyd_status status, struct tally *t)
{
	t->undecided++;
	t->timeouts += status == KEYD_ETIMEOUT;
	t->busy += status == KEYD_EBUSY;
}

static void
wrong(struct tally *t, enum keyd_status status, const char *id)
{
	if (t->wrong++ == 0)
		warnx("a verdict of no key of this storm: %s %s",
		    keyd_strerror(status), id);
}

static void
judge_accepted(const struct key *k, enum key_state before,
    const struct keyd_verdict *v, struct tally *t)
{
	t->accepted++;
	t->stale += before == REVOKED;
	t->back += before == REFUSED;
	if (strcmp(v->key_id, k->id) != 0 || v->http_status != 200)
		wrong(t, KEYD_OK, v->key_id);
}

static void
judge_revoked(struct key *k, struct tally *t)
{
	t->refused++;
	if (board_state(k) < REVOKING)
		t->false_refusals++;
	else
		board_set(k, REFUSED);
}

void
board_judge(struct key *k, enum key_state before, enum keyd_status status,
    const struct keyd_verdict *v, bool asked, struct tally *t)
{
	if (status == KEYD_OK)
		judge_accepted(k, before, v, t);
	else if (status == KEYD_REVOKED)
		judge_revoked(k, t);
	else if (is_no_decision(status))
		count_undecided(status, t);
	else
		wrong(t, status, k->id);
	t->remembered += status == KEYD_OK && !asked;
	t->asked += !is_no_decision(status) && asked;
}

/* Of a key that is revoked keyd says that, and nothing of what it may. */
void
board_judge_other(struct key *k, enum key_state before, enum keyd_status status,
    bool asked, struct tally *t)
{
	if (status == KEYD_REVOKED)
		judge_revoked(k, t);
	else if (is_no_decision(status))
		count_undecided(status, t);
	else if (status != KEYD_FORBIDDEN)
		wrong(t, status, k->id);
	else {
		t->refused++;
		t->stale += before == REVOKED;
		t->back += before == REFUSED;
	}
	t->asked += !is_no_decision(status) && asked;
}

void
board_add(struct board *b, struct tally *t)
{
	uint64_t words[TALLY_WORDS];

	memcpy(words, t, sizeof(words));
	for (size_t i = 0; i < TALLY_WORDS; i++)
		if (words[i] != 0)
			atomic_fetch_add(&b->tally[i], words[i]);
	memset(t, 0, sizeof(*t));
}

struct tally
board_sum(const struct board *b)
{
	uint64_t words[TALLY_WORDS];
	struct tally t;

	for (size_t i = 0; i < TALLY_WORDS; i++)
		words[i] = atomic_load(&b->tally[i]);
	memcpy(&t, words, sizeof(t));
	return t;
}
