/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "asked.h"
#include "exact.h"
#include "names.h"

static struct change *
make(const struct request *req, op_run *run)
{
	static const struct peer peer = { .uid = 1000, .gid = 100, .pid = 7 };
	struct change *ch = change_new(req, 42, run, &peer, a.policy, ASK_NOW);

	ck_assert_ptr_nonnull(ch);
	return ch;
}

static void
decode(const struct change *ch, struct reply *rep)
{
	struct span answer = { ch->answer, ch->answer_len };
	struct frame f;

	ck_assert_int_eq(frame_parse(answer, &f), FRAME_WHOLE);
	ck_assert_uint_eq(frame_size(&f), ch->answer_len);
	ck_assert_uint_eq(f.id, 42);
	ck_assert(reply_decode(rep, &f));
}

static enum op_result
look(struct op_call *c)
{
	struct reply rep = { .type = FRAME_ANSWER | FRAME_ORG_ADD };

	ck_assert_uint_eq(c->id, 42);
	ck_assert_uint_eq(c->peer->uid, 1000);
	ck_assert_int_eq(c->now, ASK_NOW);
	ck_assert_ptr_eq(c->policy, a.policy);
	ck_assert_ptr_null(c->health);
	ck_assert_ptr_null(c->session);
	strlcpy(rep.org.slug, c->req->org.slug, sizeof(rep.org.slug));
	return op_answer(c, &rep);
}

START_TEST(an_operation_gets_all_that_it_depends_on)
{
	struct request req = { .type = FRAME_ORG_ADD, .org.slug = "acme" };
	struct change *ch = make(&req, look);
	struct store_txn *t = scratch_begin(&s);
	struct reply rep;

	memset(&req, 0, sizeof(req));
	ck_assert_int_eq(change_apply(ch, t, false), OP_DONE);
	store_abort(t);
	decode(ch, &rep);
	ck_assert_str_eq(rep.org.slug, "acme");
	change_free(ch);
	change_free(NULL);
}
END_TEST

static enum op_result
read_ids(struct op_call *c)
{
	const struct request_revoke *q = &c->req->revoke;

	ck_assert_uint_eq(q->count, 2);
	ck_assert_uint_eq(q->ids.len, 2 * KEY_ID_LEN);
	ck_assert_mem_eq(q->ids.ptr, "key_aaaaaaaaaaaaaaaakey_bbbbbbbbbbbbbbbb",
	    q->ids.len);
	return op_refuse(c, ERROR_NOT_FOUND, "there are none");
}

/* They lay in the buffer of a connection, which goes on without them. */
START_TEST(the_ids_of_a_revoke_are_taken_along)
{
	uint8_t *ids =
	    exact_copy("key_aaaaaaaaaaaaaaaakey_bbbbbbbbbbbbbbbb", 40);
	struct request req = {
		.type = FRAME_REVOKE,
		.revoke = { .by = REVOKE_BY_ID, .count = 2, .ids = { ids, 40 } }
	};
	struct change *ch = make(&req, read_ids);
	struct store_txn *t = scratch_begin(&s);
	struct reply rep;

	memset(ids, 0, 40);
	free(ids);
	ck_assert_int_eq(change_apply(ch, t, false), OP_REFUSED);
	store_abort(t);
	decode(ch, &rep);
	ask_refused(&rep, ERROR_NOT_FOUND);
	change_free(ch);
}
END_TEST

START_TEST(an_answer_given_again_replaces_the_first)
{
	struct request req = { .type = FRAME_ORG_ADD, .org.slug = "acme" };
	struct change *ch = make(&req, look);
	struct store_txn *t = scratch_begin(&s);
	struct reply rep;

	ck_assert_int_eq(change_apply(ch, t, false), OP_DONE);
	ck_assert_int_eq(change_apply(ch, t, false), OP_DONE);
	decode(ch, &rep);
	change_fail(ch, ERROR_OUTCOME);
	decode(ch, &rep);
	ask_refused(&rep, ERROR_OUTCOME);
	ck_assert_uint_gt(rep.error.retry_after, 0);
	store_abort(t);
	change_free(ch);
}
END_TEST

static enum op_result
put_too_much(struct op_call *c)
{
	static const uint8_t much[FRAME_MAX];

	frame_begin(c->out, PROTOCOL_MAJOR, FRAME_ANSWER | FRAME_ORG_ADD,
	    c->id);
	for (int i = 0; i < 1000; i++)
		wire_put_bytes(c->out, much, 100);
	wire_put_bytes(c->out, much, sizeof(much));
	return OP_DONE;
}

/* Part of a frame would take the framing from the client. */
START_TEST(an_answer_that_does_not_fit_becomes_an_error)
{
	struct request req = { .type = FRAME_ORG_ADD };
	struct change *ch = make(&req, put_too_much);
	struct store_txn *t = scratch_begin(&s);
	struct reply rep;

	ck_assert_int_eq(change_apply(ch, t, false), OP_FAILED);
	store_abort(t);
	decode(ch, &rep);
	ask_refused(&rep, ERROR_STORE);
	change_free(ch);
}
END_TEST

static const struct {
	uint8_t type;
	bool urgent;
} types[] = {
	{ FRAME_ORG_ADD, false },
	{ FRAME_ORG_SET, false },
	{ FRAME_MEMBER_ADD, false },
	{ FRAME_MEMBER_SET, true },
	{ FRAME_MEMBER_REMOVE, true },
	{ FRAME_CREATE, false },
	{ FRAME_REVOKE, true },
};

#define TYPES ((int)(sizeof(types) / sizeof(types[0])))

static bool ran;

static enum op_result
note_it(struct op_call *c)
{
	ran = true;
	return op_refuse(c, ERROR_INVALID, "it ran");
}

static void
fill(void)
{
	struct store_txn *t = scratch_begin(&s);
	uint8_t *page = calloc(1, 65536);
	uint8_t key[2];

	for (unsigned i = 0; i < SCRATCH_MAP_SIZE * 16; i++) {
		key[0] = (uint8_t)(i >> 8);
		key[1] = (uint8_t)i;
		ck_assert_int_eq(store_put(t, TABLE_NAMES,
				     (struct span){ key, 2 },
				     (struct span){ page, 65536 }),
		    STORE_OK);
	}
	free(page);
	scratch_commit(t);
}

START_TEST(in_a_full_map_only_what_takes_rights_away_is_done)
{
	struct request req = { .type = types[_i].type };
	struct change *ch = make(&req, note_it);
	struct store_txn *t;
	struct reply rep;

	fill();
	ck_assert_int_eq(change_is_urgent(ch), types[_i].urgent);
	t = scratch_begin(&s);
	ck_assert_int_eq(change_apply(ch, t, false), OP_REFUSED);
	store_abort(t);
	decode(ch, &rep);
	ck_assert_int_eq(ran, types[_i].urgent);
	ask_refused(&rep, types[_i].urgent ? ERROR_INVALID : ERROR_STORE);
	change_free(ch);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("change");
	TCase *tc = tcase_create("change");

	tcase_add_checked_fixture(tc, set_up_empty, tear_down);
	tcase_add_test(tc, an_operation_gets_all_that_it_depends_on);
	tcase_add_test(tc, the_ids_of_a_revoke_are_taken_along);
	tcase_add_test(tc, an_answer_given_again_replaces_the_first);
	tcase_add_test(tc, an_answer_that_does_not_fit_becomes_an_error);
	tcase_add_loop_test(tc,
	    in_a_full_map_only_what_takes_rights_away_is_done, 0, TYPES);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
