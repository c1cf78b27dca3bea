/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>

#include "log.h"
#include "share.h"

void
share_open(struct share *s)
{
	*s = (struct share){ .heart = NULL };
	if (!posting_open(&s->posting))
		log_warning("clients ask for each verify: no memory can be "
			    "shared with them: %s",
		    strerror(errno));
}

static void
warn_of_heart(const char *why)
{
	log_warning("clients ask for each verify: the end of this keyd would "
		    "not be seen by them: %s",
	    why);
}

void
share_start(struct share *s)
{
	struct bulletin *page = s->posting.page;

	if (page == NULL)
		return;
	if (!heart_works(&page->alive))
		warn_of_heart("this kernel marks no robust futex");
	else if ((s->heart = heart_start(&page->alive)) == NULL)
		warn_of_heart(strerror(errno));
	else
		s->generations = generations_new(page);
	if (s->generations == NULL)
		share_stop(s);
}

void
share_stop(struct share *s)
{
	heart_stop(s->heart);
	generations_free(s->generations);
	posting_close(&s->posting);
	*s = (struct share){ .posting = { .fd = -1 } };
}
