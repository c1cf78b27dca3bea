/* SPDX-License-Identifier: ISC */
/*
 * ask.h - requests to the daemon's core without a socket: each goes through
 * dispatch, and a change is carried out and committed at once.
 */
#ifndef KEYD_TESTS_ASK_H
#define KEYD_TESTS_ASK_H

#include "dispatch.h"
#include "generations.h"
#include "incoming.h"
#include "notes.h"
#include "reply.h"
#include "scratch.h"
#include "snapshot.h"
#include "uses.h"

#define ASK_NOW 1700000000
#define ASK_STRANGER 12345 /* a uid that may not administrate */

struct asker {
	struct scratch *scratch;
	struct policy *policy; /* the default one */
	struct health health;
	struct session session;
	struct bulletin *bulletin; /* with it the store has generations */
	struct generations *generations;
	struct desk *desk;
	struct limiter *limiter; /* as on a new database */
	struct leases *leases;
	struct uses *uses;
	struct notes *notes;
	struct snapshot *snapshot;
	struct incoming *incoming;
	struct peer peer;
	enum socket_kind socket;
	int64_t now;
	int64_t now_ns;
	bool unknown;    /* of the last request */
	bool was_change; /* the same */
	bool hang_up;    /* the same */
	bool page;       /* the same */
	uint8_t bytes[FRAME_MAX];
	struct frame frame; /* of the last answer */
	struct reply rep;   /* the same, decoded; its spans lie in bytes */
};

/* Root on the admin socket, greeted, at ASK_NOW. */
void asker_open(struct asker *a, struct scratch *s);
void asker_close(struct asker *a);

/* Puts the frame of a request; returns its length. */
size_t ask_encode(uint8_t *bytes, size_t cap, const struct request *req,
    uint32_t id);

/* Asks from an exact copy.  The answer is the asker's rep. */
const struct reply *ask(struct asker *a, const struct request *req);
/* The same with a body of any kind. */
const struct reply *ask_raw(struct asker *a, uint8_t major, uint8_t type,
    const void *body, size_t len);

/* It was refused with that code, or it was not refused. */
void ask_refused(const struct reply *rep, enum error_code code);
void ask_done(const struct reply *rep);
/* It is a page of so many rows. */
struct wire_reader ask_rows(const struct reply *rep, unsigned count);

/* What nearly all tests begin with.  role of a create: "" is the user's. */
void ask_org(struct asker *a, const char *slug);
void ask_member(struct asker *a, const char *org, const char *user,
    const char *role);
/* acme with one of each role: tess, eddy, adam and olga; and bell. */
void ask_people(struct asker *a);
/* The digest is 32 times n.  Writes the id of the new key. */
void ask_key(struct asker *a, uint8_t n, const char *org, const char *user,
    const char *name, char id[KEY_ID_SIZE]);
struct request ask_create(uint8_t n, const char *org, const char *user,
    const char *name);
/* On the verify socket, and back. */
enum verdict_code ask_verify(struct asker *a, uint8_t n, const char *permission,
    const char *org);
const struct reply *ask_revoke(struct asker *a, const char *id);

#endif /* KEYD_TESTS_ASK_H */
