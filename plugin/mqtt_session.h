/* SPDX-License-Identifier: ISC */
/*
 * mqtt_session.h - what is kept of each client of the broker.
 *
 * The broker knows a client by an address, and does not say when it frees one.
 * So a session is found only when its client has the same id too; it stays
 * after the connection, without the token, for what the broker asks about a
 * durable session, until another client has its address.
 */
#ifndef KEYD_MQTT_SESSION_H
#define KEYD_MQTT_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "keyd.h"
#include "seal.h"

struct mqtt_session {
	const void *client;   /* first: what they are sorted by */
	char *id;             /* MQTT client id */
	struct sealed *token; /* NULL: it has left */
	uint64_t granted;     /* rules whose permission the key has */
	bool dead;            /* the key is revoked or expired */
	char key_id[KEYD_ID_SIZE];
	char org[KEYD_ORG_SIZE];
	char user[KEYD_USER_SIZE];
};

struct mqtt_sessions {
	void *tree; /* of tsearch(3) */
};

struct mqtt_session *mqtt_session_find(const struct mqtt_sessions *all,
    const void *client, const char *id);

/* A new one in place of the client's old.  Takes the token.  NULL: out of
   memory, and the token is freed. */
struct mqtt_session *mqtt_session_add(struct mqtt_sessions *all,
    const void *client, const char *id, struct sealed *token);

void mqtt_session_forget_token(struct mqtt_session *s);

/* One whose key is dead while it is connected, or NULL. */
struct mqtt_session *mqtt_session_next_dead(const struct mqtt_sessions *all);

/* How many have the token of a client with this id. */
unsigned mqtt_session_count(const struct mqtt_sessions *all, const char *id);

void mqtt_sessions_free(struct mqtt_sessions *all);

#endif /* KEYD_MQTT_SESSION_H */
