/* SPDX-License-Identifier: ISC */
/*
 * mqtt_rules.h - the options of the Mosquitto plugin: who may connect, and
 * which permission it takes to publish and subscribe where.
 *
 * What no rule names nobody may do.  An option that is not understood is an
 * error, with which the broker does not start.
 */
#ifndef KEYD_MQTT_RULES_H
#define KEYD_MQTT_RULES_H

#include <stdbool.h>
#include <stddef.h>

#define MQTT_RULES_MAX 64 /* so that a bit set of them is one integer */

enum mqtt_right { MQTT_PUBLISH, MQTT_SUBSCRIBE };

struct mqtt_rule {
	enum mqtt_right right;
	char *permission; /* NULL: any valid key */
	char *pattern;    /* topic.h */
};

struct mqtt_rules {
	char *runtime_dir; /* NULL: the default */
	char *org;         /* NULL: any */
	char *connect;     /* permission to connect; NULL: any valid key */
	bool user_match;   /* the MQTT user name is that of the key's user */
	struct mqtt_rule rule[MQTT_RULES_MAX];
	size_t count;
};

/* One option of the configuration, its text copied.  NULL, or what is wrong
   with it. */
const char *mqtt_rules_option(struct mqtt_rules *r, const char *name,
    const char *value);

void mqtt_rules_free(struct mqtt_rules *r); /* its texts */

#endif /* KEYD_MQTT_RULES_H */
