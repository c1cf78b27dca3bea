/* SPDX-License-Identifier: ISC */
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "cpus.h"

#define SAMPLES 65536 /* of one client in one round; more are only counted */
#define WARM_UP INT64_C(10000000) /* ns */

struct client {
	const struct load *load;
	unsigned number;
	pthread_barrier_t *start;
	int64_t ns;
	int64_t begun;
	int64_t ended;
	size_t done;
	uint32_t sample[SAMPLES]; /* ns */
};

static struct client *client[CLIENTS_MAX];

int64_t
bench_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * SECOND + ts.tv_nsec;
}

static void *
work(void *arg)
{
	struct client *c = arg;
	int64_t now, next, until;
	bool more = true;

	if (c->load->spread)
		cpus_pin(0, c->number % 2);
	pthread_barrier_wait(c->start);
	c->begun = now = bench_now();
	until = now + c->ns;
	while (more && now < until) {
		more = c->load->once(c->load->state, c->number);
		next = bench_now();
		if (more && c->done < SAMPLES)
			c->sample[c->done] = (uint32_t)(next - now);
		c->done += more;
		now = next;
	}
	c->ended = now;
	return NULL;
}

/* Its memory is touched here, and not while time is taken. */
static void
prepare(unsigned number, const struct load *l, int64_t ns,
    pthread_barrier_t *start)
{
	struct client **c = &client[number];

	if (*c == NULL && (*c = malloc(sizeof(**c))) == NULL)
		err(1, "malloc");
	memset(*c, 0, sizeof(**c));
	(*c)->load = l;
	(*c)->number = number;
	(*c)->ns = ns;
	(*c)->start = start;
}

void
bench_run(const struct load *l, unsigned clients, int64_t ns)
{
	pthread_t thread[CLIENTS_MAX];
	pthread_barrier_t start;

	pthread_barrier_init(&start, NULL, clients);
	for (unsigned i = 0; i < clients; i++)
		prepare(i, l, ns, &start);
	for (unsigned i = 1; i < clients; i++)
		if (pthread_create(&thread[i], NULL, work, client[i]) != 0)
			errx(1, "no thread for client %u", i);
	work(client[0]);
	for (unsigned i = 1; i < clients; i++)
		pthread_join(thread[i], NULL);
	pthread_barrier_destroy(&start);
}

/* All samples of all clients; *count of them. */
static uint32_t *
gather(unsigned clients, size_t *count)
{
	uint32_t *all = malloc(clients * sizeof(client[0]->sample));

	if (all == NULL)
		err(1, "malloc");
	*count = 0;
	for (unsigned i = 0; i < clients; i++) {
		const struct client *c = client[i];
		size_t n = c->done < SAMPLES ? c->done : SAMPLES;

		memcpy(all + *count, c->sample, n * sizeof(*all));
		*count += n;
	}
	return all;
}

static double
rate(unsigned clients)
{
	int64_t begun = client[0]->begun, ended = client[0]->ended;
	size_t done = 0;

	for (unsigned i = 0; i < clients; i++) {
		done += client[i]->done;
		if (client[i]->begun < begun)
			begun = client[i]->begun;
		if (client[i]->ended > ended)
			ended = client[i]->ended;
	}
	return (double)done * (double)SECOND / (double)(ended - begun);
}

void
bench_round(struct series *s, const struct load *l, unsigned clients,
    int64_t ns)
{
	unsigned batch = l->batch == 0 ? 1 : l->batch;
	uint32_t *all;
	size_t n;

	bench_run(l, clients, WARM_UP);
	bench_run(l, clients, ns);
	all = gather(clients, &n);
	series_add(s, all, n, batch, rate(clients) * batch);
	free(all);
}

unsigned long
bench_number(const char *text, unsigned long most, const char *what)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || n < 1 || n > most)
		errx(2, "%s is no number of %s", text, what);
	return n;
}

bool
bench_option(int c, const char *arg, unsigned *rounds, int64_t *ns)
{
	if (c == 'r')
		*rounds = (unsigned)bench_number(arg, ROUNDS_MAX, "rounds");
	else if (c == 't')
		*ns = (int64_t)bench_number(arg, 60000, "ms") * 1000000;
	return c == 'r' || c == 't';
}
