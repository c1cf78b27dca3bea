/* SPDX-License-Identifier: ISC */
/*
 * rules_grant.h - what a grant of keyd.conf may say.
 *
 * Users and groups become numbers as they are read, so that a name that nobody
 * has is refused with its line, and means the same from then on.
 */
#ifndef KEYD_RULES_GRANT_H
#define KEYD_RULES_GRANT_H

#include <confuse.h>

#include "grants.h"

/* Read a name, or a number in decimal, for CFG_INT_LIST_CB. */
int rules_user(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result);
int rules_group(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result);

/* Checks the users of metrics as each is read, for a validation. */
int rules_metrics(cfg_t *cfg, cfg_opt_t *opt);

/* Reads an enum power, for CFG_INT_CB. */
int rules_power(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result);

/* Checks the organization that was read last, for a validation. */
int rules_grant_org(cfg_t *cfg, cfg_opt_t *opt);

/* Checks a grant at its end, all but its title.  -1: refused. */
int rules_grant(cfg_t *cfg, cfg_t *grant);

/* What power is while the file has not said it. */
#define POWER_UNSAID (-1)

#endif /* KEYD_RULES_GRANT_H */
