/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <err.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"

#define SAMPLES 65536 /* of one client in one round; more are only counted */
#define WARM_UP INT64_C(10000000) /* ns */
#define SECOND INT64_C(1000000000)

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

void
bench_two_cpus(unsigned cpu[2])
{
	cpu_set_t set;
	int found = 0;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		err(1, "sched_getaffinity");
	for (unsigned i = 0; i < CPU_SETSIZE && found < 2; i++)
		if (CPU_ISSET(i, &set))
			cpu[found++] = i;
	if (found < 2)
		errx(1, "two CPUs are needed, and there is one");
}

static void
pin_thread(pid_t tid, unsigned cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(tid, sizeof(set), &set) != 0)
		err(1, "cannot pin thread %d to CPU %u", (int)tid, cpu);
}

void
bench_pin(pid_t pid, unsigned cpu)
{
	char path[64];
	struct dirent *e;
	DIR *tasks;

	if (pid == 0) {
		pin_thread(0, cpu);
		return;
	}
	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	if ((tasks = opendir(path)) == NULL)
		err(1, "%s", path);
	while ((e = readdir(tasks)) != NULL)
		if (e->d_name[0] != '.')
			pin_thread((pid_t)strtol(e->d_name, NULL, 10), cpu);
	closedir(tasks);
}

static void *
work(void *arg)
{
	struct client *c = arg;
	int64_t now, next, until;
	bool more = true;

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

static int
compare_samples(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* All samples of all clients in order; *count of them. */
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
	qsort(all, *count, sizeof(*all), compare_samples);
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
	double *figure = s->figure[s->rounds++];
	uint32_t *all;
	size_t n;

	bench_run(l, clients, WARM_UP);
	bench_run(l, clients, ns);
	all = gather(clients, &n);
	if (n == 0)
		errx(1, "nothing was done in a round");
	figure[P50] = all[n / 2] / 1e3;
	figure[P99] = all[n - 1 - n / 100] / 1e3;
	figure[RATE] = rate(clients);
	free(all);
}

static int
compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *of, unsigned n)
{
	qsort(of, n, sizeof(*of), compare_doubles);
	return n % 2 == 1 ? of[n / 2] : (of[n / 2 - 1] + of[n / 2]) / 2;
}

static double
typical(const struct series *s, enum figure f)
{
	double of[ROUNDS_MAX];

	for (unsigned i = 0; i < s->rounds; i++)
		of[i] = s->figure[i][f];
	return median(of, s->rounds);
}

static double
ratio(const struct series *s, const struct series *limit, enum figure f)
{
	double of[ROUNDS_MAX];

	for (unsigned i = 0; i < s->rounds; i++)
		of[i] = s->figure[i][f] / limit->figure[i][f];
	return median(of, s->rounds);
}

void
bench_report(enum figure f, const char *what, const struct series *s,
    const char *beside, const struct series *limit, const char *goal)
{
	static const char *const name[FIGURES] = { "p50", "p99", "rate" };
	static const char *const unit[FIGURES] = { "us", "us", "/s" };

	int digits = f == RATE ? 0 : 1;

	printf("%s, %s\t%.*f\t%s\t%s\t%.*f\t%.2f\t%s\n", what, name[f], digits,
	    typical(s, f), unit[f], beside, digits, typical(limit, f),
	    ratio(s, limit, f), goal);
	fflush(stdout);
}
