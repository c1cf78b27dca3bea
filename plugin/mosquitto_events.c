/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <time.h>

#include <mosquitto.h>
#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>

#include "mosquitto_events.h"
#include "topic.h"

/* For no decision, once a second: clients may ask as often as they like. */
static void
log_refusal(struct mosquitto_keyd *p, const char *key_id,
    enum keyd_status status)
{
	time_t now = time(NULL);

	if (status > KEYD_OK) {
		mosquitto_log_printf(status == KEYD_FORBIDDEN ? MOSQ_LOG_DEBUG
							      : MOSQ_LOG_NOTICE,
		    "keyd: refused %s: %s", key_id, keyd_strerror(status));
	} else if (now != p->said) {
		p->said = now;
		mosquitto_log_printf(MOSQ_LOG_ERR, "keyd: no decision: %s",
		    keyd_strerror(status));
	}
}

/* The will of a client that left is asked for before anything else is. */
static void
forget_leaving(struct mosquitto_keyd *p)
{
	if (p->leaving != NULL)
		mqtt_session_forget_token(p->leaving);
	p->leaving = NULL;
}

static int
admit(struct mosquitto_keyd *p, struct mosquitto *client, const char *token,
    const struct keyd_verdict *v)
{
	struct sealed *box = seal_token(p->gate.seal, token);
	struct mqtt_session *s;

	if (box == NULL)
		return MOSQ_ERR_NOMEM;
	s = mqtt_session_add(&p->sessions, client, mosquitto_client_id(client),
	    box);
	if (s == NULL)
		return MOSQ_ERR_NOMEM;
	memcpy(s->key_id, v->key_id, sizeof(s->key_id));
	memcpy(s->org, v->org, sizeof(s->org));
	memcpy(s->user, v->user, sizeof(s->user));
	mosquitto_log_printf(MOSQ_LOG_INFO, "keyd: accepted %s org=%s user=%s",
	    s->key_id, s->org, s->user);
	return MOSQ_ERR_SUCCESS;
}

static bool
user_fits(const struct mosquitto_keyd *p, const char *name,
    const struct keyd_verdict *v)
{
	if (!p->rules.user_match ||
	    (name != NULL && strcmp(name, v->user) == 0))
		return true;
	mosquitto_log_printf(MOSQ_LOG_NOTICE,
	    "keyd: refused %s: it is of user %s", v->key_id, v->user);
	return false;
}

/*
 * A password that cannot be a token may be for another plugin.  Without a
 * decision the connection is closed without an answer, so that the client
 * tries again; "not authorised" might make it give up.
 */
int
events_auth(int event, void *data, void *userdata)
{
	const struct mosquitto_evt_basic_auth *e = data;
	struct keyd_verdict v = KEYD_VERDICT_INIT;
	struct mosquitto_keyd *p = userdata;
	enum keyd_status status;

	(void)event;
	forget_leaving(p);
	status = mqtt_gate_verify(&p->gate, e->password, p->rules.connect, &v);
	if (status == KEYD_MISSING || status == KEYD_MALFORMED)
		return MOSQ_ERR_PLUGIN_DEFER;
	if (status != KEYD_OK) {
		log_refusal(p, v.key_id, status);
		return status > KEYD_OK ? MOSQ_ERR_AUTH : MOSQ_ERR_UNKNOWN;
	}
	if (!user_fits(p, e->username, &v))
		return MOSQ_ERR_AUTH;
	return admit(p, e->client, e->password, &v);
}

/*
 * The broker asks about more than connections: about the source of a retained
 * message, and about a session from before it was started.  Those have no
 * address.  The first was verified when it was published, and for the second a
 * message is only kept.
 */
static int
check_stranger(const struct mosquitto *client)
{
	return mosquitto_client_address(client) == NULL ? MOSQ_ERR_SUCCESS
							: MOSQ_ERR_PLUGIN_DEFER;
}

/*
 * MQTT 3 has no way to say that a message was refused, and a client that is
 * told nothing takes it for published.  So one that may be heard again is not
 * answered at all but disconnected, as is one with a dead key; what is
 * refused for other reasons is denied as MQTT has it.
 */
static int
use(struct mosquitto_keyd *p, struct mqtt_session *s, enum mqtt_right right,
    const char *topic)
{
	enum keyd_status status =
	    mqtt_access_use(&p->gate, &p->rules, s, right, topic);

	if (status == KEYD_OK)
		return MOSQ_ERR_SUCCESS;
	log_refusal(p, s->key_id, status);
	if (s->dead)
		return MOSQ_ERR_AUTH;
	return status < KEYD_OK && status != KEYD_EPERMISSION
	    ? MOSQ_ERR_UNKNOWN
	    : MOSQ_ERR_ACL_DENIED;
}

/* Here the broker must not lose a client: it is walking over them. */
static int
deliver(struct mosquitto_keyd *p, struct mqtt_session *s, const char *topic)
{
	bool was_dead = s->dead;
	enum keyd_status status =
	    mqtt_access_deliver(&p->gate, &p->rules, s, topic);

	if (status == KEYD_OK)
		return MOSQ_ERR_SUCCESS;
	if (!was_dead)
		log_refusal(p, s->key_id, status);
	p->any_dead |= s->dead;
	return MOSQ_ERR_ACL_DENIED;
}

/* Sends away whose key is dead.  The id may be another's by now. */
static void
end_session(struct mosquitto_keyd *p, struct mqtt_session *s)
{
	bool alone = mqtt_session_count(&p->sessions, s->id) == 1;

	if (alone)
		mosquitto_kick_client_by_clientid(s->id, false);
	mqtt_session_forget_token(s);
}

static void
end_dead(struct mosquitto_keyd *p)
{
	struct mqtt_session *s;

	if (p->any_dead)
		while ((s = mqtt_session_next_dead(&p->sessions)) != NULL)
			end_session(p, s);
	p->any_dead = false;
}

/*
 * With per_listener_settings there is no tick, so the dead go before the next
 * message is given to anyone, too.  Not for a will: the broker may be walking
 * over its clients then.
 */
static int
publish(struct mosquitto_keyd *p, struct mqtt_session *s, const char *topic)
{
	if (!s->dead && s->token != NULL && s != p->leaving)
		end_dead(p);
	return use(p, s, MQTT_PUBLISH, topic);
}

int
events_acl(int event, void *data, void *userdata)
{
	const struct mosquitto_evt_acl_check *e = data;
	struct mosquitto_keyd *p = userdata;
	struct mqtt_session *s = mqtt_session_find(&p->sessions, e->client,
	    mosquitto_client_id(e->client));

	(void)event;
	if (p->leaving != s)
		forget_leaving(p);
	if (s == NULL)
		return check_stranger(e->client);
	switch (e->access) {
	case MOSQ_ACL_WRITE:
		return publish(p, s, e->topic);
	case MOSQ_ACL_SUBSCRIBE:
		return use(p, s, MQTT_SUBSCRIBE, topic_unshared(e->topic));
	case MOSQ_ACL_READ:
		return deliver(p, s, e->topic);
	case MOSQ_ACL_UNSUBSCRIBE:
		return MOSQ_ERR_SUCCESS;
	default:
		return MOSQ_ERR_ACL_DENIED;
	}
}

int
events_disconnect(int event, void *data, void *userdata)
{
	const struct mosquitto_evt_disconnect *e = data;
	struct mosquitto_keyd *p = userdata;

	(void)event;
	forget_leaving(p);
	p->leaving = mqtt_session_find(&p->sessions, e->client,
	    mosquitto_client_id(e->client));
	return MOSQ_ERR_SUCCESS;
}

int
events_tick(int event, void *data, void *userdata)
{
	struct mosquitto_keyd *p = userdata;

	(void)event;
	(void)data;
	forget_leaving(p);
	end_dead(p);
	return MOSQ_ERR_SUCCESS;
}
