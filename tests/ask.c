/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "exact.h"
#include "leases.h"
#include "limiter.h"

void
asker_open(struct asker *a, struct scratch *s)
{
	struct policy_draft *d = malloc(sizeof(*d));

	*a = (struct asker){ .scratch = s,
		.session = { .greeted = true, .number = 1 },
		.socket = SOCKET_ADMIN,
		.now = ASK_NOW };
	policy_draft_default(d);
	a->policy = policy_new(d);
	ck_assert_ptr_nonnull(a->policy);
	a->desk = desk_new(0);
	ck_assert_ptr_nonnull(a->desk);
	a->bulletin = calloc(1, sizeof(*a->bulletin));
	ck_assert_ptr_nonnull(a->bulletin);
	a->generations = generations_new(a->bulletin);
	ck_assert_ptr_nonnull(a->generations);
	store_share(s->store, a->generations);
	a->limiter = limiter_new(0, a->now_ns);
	ck_assert_ptr_nonnull(a->limiter);
	a->leases = leases_new();
	ck_assert_ptr_nonnull(a->leases);
	a->uses = uses_new(s->store);
	ck_assert_ptr_nonnull(a->uses);
	a->notes = notes_new();
	ck_assert_ptr_nonnull(a->notes);
	a->snapshot = snapshot_new(s->store);
	ck_assert_ptr_nonnull(a->snapshot);
	a->incoming = incoming_new(s->state.dir_fd);
	ck_assert_ptr_nonnull(a->incoming);
	free(d);
}

void
asker_close(struct asker *a)
{
	policy_unref(a->policy);
	snapshot_free(a->snapshot);
	incoming_free(a->incoming);
	desk_free(a->desk);
	store_share(a->scratch->store, NULL);
	generations_free(a->generations);
	free(a->bulletin);
	limiter_free(a->limiter);
	leases_free(a->leases);
	uses_free(a->uses);
	notes_free(a->notes);
}

size_t
ask_encode(uint8_t *bytes, size_t cap, const struct request *req, uint32_t id)
{
	struct wire_writer w = wire_writer(bytes, cap);

	request_encode(&w, req, id);
	ck_assert(wire_fits(&w));
	return wire_length(&w);
}

static void
take_answer(struct asker *a, const uint8_t *bytes, size_t len)
{
	ck_assert_uint_le(len, sizeof(a->bytes));
	memcpy(a->bytes, bytes, len);
	ck_assert_int_eq(frame_parse((struct span){ a->bytes, len }, &a->frame),
	    FRAME_WHOLE);
	ck_assert_uint_eq(frame_size(&a->frame), len);
	ck_assert(reply_decode(&a->rep, &a->frame));
}

/* As the writer does with one change alone. */
static void
carry_out(struct asker *a, struct change *ch)
{
	struct store_txn *t = scratch_begin(a->scratch);

	if (change_apply(ch, t, false) != OP_FAILED && ch->wrote)
		scratch_commit(t);
	else
		store_abort(t);
	take_answer(a, ch->answer, ch->answer_len);
	change_free(ch);
}

static void
give(struct asker *a, const struct frame *f)
{
	uint8_t *room = malloc(FRAME_MAX);
	struct wire_writer out = wire_writer(room, FRAME_MAX);
	struct op_call call = {
		.peer = &a->peer,
		.policy = a->policy,
		.now = a->now,
		.now_ms = a->now_ns / 1000000,
		.now_ns = a->now_ns,
		.health = &a->health,
		.session = &a->session,
		.desk = a->desk,
		.limiter = a->limiter,
		.leases = a->leases,
		.uses = a->uses,
		.notes = a->notes,
		.snapshot = a->snapshot,
		.incoming = a->incoming,
		.txn = scratch_view(a->scratch),
		.out = &out,
	};
	struct change *ch = dispatch(&call, a->socket, f, a->policy);

	store_view_reset(a->scratch->store);
	a->unknown = call.unknown;
	a->hang_up = call.hang_up;
	a->page = call.page;
	a->was_change = ch != NULL;
	if (ch == NULL) {
		ck_assert(wire_fits(&out));
		take_answer(a, room, wire_length(&out));
	} else {
		ck_assert_uint_eq(wire_length(&out), 0);
		carry_out(a, ch);
	}
	free(room);
}

const struct reply *
ask_raw(struct asker *a, uint8_t major, uint8_t type, const void *body,
    size_t len)
{
	uint8_t *copy = exact_copy(body, len);
	struct frame f = { major, type, 77, { copy, len } };

	give(a, &f);
	free(copy);
	ck_assert_uint_eq(a->frame.id, 77);
	ck_assert_uint_eq(a->frame.major, PROTOCOL_MAJOR);
	return &a->rep;
}

const struct reply *
ask(struct asker *a, const struct request *req)
{
	uint8_t bytes[FRAME_MAX];
	size_t len = ask_encode(bytes, sizeof(bytes), req, 77);

	return ask_raw(a, PROTOCOL_MAJOR, req->type, bytes + FRAME_HEADER,
	    len - FRAME_HEADER);
}

void
ask_refused(const struct reply *rep, enum error_code code)
{
	ck_assert_uint_eq(rep->type, FRAME_ERROR);
	ck_assert_msg(rep->error.code == (uint8_t)code, "error %d: %s",
	    rep->error.code, rep->error.message);
	ck_assert_str_ne(rep->error.message, "");
}

void
ask_done(const struct reply *rep)
{
	ck_assert_msg(rep->type != FRAME_ERROR, "error %d: %s", rep->error.code,
	    rep->error.message);
}

struct wire_reader
ask_rows(const struct reply *rep, unsigned count)
{
	ask_done(rep);
	ck_assert_uint_eq(rep->page.count, count);
	return wire_reader(rep->page.rows.ptr, rep->page.rows.len);
}

void
ask_org(struct asker *a, const char *slug)
{
	struct request req = { .type = FRAME_ORG_ADD };

	strlcpy(req.org.slug, slug, sizeof(req.org.slug));
	ask_done(ask(a, &req));
}

void
ask_member(struct asker *a, const char *org, const char *user, const char *role)
{
	struct request req = { .type = FRAME_MEMBER_ADD };

	strlcpy(req.member.org, org, sizeof(req.member.org));
	strlcpy(req.member.user, user, sizeof(req.member.user));
	strlcpy(req.member.role, role, sizeof(req.member.role));
	ask_done(ask(a, &req));
}

void
ask_people(struct asker *a)
{
	ask_org(a, "acme");
	ask_org(a, "bell");
	ask_member(a, "acme", "tess", "tester");
	ask_member(a, "acme", "eddy", "editor");
	ask_member(a, "acme", "adam", "admin");
	ask_member(a, "acme", "olga", "owner");
}

struct request
ask_create(uint8_t n, const char *org, const char *user, const char *name)
{
	struct request req = { .type = FRAME_CREATE };

	memset(req.create.digest, n, sizeof(req.create.digest));
	strlcpy(req.create.org, org, sizeof(req.create.org));
	strlcpy(req.create.user, user, sizeof(req.create.user));
	strlcpy(req.create.name, name, sizeof(req.create.name));
	return req;
}

void
ask_key(struct asker *a, uint8_t n, const char *org, const char *user,
    const char *name, char id[KEY_ID_SIZE])
{
	struct request req = ask_create(n, org, user, name);

	ask_done(ask(a, &req));
	ck_assert(!a->rep.created.existed);
	strlcpy(id, a->rep.created.key.id, KEY_ID_SIZE);
}

enum verdict_code
ask_verify(struct asker *a, uint8_t n, const char *permission, const char *org)
{
	struct request req = { .type = FRAME_VERIFY };
	enum socket_kind before = a->socket;

	memset(req.verify.digest, n, sizeof(req.verify.digest));
	strlcpy(req.verify.permission, permission,
	    sizeof(req.verify.permission));
	strlcpy(req.verify.org, org, sizeof(req.verify.org));
	a->socket = SOCKET_VERIFY;
	ask_done(ask(a, &req));
	a->socket = before;
	return (enum verdict_code)a->rep.verdict.code;
}

const struct reply *
ask_revoke(struct asker *a, const char *id)
{
	struct request req = { .type = FRAME_REVOKE };

	req.revoke.by = REVOKE_BY_ID;
	req.revoke.count = 1;
	req.revoke.ids = (struct span){ (const uint8_t *)id, KEY_ID_LEN };
	return ask(a, &req);
}
