/* SPDX-License-Identifier: ISC */
/*
 * trail.h - the audit log of keyd, entry by entry.
 *
 * It has no last page, since it grows: trail_read reads up to what is there
 * now, and the next call goes on behind that.
 */
#ifndef KEYDCTL_TRAIL_H
#define KEYDCTL_TRAIL_H

#include "event.h"
#include "session.h"

/* False ends the reading. */
typedef bool trail_each(const struct event *e, void *arg);

/* Calls each for every entry behind req->audit.after, which moves along. */
enum keyd_status trail_read(struct session *s, struct request *req,
    trail_each *each, void *arg);

#endif /* KEYDCTL_TRAIL_H */
