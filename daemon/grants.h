/* SPDX-License-Identifier: ISC */
/*
 * grants.h - powers that keyd.conf gives to users and groups.
 *
 * A grant to issue holds for the organizations that it names and no other;
 * whoever matches no grant has no power.  They are part of a policy and, like
 * it, never change.
 */
#ifndef KEYD_GRANTS_H
#define KEYD_GRANTS_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model.h"

#define GRANTS_MAX 32 /* bits of a set of them, a uint32_t */
#define GRANT_USERS_MAX 64
#define GRANT_GROUPS_MAX 64
#define GRANT_ORGS_MAX 64

enum power {
	POWER_ISSUE, /* keys of its organizations */
	POWER_ADMIN  /* everything */
};

struct grant {
	enum power power;
	size_t user_count;
	size_t group_count;
	size_t org_count;
	uid_t users[GRANT_USERS_MAX];
	gid_t groups[GRANT_GROUPS_MAX];
	char orgs[GRANT_ORGS_MAX][ORG_SIZE];
};

struct grants {
	size_t meter_count;
	uid_t meters[GRANT_USERS_MAX]; /* who may read the counts */
	size_t count;
	struct grant all[GRANTS_MAX];
};

/* A bit for each grant that names this uid, this gid or one of count more
   groups; the lowest bit is for the first grant. */
uint32_t grants_match(const struct grants *g, uid_t uid, gid_t gid,
    const gid_t *groups, size_t count);

/* Is one of these a grant to manage everything? */
bool grants_admin(const struct grants *g, uint32_t of);

/* Does one of these let issue keys of the organization?  Those of POWER_ADMIN
   are not asked. */
bool grants_issue(const struct grants *g, uint32_t of, const char *org);

/* May it read the counts of keyd, which tell nothing of single keys? */
bool grants_meter(const struct grants *g, uid_t uid);

#endif /* KEYD_GRANTS_H */
