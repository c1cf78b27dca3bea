/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "handles.h"

#define COUNTS_MS                                                              \
	500 /* for the counts, which may not hold a thread up long             \
	     */

static enum keyd_status
open_one(const struct handles *hs, const char *org, bool kept,
    struct keyd **handle)
{
	struct keyd_options o = KEYD_OPTIONS_INIT;

	o.runtime_dir = hs->runtime_dir;
	o.org = org[0] != '\0' ? org : NULL;
	o.change_deadline_ms = COUNTS_MS;
	o.cache_size = kept ? 0 : KEYD_CACHE_NONE;
	return keyd_open(&o, handle);
}

enum keyd_status
handles_init(struct handles *hs, const char *runtime_dir)
{
	struct keyd *first;
	bool kept;

	*hs = (struct handles){ .runtime_dir = runtime_dir };
	(void)pthread_mutex_init(&hs->lock, NULL);
	return handles_take(hs, "", &first, &kept);
}

void
handles_free(struct handles *hs)
{
	for (unsigned i = 0; i < hs->count; i++)
		keyd_close(hs->all[i]);
	hs->count = 0;
}

static struct keyd *
find(const struct handles *hs, const char *org)
{
	for (unsigned i = 0; i < hs->count; i++)
		if (strcmp(hs->orgs[i], org) == 0)
			return hs->all[i];
	return NULL;
}

/* Locked. */
static enum keyd_status
take(struct handles *hs, const char *org, struct keyd **handle, bool *kept)
{
	enum keyd_status status;

	*kept = true;
	if ((*handle = find(hs, org)) != NULL)
		return KEYD_OK;
	*kept = hs->count < HANDLES_MAX;
	if ((status = open_one(hs, org, *kept, handle)) != KEYD_OK)
		return status;
	if (*kept) {
		strcpy(hs->orgs[hs->count], org);
		hs->all[hs->count++] = *handle;
	}
	return KEYD_OK;
}

enum keyd_status
handles_take(struct handles *hs, const char *org, struct keyd **handle,
    bool *kept)
{
	enum keyd_status status;

	*handle = NULL;
	*kept = true;
	if (strlen(org) >= KEYD_ORG_SIZE)
		return KEYD_EINVAL;
	(void)pthread_mutex_lock(&hs->lock);
	status = take(hs, org, handle, kept);
	(void)pthread_mutex_unlock(&hs->lock);
	return status;
}

void
handles_return(struct keyd *handle, bool kept)
{
	if (!kept)
		keyd_close(handle);
}
