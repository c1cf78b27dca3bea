/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "tally.h"

#define STRETCH 64U /* keys */
#define STRETCHES_MIN 64
#define SERIAL_MAX (UINT64_C(1) << 40) /* a greater one is a damaged one */

struct stretch {
	uint64_t used; /* a bit for each that has uses */
	struct count of[STRETCH];
};

struct tally {
	struct stretch **stretches; /* NULL: of none of them */
	size_t stretch_count;
	size_t keys;
	size_t at; /* the stretch to be taken out of */
};

struct tally *
tally_new(void)
{
	return calloc(1, sizeof(struct tally));
}

void
tally_free(struct tally *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->stretch_count; i++)
		free(t->stretches[i]);
	free(t->stretches);
	free(t);
}

static bool
make_room(struct tally *t, size_t at)
{
	size_t old = t->stretch_count;
	size_t count = old == 0 ? STRETCHES_MIN : old;
	struct stretch **more;

	while (count <= at)
		count *= 2;
	if (count == old)
		return true;
	more = realloc(t->stretches, count * sizeof(struct stretch *));
	if (more == NULL)
		return false;
	memset(more + old, 0, (count - old) * sizeof(struct stretch *));
	t->stretches = more;
	t->stretch_count = count;
	return true;
}

static struct stretch *
stretch_of(const struct tally *t, uint64_t serial)
{
	uint64_t at = serial / STRETCH;

	return at < t->stretch_count ? t->stretches[at] : NULL;
}

static struct stretch *
add_stretch(struct tally *t, uint64_t serial)
{
	if (serial > SERIAL_MAX || !make_room(t, serial / STRETCH))
		return NULL;
	return t->stretches[serial / STRETCH] =
		   calloc(1, sizeof(struct stretch));
}

static uint64_t
bit_of(uint64_t serial)
{
	return UINT64_C(1) << serial % STRETCH;
}

struct count *
tally_touch(struct tally *t, uint64_t serial)
{
	struct stretch *s = stretch_of(t, serial);

	if (s == NULL && (s = add_stretch(t, serial)) == NULL)
		return NULL;
	t->keys += (s->used & bit_of(serial)) == 0;
	s->used |= bit_of(serial);
	return &s->of[serial % STRETCH];
}

const struct count *
tally_find(const struct tally *t, uint64_t serial)
{
	const struct stretch *s = stretch_of(t, serial);

	return s != NULL && (s->used & bit_of(serial)) != 0
	    ? &s->of[serial % STRETCH]
	    : NULL;
}

void
tally_fetch_place(const struct tally *t, uint64_t serial)
{
	if (serial / STRETCH < t->stretch_count)
		__builtin_prefetch(&t->stretches[serial / STRETCH]);
}

void
tally_fetch(const struct tally *t, uint64_t serial)
{
	const struct stretch *s = stretch_of(t, serial);

	if (s == NULL)
		return;
	__builtin_prefetch(s, 1);
	__builtin_prefetch(&s->of[serial % STRETCH], 1);
}

size_t
tally_keys(const struct tally *t)
{
	return t->keys;
}

void
tally_begin(struct tally *t)
{
	t->at = 0;
}

bool
tally_take(struct tally *t, uint64_t *serial, struct count *c)
{
	struct stretch *s;
	unsigned i;

	while (t->at < t->stretch_count && t->stretches[t->at] == NULL)
		t->at++;
	if (t->at == t->stretch_count)
		return false;
	s = t->stretches[t->at];
	i = (unsigned)__builtin_ctzll(s->used);
	*serial = (uint64_t)t->at * STRETCH + i;
	*c = s->of[i];
	s->of[i] = (struct count){ 0 };
	s->used &= s->used - 1;
	t->keys--;
	if (s->used == 0) {
		free(s);
		t->stretches[t->at] = NULL;
	}
	return true;
}
