/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "listen.h"
#include "log.h"
#include "notes.h"
#include "notify.h"
#include "reload.h"

static void
warn_of_mode(const struct loop *l, const struct grants *g)
{
	if (g->count > 0 && listen_is_private(l->options->listeners))
		log_warning("keyd.conf has grants, and the mode of the admin "
			    "socket keeps those out who are not in its group: "
			    "see admin_mode in keyd.conf(5)");
}

void
reload_apply(struct loop *l)
{
	const struct config *c = l->config;
	struct clients *cs = &l->clients;

	cs->caps.connections_max = c->max_connections;
	cs->caps.per_uid_max = c->max_connections_per_uid;
	cs->timeout_ms = (int64_t)c->frame_timeout * 1000;
	cs->unknown_per_second = c->unknown_per_second;
	l->chores.policy = c->policy;
	clients_grant(cs, policy_grants(c->policy));
	warn_of_mode(l, policy_grants(c->policy));
}

static void
warn_of_restart(const struct config *old, const struct config *new)
{
	if (old->verify_mode != new->verify_mode ||
	    old->admin_mode != new->admin_mode ||
	    strcmp(old->admin_group, new->admin_group) != 0 ||
	    old->map_size != new->map_size || old->queue != new->queue)
		log_notice("verify_mode, admin_mode, admin_group, map_size "
			   "and queue take effect at the next start");
}

/* why: it was not taken; NULL: it was. */
static void
note_reload(struct loop *l, const struct signalfd_siginfo *by, const char *why)
{
	struct event e = { .when = clock_unix(),
		.what = EVENT_RELOAD,
		.outcome = why != NULL ? ERROR_INVALID : 0,
		.uid = by->ssi_uid,
		.pid = by->ssi_pid };

	if (why != NULL)
		strlcpy(e.detail, why, sizeof(e.detail));
	notes_event(l->chores.notes, &e);
}

void
reload_void_all(struct loop *l)
{
	if (l->options->share->generations != NULL)
		generations_void_all(l->options->share->generations);
}

void
reload(struct loop *l, const struct signalfd_siginfo *by)
{
	char why[CONFIG_WHY_SIZE];
	struct config *c;

	notify_send("RELOADING=1");
	c = config_load(l->options->config_path, l->options->config_needed, why,
	    sizeof(why));
	if (c == NULL) {
		log_err("the configuration stays as it was: %s", why);
		strlcpy(l->health.config_error, why,
		    sizeof(l->health.config_error));
	} else {
		warn_of_restart(l->config, c);
		config_free(l->config);
		l->config = c;
		reload_void_all(l);
		l->health.config_error[0] = '\0';
		reload_apply(l);
		log_notice("the configuration was read again");
	}
	note_reload(l, by, c != NULL ? NULL : why);
	notify_send("READY=1");
}
