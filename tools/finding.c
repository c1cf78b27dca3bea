/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "doc.h"
#include "finding.h"
#include "out.h"
#include "token.h"

/* What keyd knows; it is not asked to accept anything, so that no limit and no
   last use is touched. */
static const char *
state_of(const struct findings *f, const struct reply_verdict *v)
{
	if (f->session == NULL)
		return "unchecked";
	switch (v->code) {
	case VERDICT_UNKNOWN:
		return "unknown";
	case VERDICT_REVOKED:
		return "revoked";
	case VERDICT_EXPIRED:
		return "expired";
	default:
		return "live";
	}
}

static int
ask(struct findings *f, struct known *k)
{
	struct request req = { .type = FRAME_EXPLAIN };
	struct reply rep;
	int code;

	memcpy(req.explain.digest, k->digest, sizeof(req.explain.digest));
	if ((code = session_get(f->session, &req, &rep)) != EXIT_DONE)
		return code;
	k->verdict = rep.explained.verdict;
	k->used = true;
	return EXIT_DONE;
}

static int
look_up(struct findings *f, const struct scan_hit *hit,
    const struct reply_verdict **v)
{
	static const struct reply_verdict nothing;
	uint8_t digest[DIGEST_SIZE];
	struct known *k;

	*v = &nothing;
	if (f->session == NULL)
		return EXIT_DONE;
	token_digest(hit->token, hit->len, digest);
	k = &f->known[digest[0] % FINDINGS_KNOWN];
	*v = &k->verdict;
	if (k->used && memcmp(k->digest, digest, sizeof(digest)) == 0)
		return EXIT_DONE;
	k->used = false;
	memcpy(k->digest, digest, sizeof(digest));
	return ask(f, k);
}

static void
print_line(const struct findings *f, const struct scan_hit *hit,
    const struct reply_verdict *v)
{
	out_text(stdout, f->path);
	printf(":%" PRIu64 ": ", hit->line);
	if (v->id[0] != '\0') {
		out_word(stdout, v->id);
		fputc(' ', stdout);
	}
	fputs(state_of(f, v), stdout);
	if (v->org[0] != '\0') {
		fputs(" org=", stdout);
		out_word(stdout, v->org);
		fputs(" user=", stdout);
		out_word(stdout, v->user);
	}
	fputc('\n', stdout);
}

static json_t *
doc_of(const struct findings *f, const struct scan_hit *hit,
    const struct reply_verdict *v)
{
	return json_pack("{so so so so so so so so}", "file", doc_text(f->path),
	    "line", doc_number(hit->line), "offset", doc_number(hit->offset),
	    "state", doc_text(state_of(f, v)), "id", doc_optional(v->id), "org",
	    doc_optional(v->org), "user", doc_optional(v->user), "name",
	    doc_optional(v->name));
}

int
finding_show(struct findings *f, const struct scan_hit *hit)
{
	const struct reply_verdict *v;
	int code = look_up(f, hit, &v);

	if (code != EXIT_DONE)
		return code;
	f->count++;
	if (f->json)
		doc_row(doc_of(f, hit, v));
	else
		print_line(f, hit, v);
	return EXIT_DONE;
}
