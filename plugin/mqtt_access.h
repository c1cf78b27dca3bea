/* SPDX-License-Identifier: ISC */
/*
 * mqtt_access.h - may this client of the broker do that, now?
 *
 * To publish and to subscribe are uses of the key: each is verified in full
 * and takes from its limit.  To be sent a message is none, since others decide
 * how many there are: it is only looked whether the key still lives.
 */
#ifndef KEYD_MQTT_ACCESS_H
#define KEYD_MQTT_ACCESS_H

#include "mqtt_gate.h"
#include "mqtt_rules.h"
#include "mqtt_session.h"

/* KEYD_OK when one of the rules for the topic lets it. */
enum keyd_status mqtt_access_use(struct mqtt_gate *g,
    const struct mqtt_rules *rules, struct mqtt_session *s,
    enum mqtt_right right, const char *topic);

/* KEYD_OK when a message may be sent to the client or, when it has left, kept
   for it: the broker asks again before it sends that. */
enum keyd_status mqtt_access_deliver(struct mqtt_gate *g,
    const struct mqtt_rules *rules, struct mqtt_session *s, const char *topic);

#endif /* KEYD_MQTT_ACCESS_H */
