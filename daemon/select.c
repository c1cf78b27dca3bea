/* SPDX-License-Identifier: ISC */
#include "select.h"
#include "keys.h"
#include "orgs.h"
#include "view.h"

enum op_result
select_check(struct op_call *c, const struct selection *s, const char *what)
{
	enum op_result result = op_check_org(c, s->org, what);
	struct org_info org;
	enum store_status rc;

	if (result != OP_DONE)
		return result;
	if (s->org[0] == '\0' && s->user[0] != '\0')
		return op_refuse(c, ERROR_INVALID,
		    "the keys of a user need the organization");
	if (s->unused_since > c->now)
		return op_refuse(c, ERROR_INVALID,
		    "a key cannot have been used in the time to come");
	if (s->org[0] == '\0')
		return OP_DONE;
	rc = orgs_get(c->txn, s->org, &org);
	if (rc == STORE_NONE)
		return op_refuse(c, ERROR_NOT_FOUND,
		    "there is no organization %s", s->org);
	return rc == STORE_OK ? OP_DONE : op_failed(c, rc);
}

/* A key that was never used counts as used when it was made. */
static enum store_status
check_unused(const struct op_call *c, const struct record *rec, int64_t since,
    bool *chosen)
{
	struct usage u;
	enum store_status rc;

	*chosen = rec->key.created < since;
	if (!*chosen)
		return STORE_OK;
	rc = view_usage(c, rec, &u);
	*chosen = rc == STORE_OK && u.last < since;
	return rc;
}

static bool
is_due(const struct op_call *c, const struct key_info *k)
{
	int64_t due = view_due(c->policy, k);

	return due != 0 && due <= c->now;
}

/* The cheap ones first. */
enum store_status
select_key(const struct op_call *c, const struct selection *s,
    const struct record *rec, bool *chosen)
{
	enum store_status rc = STORE_OK;

	*chosen = (s->all || key_is_live(&rec->key, c->now)) &&
	    (!s->due || is_due(c, &rec->key));
	if (*chosen && s->unused_since != 0)
		rc = check_unused(c, rec, s->unused_since, chosen);
	if (rc == STORE_OK && *chosen && s->drifted)
		rc = view_drifted(c, &rec->key, chosen);
	return rc;
}
