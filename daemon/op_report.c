/* SPDX-License-Identifier: ISC */
#include "offer.h"

/* Counts what a client used of its leases before it goes. */
enum op_result
op_report(struct op_call *c)
{
	const struct reply rep = { .type = FRAME_ANSWER | FRAME_REPORT };

	offer_settle(c, &c->req->report);
	return op_answer(c, &rep);
}
