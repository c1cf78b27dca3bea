/* SPDX-License-Identifier: ISC */
#include <time.h>

#include "mqtt_gate.h"

/* If there is an org of this name after all, its keys pay for deliveries. */
static const char nobodys_org[] = "no-org-has-this-name";

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

enum keyd_status
mqtt_gate_open(struct mqtt_gate *g, const char *runtime_dir, const char *org)
{
	struct keyd_options o = KEYD_OPTIONS_INIT;
	enum keyd_status status;

	*g = (struct mqtt_gate){ .seal = seal_new() };
	o.runtime_dir = runtime_dir;
	o.org = org;
	status = g->seal != NULL ? keyd_open(&o, &g->keyd) : KEYD_ENOMEM;
	o.org = nobodys_org;
	if (status == KEYD_OK)
		status = keyd_open(&o, &g->beside);
	if (status != KEYD_OK)
		mqtt_gate_close(g);
	return status;
}

void
mqtt_gate_close(struct mqtt_gate *g)
{
	keyd_close(g->keyd);
	keyd_close(g->beside);
	seal_free(g->seal);
	*g = (struct mqtt_gate){ 0 };
}

static enum keyd_status
ask(struct mqtt_gate *g, struct keyd *keyd, const char *token,
    const char *permission, struct keyd_verdict *v)
{
	enum keyd_status status;

	if (now_ms() < g->paused_until)
		return KEYD_ETIMEOUT;
	status = keyd_verify_with(keyd, token, permission, v);
	if (status == KEYD_ETIMEOUT)
		g->paused_until = now_ms() + MQTT_GATE_PAUSE;
	return status;
}

enum keyd_status
mqtt_gate_verify(struct mqtt_gate *g, const char *token, const char *permission,
    struct keyd_verdict *v)
{
	return ask(g, g->keyd, token, permission, v);
}

static enum keyd_status
ask_sealed(struct mqtt_gate *g, struct keyd *keyd, const struct sealed *box,
    const char *permission)
{
	const char *token = seal_open(g->seal, box);
	enum keyd_status status;

	if (token == NULL)
		return KEYD_EINVAL;
	status = ask(g, keyd, token, permission, NULL);
	seal_shut(g->seal);
	return status;
}

enum keyd_status
mqtt_gate_again(struct mqtt_gate *g, const struct sealed *box,
    const char *permission)
{
	return ask_sealed(g, g->keyd, box, permission);
}

/*
 * Whether a key is revoked or has expired is looked at before its org, and its
 * org before its limit, and what is refused takes nothing: a key that is of
 * the wrong org is alive.
 */
enum keyd_status
mqtt_gate_alive(struct mqtt_gate *g, const struct sealed *box)
{
	enum keyd_status status = ask_sealed(g, g->beside, box, NULL);

	if (status == KEYD_WRONG_ORG || status == KEYD_RATE_LIMITED)
		return KEYD_OK;
	return status;
}
