/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <string.h>

#include "audit.h"
#include "clock.h"
#include "op.h"

#define LOOK_AT 512     /* entries of one page */
#define LOOK_NS 1000000 /* that it may take */
#define LOOK_EVERY 16   /* entries between two looks at the clock */

struct listing {
	const struct request_audit *q;
	struct page_writer page;
	uint64_t last; /* looked at */
	unsigned looked;
	int64_t until; /* ns of clock_mono_ns */
};

static bool
has_key(const struct event *e, const char *id)
{
	for (unsigned i = 0; i < e->ids; i++)
		if (strcmp(e->id[i], id) == 0)
			return true;
	return false;
}

static bool
is_asked_for(const struct request_audit *q, const struct event *e)
{
	return e->when >= q->since &&
	    (q->org[0] == '\0' || strcmp(q->org, e->org) == 0) &&
	    (q->id[0] == '\0' || has_key(e, q->id));
}

static bool
put_entry(void *arg, const struct event *e)
{
	struct listing *l = arg;

	if (is_asked_for(l->q, e)) {
		page_row_begin(&l->page);
		event_put(l->page.w, e);
		if (!page_row_end(&l->page))
			return false;
	}
	l->last = e->seq;
	l->looked++;
	return l->looked < LOOK_AT &&
	    (l->looked % LOOK_EVERY != 0 || clock_mono_ns() < l->until);
}

/* Entries of the audit log that the filters leave, a page at a time. */
enum op_result
op_audit(struct op_call *c)
{
	struct listing l = { .q = &c->req->audit,
		.last = c->req->audit.after,
		.until = clock_mono_ns() + LOOK_NS };
	size_t start = wire_length(c->out);
	struct wire_writer w;
	enum store_status rc;
	uint8_t cursor[8];
	uint64_t at;

	page_begin(&l.page, c->out, FRAME_ANSWER | FRAME_AUDIT, c->id);
	rc = audit_walk(c->txn, l.last, put_entry, &l, &at);
	if (rc == STORE_DAMAGED && l.looked == 0) {
		c->out->at = c->out->start + start;
		return op_refuse(c, ERROR_STORE,
		    "entry %" PRIu64 " of the audit log cannot be read; see "
		    "what 'keydctl audit check' says",
		    at);
	}
	if (rc != STORE_OK && rc != STORE_DAMAGED) {
		c->out->at = c->out->start + start;
		return op_failed(c, rc);
	}
	w = wire_writer(cursor, sizeof(cursor));
	wire_put_u64(&w, l.last);
	page_end(&l.page, (struct span){ cursor, sizeof(cursor) });
	return OP_DONE;
}
