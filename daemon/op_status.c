/* SPDX-License-Identifier: ISC */
#include "clock.h"
#include "facts.h"
#include "last_backup.h"
#include "op.h"
#include "schema.h"

static void
put_health(struct page_writer *p, const struct health *h)
{
	facts_text(p, "version", PACKAGE_VERSION);
	facts_number(p, "uptime",
	    (uint64_t)(clock_mono_ms() - h->started) / 1000);
	facts_text(p, "configuration",
	    h->config_error[0] == '\0' ? "good" : h->config_error);
	facts_text(p, "shared_page", h->shared ? "yes" : "no");
	facts_number(p, "connections", h->connections);
	facts_number(p, "refused_connections", h->refused);
	facts_number(p, "verified", h->verified);
	facts_number(p, "allowed", h->allowed);
	facts_number(p, "changes", h->changes);
	facts_number(p, "bad_frames", h->bad_frames);
}

/* Counts, sizes, uptime, version. */
enum op_result
op_status(struct op_call *c)
{
	struct store_size size;
	struct last_backup backup;
	struct page_writer page;
	uint64_t revoked, starts;
	enum store_status rc = store_measure(c->txn, &size);

	if (rc == STORE_OK)
		rc = counter_get(c->txn, COUNTER_REVOKED, &revoked);
	if (rc == STORE_OK)
		rc = counter_get(c->txn, COUNTER_STARTS, &starts);
	if (rc == STORE_OK)
		rc = last_backup_get(c->txn, &backup);
	if (rc != STORE_OK)
		return op_failed(c, rc);
	page_begin(&page, c->out, FRAME_ANSWER | FRAME_STATUS, c->id);
	put_health(&page, c->health);
	facts_number(&page, "orgs", size.entries[TABLE_ORGS]);
	facts_number(&page, "members", size.entries[TABLE_MEMBERS]);
	facts_number(&page, "keys", size.entries[TABLE_KEYS]);
	facts_number(&page, "revoked_keys", revoked);
	facts_number(&page, "audit_entries", size.entries[TABLE_AUDIT]);
	facts_number(&page, "starts", starts);
	facts_number(&page, "database_used", size.used);
	facts_number(&page, "database_limit", size.limit);
	facts_number(&page, "last_backup", (uint64_t)backup.made);
	facts_number(&page, "last_backup_keys", backup.keys);
	facts_number(&page, "last_backup_size", backup.size);
	page_end(&page, (struct span){ NULL, 0 });
	return OP_DONE;
}
