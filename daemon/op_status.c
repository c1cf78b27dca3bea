/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "clock.h"
#include "op.h"
#include "schema.h"

/* All facts fit on one page. */
static void
put(struct page_writer *p, const struct fact_row *row)
{
	page_row_begin(p);
	fact_put(p->w, row);
	if (!page_row_end(p))
		p->w->bad = true;
}

static void
put_number(struct page_writer *p, const char *name, uint64_t number)
{
	struct fact_row row = { .number = number };

	strlcpy(row.name, name, sizeof(row.name));
	put(p, &row);
}

static void
put_text(struct page_writer *p, const char *name, const char *text)
{
	struct fact_row row = { .is_text = true };

	strlcpy(row.name, name, sizeof(row.name));
	strlcpy(row.text, text, sizeof(row.text));
	put(p, &row);
}

static void
put_health(struct page_writer *p, const struct health *h)
{
	put_text(p, "version", PACKAGE_VERSION);
	put_number(p, "uptime",
	    (uint64_t)(clock_mono_ms() - h->started) / 1000);
	put_text(p, "configuration",
	    h->config_error[0] == '\0' ? "good" : h->config_error);
	put_number(p, "connections", h->connections);
	put_number(p, "refused_connections", h->refused);
	put_number(p, "verified", h->verified);
	put_number(p, "allowed", h->allowed);
	put_number(p, "changes", h->changes);
	put_number(p, "bad_frames", h->bad_frames);
}

/* Counts, sizes, uptime, version. */
enum op_result
op_status(struct op_call *c)
{
	struct store_size size;
	struct page_writer page;
	uint64_t revoked, starts;
	enum store_status rc = store_measure(c->txn, &size);

	if (rc == STORE_OK)
		rc = counter_get(c->txn, COUNTER_REVOKED, &revoked);
	if (rc == STORE_OK)
		rc = counter_get(c->txn, COUNTER_STARTS, &starts);
	if (rc != STORE_OK)
		return op_failed(c, rc);
	page_begin(&page, c->out, FRAME_ANSWER | FRAME_STATUS, c->id);
	put_health(&page, c->health);
	put_number(&page, "orgs", size.entries[TABLE_ORGS]);
	put_number(&page, "members", size.entries[TABLE_MEMBERS]);
	put_number(&page, "keys", size.entries[TABLE_KEYS]);
	put_number(&page, "revoked_keys", revoked);
	put_number(&page, "audit_entries", size.entries[TABLE_AUDIT]);
	put_number(&page, "starts", starts);
	put_number(&page, "database_used", size.used);
	put_number(&page, "database_limit", size.limit);
	page_end(&page, (struct span){ NULL, 0 });
	return OP_DONE;
}
