/* SPDX-License-Identifier: ISC */
/* How far the thread stands back, as its changes find it. */
#include <sys/resource.h>

#include <check.h>
#include <poll.h>
#include <unistd.h>

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
static int own; /* nice value */
static bool may_return;
static int nice_then; /* of the thread, in the last change */

/* Who may not raise a priority stays where it went. */
static void
set_up(void)
{
	scratch_open(&s);
	asker_open(&a, &s);
	own = getpriority(PRIO_PROCESS, 0);
	ck_assert_int_eq(setpriority(PRIO_PROCESS, 0, own + 1), 0);
	may_return = setpriority(PRIO_PROCESS, 0, own) == 0;
	own = getpriority(PRIO_PROCESS, 0);
}

static int
back(int steps)
{
	return own + steps < 19 ? own + steps : 19;
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

/* No descriptor for more than its event. */
static void
start_blind(void)
{
	struct rlimit limit, least;
	int next = dup(0);

	ck_assert_int_ne(next, -1);
	close(next);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	least = limit;
	least.rlim_cur = (rlim_t)next + 1;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &least), 0);
	ck_assert_ptr_nonnull(w = writer_start(s.store, NULL, 1));
	ck_assert_int_eq(place_of(FRAME_ORG_ADD, look), back(SLICE_BACK));
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* Whatever else the machine does, since it sees nothing of that. */
START_TEST(the_thread_stands_back_but_to_take_rights_away)
{
	static const struct {
		uint8_t type;
		bool forward;
	} changes[] = { { FRAME_ORG_ADD, false }, { FRAME_REVOKE, true },
		{ FRAME_ORG_ADD, false }, { FRAME_MEMBER_REMOVE, true },
		{ FRAME_ORG_ADD, false } };

	start_blind();
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		ck_assert_int_eq(place_of(changes[i].type, look),
		    changes[i].forward && may_return ? own : back(SLICE_BACK));
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
	struct patience p;
	bool sees = patience_open(&p) && may_return, stepped = false;
	struct hogs h;

	patience_close(&p);
	hogs_start(&h);
	ck_assert_ptr_nonnull(w = writer_start(s.store, NULL, 1));
	ck_assert_int_eq(place_of(FRAME_ORG_ADD, toil),
	    back(sees ? SLICE_FAR_BACK : SLICE_BACK));
	for (int i = 0; i < 100 && !stepped; i++)
		stepped = place_of(FRAME_ORG_ADD, toil) == own;
	hogs_stop(&h);
	ck_assert_int_eq(stepped, sees);
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
	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, set_up_on_one_processor, tear_down);
	tcase_add_test(tc, the_thread_steps_forward_when_it_waits_too_long);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
