/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "clock.h"
#include "facts.h"
#include "last_backup.h"
#include "op.h"
#include "schema.h"

#define NAME_SIZE_MAX 32 /* of a fact, with the NUL */

static const struct {
	enum verdict_code code;
	const char *name;
} verdicts[] = {
	{ VERDICT_OK, "verdicts_ok" },
	{ VERDICT_UNKNOWN, "verdicts_unknown" },
	{ VERDICT_REVOKED, "verdicts_revoked" },
	{ VERDICT_EXPIRED, "verdicts_expired" },
	{ VERDICT_WRONG_ORG, "verdicts_wrong_org" },
	{ VERDICT_FORBIDDEN, "verdicts_forbidden" },
	{ VERDICT_RATE_LIMITED, "verdicts_rate_limited" },
};

/* Those of a bucket are among those of each greater one. */
static void
put_latency(struct page_writer *p, const struct latency *l)
{
	char name[NAME_SIZE_MAX];
	uint64_t sum = 0;

	for (int i = 0; i < LATENCY_BOUNDS; i++) {
		sum += l->counts[i];
		(void)snprintf(name, sizeof(name), "verify_us_%u",
		    latency_bounds[i]);
		facts_number(p, name, sum);
	}
	facts_number(p, "verify_count", sum + l->counts[LATENCY_BOUNDS]);
	facts_number(p, "verify_ns", l->sum_ns);
}

static void
put_health(struct page_writer *p, const struct health *h)
{
	facts_text(p, "version", PACKAGE_VERSION);
	facts_number(p, "uptime",
	    (uint64_t)(clock_mono_ms() - h->started) / 1000);
	facts_number(p, "configuration_good", h->config_error[0] == '\0');
	facts_number(p, "connections", h->connections);
	facts_number(p, "refused_connections", h->refused);
	facts_number(p, "changes", h->changes);
	facts_number(p, "bad_frames", h->bad_frames);
	facts_number(p, "store_failures", h->store_failures);
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		facts_number(p, verdicts[i].name,
		    h->verdicts[verdicts[i].code]);
	facts_number(p, "cache_hits", h->leased);
	facts_number(p, "record_hits", h->recalled);
	put_latency(p, &h->latency);
}

/* How many are live follows from the others; the numbers may be of different
   moments. */
static void
put_keys(struct page_writer *p, const struct census *c, uint64_t keys,
    uint64_t revoked)
{
	uint64_t ended = revoked + c->expired;

	facts_number(p, "revoked_keys", revoked);
	if (!c->known)
		return;
	facts_number(p, "expired_keys", c->expired);
	facts_number(p, "live_keys", keys > ended ? keys - ended : 0);
}

/* How much there is and how keyd does, and nothing of any one key. */
enum op_result
op_counts(struct op_call *c)
{
	struct store_size size;
	struct last_backup backup;
	struct page_writer page;
	uint64_t revoked;
	enum store_status rc = store_measure(c->txn, &size);

	if (rc == STORE_OK)
		rc = counter_get(c->txn, COUNTER_REVOKED, &revoked);
	if (rc == STORE_OK)
		rc = last_backup_get(c->txn, &backup);
	if (rc != STORE_OK)
		return op_failed(c, rc);
	/* One damaged record does not hide the other numbers. */
	(void)census_go_on(&c->health->census, c->txn, c->now);
	page_begin(&page, c->out, FRAME_ANSWER | FRAME_COUNTS, c->id);
	put_health(&page, c->health);
	facts_number(&page, "orgs", size.entries[TABLE_ORGS]);
	facts_number(&page, "members", size.entries[TABLE_MEMBERS]);
	put_keys(&page, &c->health->census, size.entries[TABLE_KEYS], revoked);
	facts_number(&page, "audit_entries", size.entries[TABLE_AUDIT]);
	facts_number(&page, "database_used", size.used);
	facts_number(&page, "database_limit", size.limit);
	facts_number(&page, "last_backup", (uint64_t)backup.made);
	facts_number(&page, "last_backup_keys", backup.keys);
	facts_number(&page, "last_backup_size", backup.size);
	page_end(&page, (struct span){ NULL, 0 });
	return OP_DONE;
}
