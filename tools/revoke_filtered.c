/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "doc.h"
#include "key.h"
#include "revoke.h"

static const char *
keys(size_t count)
{
	return count == 1 ? "key" : "keys";
}

/* The list with the same filters is what would go. */
static int
preview(struct session *s, struct request *list)
{
	size_t count;
	int code;

	if (s->call->json)
		return pages_print(s, &key_kind, list,
		    json_pack("{sb}", "dry_run", 1), "");
	code = pages_preview(s, &key_kind, list, stdout, &count);
	if (code == EXIT_DONE)
		fprintf(stderr, "keydctl: would revoke %zu %s\n", count,
		    keys(count));
	return code;
}

static int
ask(struct session *s, struct request *list)
{
	size_t count;
	int code = pages_preview(s, &key_kind, list, stderr, &count);

	return code == EXIT_DONE && count > 0 ? revoke_confirm(s, count) : code;
}

static int
revoke(struct session *s, const struct request *req)
{
	struct reply rep;
	int code = session_get(s, req, &rep);
	uint32_t revoked = rep.revoked_all.revoked;

	if (code != EXIT_DONE)
		return code;
	if (s->call->json)
		doc_print(json_pack("{sb so}", "dry_run", 0, "revoked",
		    doc_number(revoked)));
	else
		printf("revoked %u %s\n", revoked, keys(revoked));
	return EXIT_DONE;
}

int
revoke_filtered(struct session *s, const struct revocation *v)
{
	struct request list = { .type = FRAME_LIST };
	struct request req = { .type = FRAME_REVOKE_ALL };
	struct request_revoke_all *q = &req.revoke_all;
	int code;

	if (!filter_fill(s->call, &v->filter, &list.list) ||
	    !args_copy(s->call, q->reason, sizeof(q->reason), v->reason,
		"the reason"))
		return EXIT_USAGE;
	memcpy(q->org, list.list.org, sizeof(q->org));
	memcpy(q->user, list.list.user, sizeof(q->user));
	q->unused_since = list.list.unused_since;
	if (v->dry_run)
		return preview(s, &list);
	if (v->ask && (code = ask(s, &list)) != EXIT_DONE)
		return code;
	return revoke(s, &req);
}
