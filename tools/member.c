/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "args.h"
#include "doc.h"
#include "key.h"
#include "member.h"
#include "moment.h"
#include "out.h"

json_t *
member_doc(const struct member_info *m)
{
	return json_pack("{so so so so}", "org", doc_text(m->org), "user",
	    doc_text(m->user), "role", doc_text(m->role), "created",
	    doc_time(m->created));
}

static void
member_row(struct wire_reader *r, struct pages *p)
{
	char created[MOMENT_SIZE];
	struct member_info m;
	const char *cells[3];

	member_get(r, &m);
	if (r->bad)
		return;
	if (p->json) {
		doc_row(member_doc(&m));
		return;
	}
	cells[0] = m.user;
	cells[1] = m.role;
	cells[2] = moment_text(m.created, created);
	table_row(p->table, cells);
}

static const char *const heads[] = { "USER", "ROLE", "CREATED", NULL };

const struct page_kind member_kind = { "members", heads, member_row };

static bool
fill(const struct call *call, const struct member_change *change,
    struct request_member *q)
{
	q->revoke_keys = change->revoke_keys;
	return args_copy(call, q->org, sizeof(q->org), call->operand[0],
		   "the org") &&
	    args_copy(call, q->user, sizeof(q->user), call->operand[1],
		"the user") &&
	    args_copy(call, q->role, sizeof(q->role), change->role, "the role");
}

static void
say(const struct reply_member *a, uint8_t type)
{
	out_word(stdout, a->info.user);
	fputs(type == FRAME_MEMBER_REMOVE ? " is no longer a member of "
					  : " is now ",
	    stdout);
	if (type != FRAME_MEMBER_REMOVE) {
		out_word(stdout, a->info.role);
		fputs(" of ", stdout);
	}
	out_word(stdout, a->info.org);
	if (a->revoked > 0)
		printf("; %u %s revoked", a->revoked,
		    a->revoked == 1 ? "key is" : "keys are");
	fputc('\n', stdout);
}

static json_t *
head(const struct reply_member *a)
{
	json_t *doc = member_doc(&a->info);

	json_object_set_new(doc, "live_keys", doc_number(a->live));
	json_object_set_new(doc, "revoked_keys", doc_number(a->revoked));
	return doc;
}

static void
print_doc(const struct reply_member *a, uint8_t type)
{
	if (type == FRAME_MEMBER_ADD) {
		doc_print(member_doc(&a->info));
		return;
	}
	doc_list_begin(head(a), key_kind.name);
	doc_list_end();
}

static int
list_live(struct session *s, const struct request_member *q,
    const struct reply_member *a)
{
	struct request req = { .type = FRAME_LIST };
	int code;

	snprintf(req.list.org, sizeof(req.list.org), "%s", q->org);
	snprintf(req.list.user, sizeof(req.list.user), "%s", q->user);
	if (s->call->json)
		return pages_print(s, &key_kind, &req, head(a), "");
	printf("%s made with; revoke %s with 'keydctl revoke ID...':\n",
	    a->live == 1 ? "This key keeps the permissions that it was"
			 : "These keys keep the permissions that they were",
	    a->live == 1 ? "it" : "them");
	code = pages_print(s, &key_kind, &req, NULL, "they are gone by now");
	printf("Keys that may more than their owner does: 'keydctl list --org "
	       "%s --drifted'\n",
	    req.list.org);
	return code;
}

static int
show(struct session *s, const struct request *req, const struct reply *rep)
{
	struct reply_member a = rep->member; /* the next answer overwrites it */

	if (!s->call->json)
		say(&a, req->type);
	if (a.live > 0 && req->type != FRAME_MEMBER_ADD)
		return list_live(s, &req->member, &a);
	if (s->call->json)
		print_doc(&a, req->type);
	return EXIT_DONE;
}

int
member_send(const struct call *call, const struct member_change *change)
{
	struct session s = session_new(call, CLIENT_ADMIN);
	struct request req = { .type = change->type };
	struct reply rep;
	int code;

	if (!fill(call, change, &req.member))
		return EXIT_USAGE;
	if ((code = session_get(&s, &req, &rep)) == EXIT_DONE)
		code = show(&s, &req, &rep);
	session_close(&s);
	return code;
}
