/* SPDX-License-Identifier: ISC */
#include <unistd.h>

#include "place.h"

#define LOOK_MS 10    /* between two looks; a usual commit takes less */
#define STALE_MS 50   /* a look is too long ago to compare with */
#define HURRY_MS 1000 /* that it stays forward */
#define LONG_AGO (INT64_MIN / 2)
#define NS_PER_MS UINT64_C(1000000)

static void
take(struct place *p, bool forward)
{
	if (forward == p->forward)
		return;
	p->forward = forward;
	if (forward)
		(void)slice_step_forward(&p->slice);
	else
		slice_stand_back(&p->slice, p->back);
}

static bool
is_wanted_forward(const struct place *p)
{
	return p->urgent > 0 || p->hurry_until > p->looked;
}

void
place_open(struct place *p)
{
	*p = (struct place){ .writer_fd = -1,
		.loop_fd = schedstat_open(),
		.looked = LONG_AGO,
		.hurry_until = LONG_AGO };
}

void
place_close(struct place *p)
{
	if (p->writer_fd != -1)
		close(p->writer_fd);
	if (p->loop_fd != -1)
		close(p->loop_fd);
}

/* Far only where it would see that this is too far, and may return. */
void
place_begin(struct place *p)
{
	p->writer_fd = schedstat_open();
	p->slice = slice_of_thread();
	p->back = SLICE_BACK;
	slice_stand_back(&p->slice, p->back);
	p->forward = slice_step_forward(&p->slice);
	if (p->forward && p->writer_fd != -1 && p->loop_fd != -1)
		p->back = SLICE_FAR_BACK;
	take(p, false);
}

void
place_come(struct place *p, const struct change *ch)
{
	p->changes++;
	p->urgent += change_is_urgent(ch);
	take(p, is_wanted_forward(p));
}

void
place_go(struct place *p, const struct change *ch)
{
	p->changes--;
	p->urgent -= change_is_urgent(ch);
	take(p, is_wanted_forward(p));
}

/* By others than the loop, for most of the time since the last look. */
static bool
is_kept(const struct place *p, const struct schedstat *writer,
    const struct schedstat *loop, int64_t ms)
{
	uint64_t waited = writer->waited - p->writer.waited;
	uint64_t wanted =
	    loop->ran - p->loop.ran + loop->waited - p->loop.waited;

	return waited > wanted &&
	    waited - wanted > (uint64_t)ms * NS_PER_MS / 2;
}

void
place_look(struct place *p, int64_t now)
{
	struct schedstat writer, loop;

	if (now < place_due(p))
		return;
	if (!schedstat_read(p->writer_fd, &writer) ||
	    !schedstat_read(p->loop_fd, &loop))
		writer = p->writer, loop = p->loop;
	if (now < p->looked + STALE_MS &&
	    is_kept(p, &writer, &loop, now - p->looked))
		p->hurry_until = now + HURRY_MS;
	p->looked = now;
	p->writer = writer;
	p->loop = loop;
	take(p, is_wanted_forward(p));
}

int64_t
place_due(const struct place *p)
{
	if (p->changes == 0 || p->back != SLICE_FAR_BACK)
		return INT64_MAX;
	if (p->hurry_until > p->looked)
		return p->hurry_until;
	return p->looked + LOOK_MS;
}

void
place_hurry(struct place *p)
{
	take(p, true);
}
