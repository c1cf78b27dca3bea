/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint.h"
#include "log.h"

#define TYPE "text/plain; version=0.0.4; charset=utf-8"
#define COUNTS_MAX 128 /* keyd has some 50 */

#define LATENCY "keyd_verify_duration_seconds"

/* The counts of keyd, as they came. */
struct counts {
	unsigned count;
	struct keyd_count all[COUNTS_MAX];
};

/* A metric of one count.  Those of one name stand together. */
static const struct {
	const char *name;
	const char *type;
	const char *help;
	const char *labels;
	const char *count;
} metrics[] = {
	{ "keyd_uptime_seconds", "gauge", "Time since keyd started.", "",
	    "uptime" },
	{ "keyd_configuration_good", "gauge",
	    "Whether the last reload of keyd.conf was taken.", "",
	    "configuration_good" },
#define VERDICTS                                                               \
	"keyd_verdicts_total", "counter",                                      \
	    "Verifies that keyd answered, by verdict."
	{ VERDICTS, "{status=\"ok\"}", "verdicts_ok" },
	{ VERDICTS, "{status=\"unknown\"}", "verdicts_unknown" },
	{ VERDICTS, "{status=\"revoked\"}", "verdicts_revoked" },
	{ VERDICTS, "{status=\"expired\"}", "verdicts_expired" },
	{ VERDICTS, "{status=\"wrong_org\"}", "verdicts_wrong_org" },
	{ VERDICTS, "{status=\"forbidden\"}", "verdicts_forbidden" },
	{ VERDICTS, "{status=\"rate_limited\"}", "verdicts_rate_limited" },
#define HITS                                                                   \
	"keyd_cache_hits_total", "counter",                                    \
	    "Calls that libkeyd allowed by itself, and verifies of a key "     \
	    "whose "                                                           \
	    "record keyd had in memory."
	{ HITS, "{cache=\"client\"}", "cache_hits" },
	{ HITS, "{cache=\"record\"}", "record_hits" },
#define KEYS "keyd_keys", "gauge", "Keys, by state."
	{ KEYS, "{state=\"live\"}", "live_keys" },
	{ KEYS, "{state=\"expired\"}", "expired_keys" },
	{ KEYS, "{state=\"revoked\"}", "revoked_keys" },
	{ "keyd_organizations", "gauge", "Organizations.", "", "orgs" },
	{ "keyd_members", "gauge", "Members of organizations.", "", "members" },
	{ "keyd_audit_entries", "gauge", "Entries of the audit log.", "",
	    "audit_entries" },
	{ "keyd_store_bytes", "gauge", "Bytes of the database.", "",
	    "database_used" },
	{ "keyd_store_limit_bytes", "gauge",
	    "Bytes that the database may grow to.", "", "database_limit" },
	{ "keyd_last_backup_timestamp_seconds", "gauge",
	    "The moment that the last backup tells of; 0: there never was one.",
	    "", "last_backup" },
	{ "keyd_last_backup_keys", "gauge", "Keys in the last backup.", "",
	    "last_backup_keys" },
	{ "keyd_last_backup_bytes", "gauge", "Bytes of the last backup.", "",
	    "last_backup_size" },
	{ "keyd_store_failures_total", "counter",
	    "Requests that the database failed.", "", "store_failures" },
	{ "keyd_changes_total", "counter", "Changes answered.", "", "changes" },
	{ "keyd_connections", "gauge", "Connections to keyd.", "",
	    "connections" },
	{ "keyd_refused_connections_total", "counter",
	    "Connections that keyd had no room for.", "",
	    "refused_connections" },
	{ "keyd_bad_frames_total", "counter",
	    "Requests that broke the protocol.", "", "bad_frames" },
};

#define METRICS (sizeof(metrics) / sizeof(metrics[0]))

static struct log_throttle throttle;

static int
keep(void *arg, const struct keyd_count *count)
{
	struct counts *cs = arg;

	if (cs->count == COUNTS_MAX)
		return 1;
	cs->all[cs->count++] = *count;
	return 0;
}

static const struct keyd_count *
find(const struct counts *cs, const char *name)
{
	for (unsigned i = 0; i < cs->count; i++)
		if (strcmp(cs->all[i].name, name) == 0)
			return &cs->all[i];
	return NULL;
}

static void
head(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
number(FILE *out, const char *name, const char *type, const char *help,
    uint64_t value)
{
	head(out, name, type, help);
	fprintf(out, "%s %" PRIu64 "\n", name, value);
}

/* What keyd does not tell there is no line for. */
static void
print_counts(FILE *out, const struct counts *cs)
{
	const struct keyd_count *count;
	const char *last = "";

	for (size_t i = 0; i < METRICS; i++) {
		if ((count = find(cs, metrics[i].count)) == NULL)
			continue;
		if (strcmp(last, metrics[i].name) != 0)
			head(out, metrics[i].name, metrics[i].type,
			    metrics[i].help);
		last = metrics[i].name;
		fprintf(out, "%s%s %" PRIu64 "\n", last, metrics[i].labels,
		    count->number);
	}
}

/* A bound in us, or 0 for another count. */
static unsigned long
bound_of(const struct keyd_count *count)
{
	static const char bucket[] = "verify_us_";

	if (strncmp(count->name, bucket, strlen(bucket)) != 0)
		return 0;
	return strtoul(count->name + strlen(bucket), NULL, 10);
}

static void
print_buckets(FILE *out, const struct counts *cs)
{
	for (unsigned i = 0; i < cs->count; i++) {
		unsigned long us = bound_of(&cs->all[i]);

		if (us != 0)
			fprintf(out, LATENCY "_bucket{le=\"%g\"} %" PRIu64 "\n",
			    (double)us / 1e6, cs->all[i].number);
	}
}

static void
print_latency(FILE *out, const struct counts *cs)
{
	const struct keyd_count *all = find(cs, "verify_count");
	const struct keyd_count *ns = find(cs, "verify_ns");

	if (all == NULL || ns == NULL)
		return;
	head(out, LATENCY, "histogram",
	    "Time from keyd turning to what it received to its verdict.");
	print_buckets(out, cs);
	fprintf(out,
	    LATENCY "_bucket{le=\"+Inf\"} %" PRIu64 "\n" LATENCY
		    "_sum %.9f\n" LATENCY "_count %" PRIu64 "\n",
	    all->number, (double)ns->number / 1e9, all->number);
}

static void
print_version(FILE *out, const struct counts *cs)
{
	const struct keyd_count *version = find(cs, "version");

	head(out, "keyd_build_info", "gauge", "Versions, and 1.");
	fprintf(out,
	    "keyd_build_info{program=\"keyd-http\",version=\"%s\"} 1\n",
	    PACKAGE_VERSION);
	if (version != NULL)
		fprintf(out,
		    "keyd_build_info{program=\"keyd\",version=\"%s\"} 1\n",
		    version->text);
}

static void
print_own(FILE *out, struct site *s)
{
	unsigned present;
	uint64_t sent_away;

	visitors_count(&s->visitors, &present, &sent_away);
	number(out, "keyd_http_connections", "gauge",
	    "Connections to keyd-http.", present);
	number(out, "keyd_http_connections_ended_total", "counter",
	    "Connections that were too slow, or made room for others.",
	    sent_away);
	tally_print(&s->tally, out);
}

static void
print(FILE *out, struct site *s, struct counts *cs)
{
	enum keyd_status status = keyd_counts(s->handles.all[0], keep, cs);

	number(out, "keyd_up", "gauge",
	    "Whether keyd told its counts to keyd-http.", status == KEYD_OK);
	if (status == KEYD_OK) {
		print_counts(out, cs);
		print_latency(out, cs);
	} else {
		cs->count = 0;
		log_throttled(&throttle, "keyd does not tell its counts: %s%s",
		    keyd_strerror(status),
		    status == KEYD_EDENIED
			? ": name this user in metrics of keyd.conf(5)"
			: "");
	}
	print_version(out, cs);
	print_own(out, s);
}

static void
metrics_run(struct site *s, struct visit *v, struct MHD_Connection *c,
    struct answer *a)
{
	struct counts *cs = calloc(1, sizeof(*cs));
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)v;
	(void)c;
	if (out != NULL && cs != NULL)
		print(out, s, cs);
	if (out != NULL && fclose(out) == 0 && cs != NULL)
		answer_begin(a, 200, TYPE, text, len);
	else
		answer_text(a, 500, ANSWER_TEXT, "out of memory\n");
	free(text);
	free(cs);
}

const struct endpoint endpoint_metrics = {
	.name = TALLY_METRICS,
	.path = "/metrics",
	.methods = "GET, HEAD",
	.run = metrics_run,
};
