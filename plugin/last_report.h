/* SPDX-License-Identifier: ISC */
/*
 * last_report.h - what was used of leases, told to keyd before a handle goes.
 *
 * It is said on a connection that is there, if there is one, and no answer is
 * waited for: to count well is worth no wait.
 */
#ifndef KEYD_LAST_REPORT_H
#define KEYD_LAST_REPORT_H

#include "handle.h"

void last_report(struct keyd *h);

#endif /* KEYD_LAST_REPORT_H */
