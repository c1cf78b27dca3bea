/* SPDX-License-Identifier: ISC */
/*
 * notify.h - tell systemd how keyd is, without libsystemd.
 *
 * Nothing here can fail in a way that matters to keyd: what goes wrong is a
 * line in the log.  See sd_notify(3).
 */
#ifndef KEYD_NOTIFY_H
#define KEYD_NOTIFY_H

#include <stdint.h>

/*
 * Sends a state such as "READY=1" or "STATUS=..." to $NOTIFY_SOCKET; does
 * nothing when that is not set.  Waits a second at most.
 */
void notify_send(const char *state);

/*
 * How often to send "WATCHDOG=1", in ms: half of $WATCHDOG_USEC, if it is meant
 * for this process ($WATCHDOG_PID).  0: not at all.
 */
int64_t notify_watchdog_ms(void);

#endif /* KEYD_NOTIFY_H */
