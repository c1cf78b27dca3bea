/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "doc.h"
#include "fail.h"
#include "given.h"
#include "guard.h"
#include "key.h"
#include "moment.h"
#include "out.h"
#include "revoke.h"

static bool
has_id(const struct request_revoke *q, const char *id)
{
	for (unsigned i = 0; i < q->count; i++) {
		if (memcmp(q->ids.ptr + i * KEY_ID_LEN, id, KEY_ID_LEN) == 0)
			return true;
	}
	return false;
}

/* Puts the operands into ids, each once.  They are not quoted, since one that
   is no id may be a token. */
static bool
fill_ids(const struct call *call, struct request_revoke *q, uint8_t *ids)
{
	q->by = REVOKE_BY_ID;
	q->ids.ptr = ids;
	for (int i = 0; i < call->operands; i++) {
		if (!guard_is_key_id(call->operand[i])) {
			fail_usage(call,
			    "operand %d is no key id: key_ and 16 characters; "
			    "a token goes in by standard input, with --token",
			    i + 1);
			return false;
		}
		if (has_id(q, call->operand[i]))
			continue;
		if (q->count == REVOKE_IDS_MAX) {
			fail_usage(call,
			    "at most %d keys at once; revoke the others with "
			    "another command",
			    REVOKE_IDS_MAX);
			return false;
		}
		memcpy(ids + q->ids.len, call->operand[i], KEY_ID_LEN);
		q->ids.len += KEY_ID_LEN;
		q->count++;
	}
	return true;
}

static int
fill_token(struct session *s, struct request_revoke *q)
{
	enum keyd_status status;
	int code = given_digest(s, q->digest, &status);

	q->by = REVOKE_BY_DIGEST;
	if (code != EXIT_DONE || status == KEYD_OK)
		return code;
	return fail(s->call, status,
	    status == KEYD_MISSING
		? "there is no token on standard input"
		: "what is on standard input is no token of this keyd: its "
		  "length, characters or checksum are wrong");
}

static int
fill(struct session *s, const struct revocation *v, struct request_revoke *q,
    uint8_t *ids)
{
	if (!args_copy(s->call, q->reason, sizeof(q->reason), v->reason,
		"the reason"))
		return EXIT_USAGE;
	q->dry_run = v->dry_run;
	if (v->by_token)
		return fill_token(s, q);
	return fill_ids(s->call, q, ids) ? EXIT_DONE : EXIT_USAGE;
}

static void
print_line(const struct revoked_row *row, bool dry_run)
{
	char when[MOMENT_SIZE];

	if (row->already) {
		out_word(stdout, row->id);
		printf(" was revoked at %s\n", moment_text(row->revoked, when));
		return;
	}
	fputs(dry_run ? "would revoke " : "revoked ", stdout);
	out_word(stdout, row->id);
	fputc('\n', stdout);
}

static json_t *
row_doc(const struct revoked_row *row)
{
	return json_pack("{so sb so}", "id", doc_text(row->id), "already",
	    row->already ? 1 : 0, "revoked", doc_time(row->revoked));
}

static enum keyd_status
print(const struct call *call, const struct reply_page *page, bool dry_run)
{
	struct wire_reader r = wire_reader(page->rows.ptr, page->rows.len);
	struct revoked_row row;

	if (call->json)
		doc_list_begin(json_pack("{sb}", "dry_run", dry_run ? 1 : 0),
		    "keys");
	for (unsigned i = 0; i < page->count; i++) {
		revoked_get(&r, &row);
		if (r.bad)
			break;
		if (call->json)
			doc_row(row_doc(&row));
		else
			print_line(&row, dry_run);
	}
	if (!wire_done(&r))
		return KEYD_EPROTOCOL;
	if (call->json)
		doc_list_end();
	return KEYD_OK;
}

/* What keyd would revoke: the ids of a page, one behind the other. */
static enum keyd_status
ids_of(const struct reply_page *page, uint8_t *ids, unsigned *count)
{
	struct wire_reader r = wire_reader(page->rows.ptr, page->rows.len);
	struct revoked_row row;

	*count = 0;
	if (page->count > REVOKE_IDS_MAX)
		return KEYD_EPROTOCOL;
	for (unsigned i = 0; i < page->count; i++) {
		revoked_get(&r, &row);
		memcpy(ids + i * KEY_ID_LEN, row.id, KEY_ID_LEN);
	}
	if (!wire_done(&r))
		return KEYD_EPROTOCOL;
	*count = page->count;
	return KEYD_OK;
}

static enum keyd_status
preview(struct session *s, const uint8_t *ids, unsigned count)
{
	struct request req = { .type = FRAME_SHOW };
	enum keyd_status status;
	struct reply rep;

	for (unsigned i = 0; i < count; i++) {
		memcpy(req.show.id, ids + i * KEY_ID_LEN, KEY_ID_LEN);
		if ((status = session_ask(s, &req, &rep)) != KEYD_OK)
			return status;
		out_text(stderr, rep.view.key.id);
		fprintf(stderr, "  %s  ", key_state(&rep.view.key));
		out_word(stderr, rep.view.key.org);
		fputs("  ", stderr);
		out_word(stderr, rep.view.key.user);
		fputs("  ", stderr);
		out_text(stderr, rep.view.key.name);
		fputc('\n', stderr);
	}
	return KEYD_OK;
}

static int
ask(struct session *s, struct request *req)
{
	uint8_t ids[REVOKE_IDS_MAX * KEY_ID_LEN];
	enum keyd_status status;
	struct reply rep;
	unsigned count;

	req->revoke.dry_run = true;
	status = session_ask(s, req, &rep);
	req->revoke.dry_run = false;
	if (status == KEYD_OK)
		status = ids_of(&rep.page, ids, &count);
	if (status == KEYD_OK)
		status = preview(s, ids, count);
	if (status != KEYD_OK)
		return session_fail(s, status);
	return revoke_confirm(s, count);
}

int
revoke_named(struct session *s, const struct revocation *v)
{
	uint8_t ids[REVOKE_IDS_MAX * KEY_ID_LEN];
	struct request req = { .type = FRAME_REVOKE };
	enum keyd_status status;
	struct reply rep;
	int code = fill(s, v, &req.revoke, ids);

	if (code == EXIT_DONE && v->ask)
		code = ask(s, &req);
	if (code != EXIT_DONE)
		return code;
	if ((status = session_ask(s, &req, &rep)) != KEYD_OK)
		return session_fail(s, status);
	status = print(s->call, &rep.page, v->dry_run);
	return status == KEYD_OK ? EXIT_DONE : session_fail(s, status);
}
