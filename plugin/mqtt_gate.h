/* SPDX-License-Identifier: ISC */
/*
 * mqtt_gate.h - what the Mosquitto plugin asks keyd.
 *
 * The broker has one thread, which waits for each answer.  So after a keyd
 * that did not answer in time nobody is asked for a while, and all of that
 * while there is no decision: a hanging keyd slows the broker by a fifth.
 */
#ifndef KEYD_MQTT_GATE_H
#define KEYD_MQTT_GATE_H

#include <stdint.h>

#include "keyd.h"
#include "seal.h"

#define MQTT_GATE_PAUSE 1000 /* ms; the deadline of a verify is 250 */

struct mqtt_gate {
	struct keyd *keyd;
	struct keyd *beside; /* asks for another org than any has */
	struct seal *seal;
	int64_t paused_until; /* ms, monotonic */
};

/* runtime_dir, org: as of keyd_options.  On failure nothing is left to
   close. */
enum keyd_status mqtt_gate_open(struct mqtt_gate *g, const char *runtime_dir,
    const char *org);
void mqtt_gate_close(struct mqtt_gate *g);

/* A token for the first time. */
enum keyd_status mqtt_gate_verify(struct mqtt_gate *g, const char *token,
    const char *permission, struct keyd_verdict *v);

/* One that was kept; this too takes a use of the key's limit. */
enum keyd_status mqtt_gate_again(struct mqtt_gate *g, const struct sealed *box,
    const char *permission);

/* KEYD_OK: neither revoked nor expired.  This takes no use of the limit. */
enum keyd_status mqtt_gate_alive(struct mqtt_gate *g, const struct sealed *box);

#endif /* KEYD_MQTT_GATE_H */
