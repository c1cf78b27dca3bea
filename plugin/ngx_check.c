/* SPDX-License-Identifier: ISC */
#include "ngx_check.h"

struct waiter {
	struct waiter *next;
	ngx_http_request_t *request;
	ngx_http_posted_request_t posted; /* so that to wake cannot fail */
};

/* The request is over. */
static void
forget(void *data)
{
	struct check *k = data;

	if (k->ticket != 0)
		gate_cancel(k->gate, k->ticket);
	k->ticket = 0;
}

/* Requests run on as if their client had sent something: the check may be gone
   afterwards. */
static void
wake(struct check *k)
{
	struct waiter *w = k->waiters;
	ngx_connection_t *c;

	if (w == NULL)
		return;
	c = w->request->connection;
	for (; w != NULL; w = w->next) {
		if (w->request == w->request->main)
			w->request->read_event_handler = ngx_http_block_reading;
		(void)ngx_http_post_request(w->request, &w->posted);
	}
	k->waiters = NULL;
	ngx_http_run_posted_requests(c);
}

static void
measure(ngx_str_t *s, const char *text, size_t *sum)
{
	s->data = (u_char *)(uintptr_t)text;
	s->len = ngx_strlen(text);
	*sum += s->len;
}

static u_char *
move(ngx_str_t *s, u_char *to)
{
	u_char *from = s->data;

	s->data = to;
	return ngx_cpymem(to, from, s->len);
}

/* What is wanted of the verdict, which is about to end.  False without
   memory. */
static bool
keep(struct check *k, const struct keyd_verdict *v)
{
	char limit[KEYD_RATELIMIT_SIZE], policy[KEYD_RATELIMIT_SIZE];
	ngx_str_t *texts[] = { &k->key_id, &k->org, &k->user, &k->limit,
		&k->policy };
	size_t sum = 0;
	u_char *to;

	keyd_http_ratelimit(v, limit, sizeof(limit), policy, sizeof(policy));
	measure(&k->key_id, v->key_id, &sum);
	measure(&k->org, v->org, &sum);
	measure(&k->user, v->user, &sum);
	measure(&k->limit, limit, &sum);
	measure(&k->policy, policy, &sum);
	if ((to = ngx_pnalloc(k->pool, sum)) == NULL)
		return false;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		to = move(texts[i], to);
	k->status = v->status;
	k->retry_after = v->retry_after;
	return true;
}

/* There is no verdict. */
static void
fail(struct check *k, enum keyd_status status)
{
	k->status = status;
	k->retry_after =
	    keyd_http_status(status) == NGX_HTTP_SERVICE_UNAVAILABLE;
	ngx_str_null(&k->key_id);
	ngx_str_null(&k->org);
	ngx_str_null(&k->user);
	ngx_str_null(&k->limit);
	ngx_str_null(&k->policy);
	k->done = true;
}

static void
answered(void *arg, enum keyd_status status, const struct keyd_verdict *verdict)
{
	struct check *k = arg;

	(void)status;
	if (!keep(k, verdict))
		fail(k, KEYD_ENOMEM);
	k->ticket = 0;
	k->done = true;
	wake(k);
}

static struct check *
new_check(ngx_http_request_t *r, struct gate *g, const char *permission)
{
	ngx_pool_cleanup_t *cleanup =
	    ngx_pool_cleanup_add(r->pool, sizeof(struct check));
	struct check *k;

	if (cleanup == NULL)
		return NULL;
	k = cleanup->data;
	k->gate = g;
	k->permission = permission;
	k->pool = r->pool;
	k->ticket = 0;
	k->waiters = NULL;
	k->done = k->told = false;
	ngx_memzero(k->headers, sizeof(k->headers));
	cleanup->handler = forget;
	return k;
}

static bool
is_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && ngx_strcmp(a, b) == 0);
}

/* The next check of a pool from here on. */
static struct check *
find(ngx_pool_cleanup_t **at)
{
	struct check *k = NULL;

	for (; *at != NULL && k == NULL; *at = (*at)->next)
		if ((*at)->handler == forget)
			k = (*at)->data;
	return k;
}

struct check *
check_ask(ngx_http_request_t *r, struct gate *g, const char *permission)
{
	const ngx_table_elt_t *header = r->headers_in.authorization;
	ngx_pool_cleanup_t *at = r->pool->cleanup;
	enum keyd_status status;
	struct check *k;

	while ((k = find(&at)) != NULL)
		if (k->gate == g && is_same(k->permission, permission))
			return k;
	if ((k = new_check(r, g, permission)) == NULL)
		return NULL;
	/* nginx has refused a second such header, and ended this one's value
	   with a NUL. */
	status = gate_ask(g,
	    header != NULL ? (const char *)header->value.data : NULL,
	    permission, answered, k, &k->ticket);
	if (status != KEYD_OK)
		fail(k, status);
	return k;
}

bool
check_wait(struct check *k, ngx_http_request_t *r)
{
	struct waiter *w;

	for (w = k->waiters; w != NULL; w = w->next)
		if (w->request == r)
			return true;
	/* A client that goes away is to be noticed. */
	if (r == r->main) {
		r->read_event_handler = ngx_http_test_reading;
		if (ngx_handle_read_event(r->connection->read, 0) != NGX_OK)
			return false;
	}
	if ((w = ngx_pcalloc(r->pool, sizeof(*w))) == NULL)
		return false;
	w->request = r;
	w->next = k->waiters;
	k->waiters = w;
	return true;
}

struct check *
check_last(ngx_http_request_t *r, const struct check *after)
{
	ngx_pool_cleanup_t *at = r->pool->cleanup;
	struct check *k;

	if (after != NULL)
		while (find(&at) != after)
			;
	while ((k = find(&at)) != NULL)
		if (k->done)
			return k;
	return NULL;
}

struct check *
check_refused(ngx_http_request_t *r)
{
	struct check *k = NULL;

	if (r->err_status == 0)
		return NULL;
	while ((k = check_last(r, k)) != NULL)
		if (k->status != KEYD_OK && k->told &&
		    (ngx_uint_t)keyd_http_status(k->status) == r->err_status)
			break;
	return k;
}
