/* SPDX-License-Identifier: ISC */
/*
 * topic.h - which MQTT topics and subscriptions a pattern of a rule covers.
 *
 * A pattern covers a subscription only when it covers all that could come of
 * it, so nobody subscribes to more than is meant for him.  %o and %u stand for
 * the org and user of the key, as whole levels; what they stand for is never
 * taken for a wildcard.
 */
#ifndef KEYD_TOPIC_H
#define KEYD_TOPIC_H

#include <stdbool.h>

struct topic_names {
	const char *org;
	const char *user;
};

/* + and # as MQTT has them; % begins a level %o or %u and no other. */
bool topic_pattern_ok(const char *pattern);

/* filter: a topic, or a subscription with wildcards. */
bool topic_covers(const char *pattern, const struct topic_names *names,
    const char *filter);

/* $share/GROUP/FILTER is a way to get FILTER, which is returned. */
const char *topic_unshared(const char *filter);

#endif /* KEYD_TOPIC_H */
