/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "args.h"
#include "doc.h"
#include "fail.h"
#include "moment.h"
#include "org.h"
#include "out.h"

const struct cmd_option org_options[] = {
	[ORG_PLAN] = { "plan", "PLAN",
	    "free, starter, pro, business, enterprise", false },
	[ORG_RATE] = { "rate", "N",
	    "requests per minute of each key, over the plan's", false },
	[ORG_BURST] = { "burst", "N", "requests at once; goes with --rate",
	    false },
	[ORG_OPTIONS] = { 0 },
};

json_t *
org_doc(const struct org_info *o)
{
	return json_pack("{so so so so so}", "slug", doc_text(o->slug), "plan",
	    doc_text(o->plan), "rate",
	    o->rate != 0 ? doc_number(o->rate) : json_null(), "burst",
	    o->burst != 0 ? doc_number(o->burst) : json_null(), "created",
	    doc_time(o->created));
}

/* None stands for the plan's own. */
static const char *
number(uint32_t n, char *text, size_t size)
{
	if (n == 0)
		return "plan's";
	snprintf(text, size, "%u", n);
	return text;
}

static void
org_row(struct wire_reader *r, struct pages *p)
{
	char rate[16];
	char burst[16];
	char created[MOMENT_SIZE];
	struct org_info o;
	const char *cells[5];

	org_get(r, &o);
	if (r->bad)
		return;
	if (p->json) {
		doc_row(org_doc(&o));
		return;
	}
	cells[0] = o.slug;
	cells[1] = o.plan;
	cells[2] = number(o.rate, rate, sizeof(rate));
	cells[3] = number(o.burst, burst, sizeof(burst));
	cells[4] = moment_text(o.created, created);
	table_row(p->table, cells);
}

static const char *const heads[] = { "ORG", "PLAN", "RATE", "BURST", "CREATED",
	NULL };

const struct page_kind org_kind = { "orgs", heads, org_row };

static bool
fill(const struct call *call, struct request_org *q)
{
	if ((call->value[ORG_RATE] == NULL) !=
	    (call->value[ORG_BURST] == NULL)) {
		fail_usage(call,
		    "--rate and --burst go together, such as "
		    "--rate 600 --burst 60");
		return false;
	}
	return args_copy(call, q->slug, sizeof(q->slug), call->operand[0],
		   "the slug") &&
	    args_copy(call, q->plan, sizeof(q->plan), call->value[ORG_PLAN],
		"the plan") &&
	    args_number(call, &q->rate, RATE_MAX, call->value[ORG_RATE],
		"--rate") &&
	    args_number(call, &q->burst, RATE_MAX, call->value[ORG_BURST],
		"--burst");
}

static void
say(const struct org_info *o, const char *done)
{
	printf("%s ", done);
	out_word(stdout, o->slug);
	fputs(": plan ", stdout);
	out_word(stdout, o->plan);
	if (o->rate != 0)
		printf(", %u requests per minute and %u at once", o->rate,
		    o->burst);
	fputc('\n', stdout);
}

int
org_send(const struct call *call, uint8_t type, const char *done)
{
	struct session s = session_new(call, CLIENT_ADMIN);
	struct request req = { .type = type };
	struct reply rep;
	int code;

	if (!fill(call, &req.org))
		return EXIT_USAGE;
	if ((code = session_get(&s, &req, &rep)) == EXIT_DONE) {
		if (call->json)
			doc_print(org_doc(&rep.org));
		else
			say(&rep.org, done);
	}
	session_close(&s);
	return code;
}
