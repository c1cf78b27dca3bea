/* SPDX-License-Identifier: ISC */
/*
 * board.h - what is known of each key, in memory that all processes of a storm
 * share, and the checker that holds every verdict against it.
 *
 * A key is live, is being revoked, and is revoked: one change, and for good.
 * So a history of verifies is one that could have happened, each at one moment
 * (it is linearizable), if and only if
 *
 *   - none was accepted that began after the revocation was acknowledged,
 *   - none was accepted that began after another one had been refused, and
 *   - none was refused that ended before the revocation was asked for.
 *
 * Nothing need be logged for that.  Who knows of such a moment writes it down
 * after it, and who verifies reads before it begins and after it has ended.  No
 * clock is needed either, which is as well: those of two processes may differ.
 */
#ifndef KEYD_TESTS_BOARD_H
#define KEYD_TESTS_BOARD_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keyd.h"

enum key_state {
	EMPTY,
	LIVE,     /* was made */
	REVOKING, /* is about to be revoked */
	REFUSED,  /* a verify was refused */
	REVOKED   /* that is acknowledged */
};

struct key {
	alignas(64) _Atomic int state; /* grows; what follows is set by LIVE */
	char id[KEYD_ID_SIZE];
	char token[KEYD_TOKEN_SIZE];
};

/* Verifies.  Each verdict is in one of the first four. */
struct tally {
	uint64_t accepted;
	uint64_t refused;
	uint64_t undecided;
	uint64_t timeouts;       /* of these */
	uint64_t busy;           /* the same */
	uint64_t wrong;          /* says what no key of the storm can be */
	uint64_t remembered;     /* accepted, and keyd was not asked */
	uint64_t asked;          /* decided, and keyd was */
	uint64_t stale;          /* accepted, though acknowledged as revoked */
	uint64_t back;           /* accepted, though refused before */
	uint64_t false_refusals; /* of live keys */
	uint64_t children;       /* that went on with a handle */
};

#define TALLY_WORDS (sizeof(struct tally) / sizeof(uint64_t))

struct board {
	_Atomic bool done;
	_Atomic int newest; /* index of the newest key, about */
	_Atomic uint64_t revoked;
	_Atomic uint64_t unknown; /* creates of which nobody knows */
	_Atomic uint64_t tally[TALLY_WORDS];
	struct key key[];
};

/* Shared with all children. */
struct board *board_new(size_t keys);

/* Moves a key's state on, never back. */
void board_set(struct key *k, enum key_state state);

static inline enum key_state
board_state(const struct key *k)
{
	return (enum key_state)atomic_load_explicit(&k->state,
	    memory_order_acquire);
}

/* One verdict on a permission that every key has; v is what it says of the
   key.  before was read before the verify began. */
void board_judge(struct key *k, enum key_state before, enum keyd_status status,
    const struct keyd_verdict *v, bool asked, struct tally *t);
/* The same for a permission that no key has. */
void board_judge_other(struct key *k, enum key_state before,
    enum keyd_status status, bool asked, struct tally *t);

/* Adds a tally to the board's, and makes it 0. */
void board_add(struct board *b, struct tally *t);
struct tally board_sum(const struct board *b);

#endif /* KEYD_TESTS_BOARD_H */
