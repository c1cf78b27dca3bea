/* SPDX-License-Identifier: ISC */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "mqtt_session.h"

/* What a walk looks for. */
struct search {
	const char *id; /* NULL: a dead one */
	struct mqtt_session *found;
	unsigned count;
};

static int
compare(const void *a, const void *b)
{
	uintptr_t one = (uintptr_t)((const struct mqtt_session *)a)->client;
	uintptr_t other = (uintptr_t)((const struct mqtt_session *)b)->client;

	return one < other ? -1 : one > other;
}

static struct mqtt_session *
at(const struct mqtt_sessions *all, const void *client)
{
	const struct mqtt_session wanted = { .client = client };
	void *const *node = tfind(&wanted, &all->tree, compare);

	return node != NULL ? *node : NULL;
}

static void
clear(struct mqtt_session *s)
{
	const void *client = s->client;

	free(s->id);
	sealed_free(s->token);
	*s = (struct mqtt_session){ .client = client };
}

static void
destroy(void *session)
{
	clear(session);
	free(session);
}

struct mqtt_session *
mqtt_session_find(const struct mqtt_sessions *all, const void *client,
    const char *id)
{
	struct mqtt_session *s = at(all, client);

	if (s == NULL || s->id == NULL || id == NULL || strcmp(s->id, id) != 0)
		return NULL;
	return s;
}

static struct mqtt_session *
make(struct mqtt_sessions *all, const void *client)
{
	struct mqtt_session *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->client = client;
	if (tsearch(s, &all->tree, compare) == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

struct mqtt_session *
mqtt_session_add(struct mqtt_sessions *all, const void *client, const char *id,
    struct sealed *token)
{
	struct mqtt_session *s = at(all, client);

	if (s == NULL)
		s = make(all, client);
	if (s == NULL) {
		sealed_free(token);
		return NULL;
	}
	clear(s);
	s->token = token;
	if ((s->id = strdup(id)) == NULL) {
		clear(s);
		return NULL;
	}
	return s;
}

void
mqtt_session_forget_token(struct mqtt_session *s)
{
	sealed_free(s->token);
	s->token = NULL;
}

static void
look(const void *node, VISIT visit, void *arg)
{
	struct mqtt_session *s = *(struct mqtt_session *const *)node;
	struct search *search = arg;

	if ((visit != postorder && visit != leaf) || s->token == NULL)
		return;
	if (search->id == NULL && s->dead)
		search->found = s;
	else if (search->id != NULL && strcmp(s->id, search->id) == 0)
		search->count++;
}

struct mqtt_session *
mqtt_session_next_dead(const struct mqtt_sessions *all)
{
	struct search search = { 0 };

	twalk_r(all->tree, look, &search);
	return search.found;
}

unsigned
mqtt_session_count(const struct mqtt_sessions *all, const char *id)
{
	struct search search = { .id = id };

	twalk_r(all->tree, look, &search);
	return search.count;
}

void
mqtt_sessions_free(struct mqtt_sessions *all)
{
	tdestroy(all->tree, destroy);
	all->tree = NULL;
}
