/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "stream.h"
#include "token.h"

#define FRESH INT64_C(1000000000) /* ns that a format is believed unasked */

bool
format_possible(struct span text)
{
	if (text.len == 0 || text.len > TOKEN_FOREIGN_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] < 0x21 || text.ptr[i] > 0x7e)
			return false;
	return true;
}

bool
format_fits(const char *prefix, bool foreign, struct span text)
{
	return foreign || token_check((const char *)text.ptr, text.len, prefix);
}

void
format_prefix_of(struct span text, char prefix[PREFIX_SIZE])
{
	const uint8_t *end = memchr(text.ptr, '_',
	    text.len < PREFIX_SIZE ? text.len : PREFIX_SIZE);
	size_t len = end != NULL ? (size_t)(end - text.ptr) : 0;

	memset(prefix, 0, PREFIX_SIZE);
	if (len == 0 || len >= PREFIX_SIZE)
		return;
	memcpy(prefix, text.ptr, len);
	if (!token_prefix_ok(prefix) ||
	    !token_check((const char *)text.ptr, text.len, prefix))
		memset(prefix, 0, PREFIX_SIZE);
}

static bool
is_same(const struct format *f, const struct reply_welcome *w)
{
	return f->foreign == w->foreign && strcmp(f->prefix, w->prefix) == 0;
}

static struct format *
find(struct formats *f, const struct reply_welcome *w)
{
	struct format *i = atomic_load(&f->all);

	while (i != NULL && !is_same(i, w))
		i = i->older;
	return i;
}

static struct format *
add(struct formats *f, const struct reply_welcome *w)
{
	struct format *new = calloc(1, sizeof(*new));

	if (new == NULL)
		return NULL;
	new->foreign = w->foreign;
	memcpy(new->prefix, w->prefix, sizeof(new->prefix));
	new->older = atomic_load(&f->all);
	while (!atomic_compare_exchange_weak(&f->all, &new->older, new))
		;
	return new;
}

void
format_learn(struct formats *f, const struct reply_welcome *w)
{
	struct format *now = find(f, w);

	if (now == NULL)
		now = add(f, w);
	if (now != NULL) /* else out of memory: the next one learns it */
		atomic_store(&f->now, now);
	atomic_store(&f->checked, stream_now());
}

bool
format_prefix(struct formats *f, char prefix[PREFIX_SIZE])
{
	const struct format *now = atomic_load(&f->now);

	if (now == NULL)
		return false;
	memcpy(prefix, now->prefix, PREFIX_SIZE);
	return true;
}

bool
format_stale(struct formats *f)
{
	int_fast64_t checked = atomic_load(&f->checked);
	int64_t now = stream_now();

	return now - checked >= FRESH &&
	    atomic_compare_exchange_strong(&f->checked, &checked, now);
}

void
format_free(struct formats *f)
{
	struct format *i = atomic_exchange(&f->all, NULL);

	atomic_store(&f->now, NULL);
	while (i != NULL) {
		struct format *older = i->older;

		free(i);
		i = older;
	}
}
