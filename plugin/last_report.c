/* SPDX-License-Identifier: ISC */
#include "last_report.h"

#define REPORTS_MAX 256 /* requests, of 16 leases each */

void
last_report(struct keyd *h)
{
	struct request req = { .type = FRAME_REPORT };
	struct loan l;

	if (h->cache == NULL || !pool_take_idle(&h->pool, &l))
		return;
	for (int i = 0; i < REPORTS_MAX; i++)
		if (cache_last_reports(h->cache, &req.report) == 0 ||
		    !client_tell(l.client, &req))
			break;
	pool_return(&h->pool, &l);
}
