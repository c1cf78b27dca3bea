/* SPDX-License-Identifier: ISC */
/*
 * model.h - what both ends know of organizations, members and keys.
 *
 * Sizes are in bytes and include the NUL.  The permissions of a key are one
 * text, spaces between, as the scope of RFC 6749, section 3.3.
 */
#ifndef KEYD_MODEL_H
#define KEYD_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "wire.h"

#define DIGEST_SIZE 32 /* SHA-256 of a token; no NUL */
#define KEY_ID_LEN 20  /* "key_" and 16 of [0-9a-z]; no NUL */
#define KEY_ID_SIZE 24
#define ORG_SIZE 64
#define USER_SIZE 128
#define NAME_SIZE 128
#define PROJECT_SIZE 128
#define ROLE_SIZE 32
#define CONTEXT_SIZE 32
#define PLAN_SIZE 32
#define PERMISSION_SIZE 64
#define PERMISSIONS_SIZE 1024
#define REASON_SIZE 256
#define MESSAGE_SIZE 256
#define PREFIX_SIZE 16
#define SOFTWARE_SIZE 64
#define CURSOR_MAX 255 /* bytes */

#define RATE_MAX 60000000 /* per minute, and at once: a million a second */

/* Times are Unix time in seconds; 0 stands for never. */

struct org_info {
	char slug[ORG_SIZE];
	char plan[PLAN_SIZE];
	uint32_t rate;  /* requests per minute of each key; 0: the plan's */
	uint32_t burst; /* requests at once; 0: the plan's */
	int64_t created;
};

struct member_info {
	char org[ORG_SIZE];
	char user[USER_SIZE];
	char role[ROLE_SIZE];
	int64_t created;
};

struct key_info {
	char id[KEY_ID_SIZE];
	char org[ORG_SIZE];
	char user[USER_SIZE];
	char name[NAME_SIZE];
	char role[ROLE_SIZE];
	char context[CONTEXT_SIZE];
	char project[PROJECT_SIZE];
	char permissions[PERMISSIONS_SIZE];
	char reason[REASON_SIZE]; /* of the revocation */
	uint32_t creator_uid;     /* the process that had it made */
	uint32_t revoker_uid;     /* the one that had it revoked */
	int64_t created;
	int64_t expires;
	int64_t revoked;
	char rotated_from[KEY_ID_SIZE]; /* the key that it took the place of */
	char rotated_to[KEY_ID_SIZE];   /* the key that took its place */
};

/* The little of a key that a verdict rests on and says.  Borrowed. */
struct key_brief {
	struct span id;
	struct span user;
	struct span name;
	struct span project;
	const char *org;
	const char *permissions;
	int64_t created; /* 0 when it is not at hand; see desk.h */
	int64_t expires;
	int64_t revoked;
};

struct key_brief key_brief(const struct key_info *k);

/* How a key was used.  Whatever was refused is not in the first three. */
struct usage {
	int64_t first;
	int64_t last;
	uint64_t count;
	uint64_t refused;     /* verifies after its revocation or its end */
	int64_t refused_last; /* the last of them */
};

/* A key as keyd shows it. */
struct key_view {
	struct key_info key;
	struct usage usage;
	int64_t due;  /* for rotation, by its context; 0: never */
	bool drifted; /* it may more than its owner's role does now */
};

void org_put(struct wire_writer *w, const struct org_info *o);
void org_get(struct wire_reader *r, struct org_info *o);
void member_put(struct wire_writer *w, const struct member_info *m);
void member_get(struct wire_reader *r, struct member_info *m);
void key_put(struct wire_writer *w, const struct key_info *k);
void key_get(struct wire_reader *r, struct key_info *k);
/* Without the two links of a rotation, which key_get reads after it. */
void key_get_unlinked(struct wire_reader *r, struct key_info *k);
void usage_put(struct wire_writer *w, const struct usage *u);
void usage_get(struct wire_reader *r, struct usage *u);
void view_put(struct wire_writer *w, const struct key_view *v);
void view_get(struct wire_reader *r, struct key_view *v);

#endif /* KEYD_MODEL_H */
