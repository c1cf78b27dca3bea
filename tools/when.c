/* SPDX-License-Identifier: ISC */
#include "when.h"
#include "clock.h"
#include "duration.h"
#include "moment.h"

static bool
found(int64_t *when, bool valid)
{
	if (!valid)
		*when = 0;
	return valid;
}

bool
when_ahead(const char *text, int64_t *when)
{
	int64_t now = clock_unix();
	bool fits;

	if (duration_parse(text, when)) {
		fits = *when < MOMENT_MAX - now;
		*when = fits ? now + 1 + *when : 0;
		return fits;
	}
	return found(when, moment_parse(text, when) && *when > now);
}

bool
when_ago(const char *text, int64_t *when)
{
	int64_t now = clock_unix();

	if (duration_parse(text, when)) {
		*when = now - *when;
		return found(when, *when > 0);
	}
	return found(when, moment_parse(text, when) && *when <= now);
}
