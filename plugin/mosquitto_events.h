/* SPDX-License-Identifier: ISC */
/*
 * mosquitto_events.h - what the broker asks of the plugin and tells it.
 *
 * Whatever it is not sure of it denies.  It logs key ids, never a token, nor
 * the user names and client ids that clients choose.
 */
#ifndef KEYD_MOSQUITTO_EVENTS_H
#define KEYD_MOSQUITTO_EVENTS_H

#include <stdbool.h>
#include <time.h>

#include "mqtt_access.h"

struct mosquitto_keyd {
	struct mosquitto_plugin_id_t *identity;
	struct mqtt_rules rules;
	struct mqtt_gate gate;
	struct mqtt_sessions sessions;
	struct mqtt_session *leaving; /* gone, but for its will */
	bool any_dead;
	time_t said; /* when it was last said that there is no decision */
};

/* Callbacks, each for the event of its name; userdata is the plugin. */
int events_auth(int event, void *data, void *userdata);
int events_acl(int event, void *data, void *userdata);
int events_disconnect(int event, void *data, void *userdata);
int events_tick(int event, void *data, void *userdata);

#endif /* KEYD_MOSQUITTO_EVENTS_H */
