/* SPDX-License-Identifier: ISC */
/* How far the thread stands back, as its changes find it. */
#include <sys/resource.h>

#include <check.h>
#include <poll.h>

#include "ask.h"
#include "clock.h"
#include "hogs.h"
#include "patience.h"
#include "slice.h"
#include "suite.h"
#include "writer.h"

static struct scratch s;
static struct asker a;
static struct writer *w;
static int own, back; /* nice values */
static bool may_return;
static int nice_then; /* of the thread, in the last change */

/* Who may not raise a priority stays where it went. */
static void
set_up(void)
{
	struct patience p;
	bool told = patience_open(&p);

	patience_close(&p);
	scratch_open(&s);
	asker_open(&a, &s);
	own = getpriority(PRIO_PROCESS, 0);
	ck_assert_int_eq(setpriority(PRIO_PROCESS, 0, own + 1), 0);
	may_return = setpriority(PRIO_PROCESS, 0, own) == 0;
	own = getpriority(PRIO_PROCESS, 0);
	back = own + (may_return && told ? SLICE_FAR_BACK : SLICE_BACK);
	back = back < 19 ? back : 19;
	ck_assert_ptr_nonnull(w = writer_start(s.store, NULL, 1));
}

static void
tear_down(void)
{
	struct changes rest = STAILQ_HEAD_INITIALIZER(rest);

	writer_stop(w, &rest);
	asker_close(&a);
	scratch_close(&s);
}

static enum op_result
look(struct op_call *c)
{
	nice_then = getpriority(PRIO_PROCESS, 0);
	return op_refuse(c, ERROR_EXISTS, "no");
}

static enum op_result
toil(struct op_call *c)
{
	int64_t end = clock_mono_ns() + 5000000;

	while (clock_mono_ns() < end)
		continue;
	return look(c);
}

/* Where the thread is while it makes such a change. */
static int
place_of(uint8_t type, op_run *run)
{
	struct request req = { .type = type };
	struct change *ch =
	    change_new(&req, 1, run, &a.peer, a.policy, ASK_NOW);
	struct pollfd p = { writer_fd(w), POLLIN, 0 };
	struct changes done = STAILQ_HEAD_INITIALIZER(done);

	ck_assert_ptr_nonnull(ch);
	ck_assert(writer_submit(w, ch));
	ck_assert_int_eq(poll(&p, 1, 30000), 1);
	writer_take(w, &done);
	ck_assert_ptr_eq(STAILQ_FIRST(&done), ch);
	change_free(ch);
	return nice_then;
}

START_TEST(the_thread_stands_back_but_to_take_rights_away)
{
	static const struct {
		uint8_t type;
		bool forward;
	} changes[] = { { FRAME_ORG_ADD, false }, { FRAME_REVOKE, true },
		{ FRAME_ORG_ADD, false }, { FRAME_MEMBER_REMOVE, true },
		{ FRAME_ORG_ADD, false } };

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		ck_assert_int_eq(place_of(changes[i].type, look),
		    changes[i].forward && may_return ? own : back);
}
END_TEST

static void
set_up_on_one_processor(void)
{
	hogs_one_processor();
	set_up();
}

/* It stands back from the loop: others are not to starve it. */
START_TEST(the_thread_steps_forward_when_it_waits_too_long)
{
	bool stepped = false;
	struct hogs h;

	hogs_start(&h);
	for (int i = 0; i < 100 && !stepped; i++)
		stepped = place_of(FRAME_ORG_ADD, toil) == own;
	hogs_stop(&h);
	ck_assert_int_eq(stepped, back - own != SLICE_BACK);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("writer_place");
	TCase *tc = tcase_create("writer_place");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, the_thread_stands_back_but_to_take_rights_away);
	suite_add_tcase(suite, tc);
	tc = tcase_create("starved");
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, set_up_on_one_processor, tear_down);
	tcase_add_test(tc, the_thread_steps_forward_when_it_waits_too_long);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
