/* SPDX-License-Identifier: ISC */
#include "ngx_answer.h"

#define RETRY_AFTER_SIZE 16 /* bytes: ten digits and more */

static const ngx_str_t names[CHECK_HEADERS] = {
	[CHECK_CHALLENGE] = ngx_string("WWW-Authenticate"),
	[CHECK_RETRY_AFTER] = ngx_string("Retry-After"),
	[CHECK_LIMIT] = ngx_string("RateLimit"),
	[CHECK_POLICY] = ngx_string("RateLimit-Policy"),
};

/* One header field.  r: whose response it is in. */
static bool
put(ngx_http_request_t *r, struct check *k, enum check_header which,
    const ngx_str_t *value)
{
	ngx_table_elt_t *h = ngx_list_push(&r->headers_out.headers);

	if (h == NULL)
		return false;
	h->hash = 1;
	h->key = names[which];
	h->value = *value;
#if nginx_version >= 1023000
	h->next = NULL;
#endif
	k->headers[which] = h;
	return true;
}

/* The same with a value that is copied. */
static bool
put_copy(ngx_http_request_t *r, struct check *k, enum check_header which,
    const void *text, size_t len)
{
	ngx_str_t value = { .data = ngx_pnalloc(r->pool, len), .len = len };

	if (value.data == NULL)
		return false;
	ngx_memcpy(value.data, text, len);
	return put(r, k, which, &value);
}

/* nginx itself takes it back where another module lets the request pass. */
static bool
put_challenge(ngx_http_request_t *r, struct check *k, const char *realm)
{
	char text[KEYD_CHALLENGE_SIZE];
	size_t len = keyd_http_challenge(k->status, realm, k->permission, text,
	    sizeof(text));

	if (len == 0)
		return true;
	if (!put_copy(r, k, CHECK_CHALLENGE, text, len))
		return false;
#if nginx_version >= 1023000
	k->headers[CHECK_CHALLENGE]->next = r->headers_out.www_authenticate;
#endif
	r->headers_out.www_authenticate = k->headers[CHECK_CHALLENGE];
	return true;
}

static bool
put_retry_after(ngx_http_request_t *r, struct check *k)
{
	u_char text[RETRY_AFTER_SIZE];
	const u_char *end;

	if (k->retry_after == 0)
		return true;
	end = ngx_snprintf(text, sizeof(text), "%uD", k->retry_after);
	return put_copy(r, k, CHECK_RETRY_AFTER, text, (size_t)(end - text));
}

/* The limit is the client's, whichever subrequest it was that used it. */
static bool
put_limit(ngx_http_request_t *r, struct check *k)
{
	if (k->limit.len == 0)
		return true;
	return put(r->main, k, CHECK_LIMIT, &k->limit) &&
	    put(r->main, k, CHECK_POLICY, &k->policy);
}

/* The answer is about one check only. */
static void
withdraw_others(ngx_http_request_t *r, const struct check *k)
{
	struct check *old;

	for (old = check_last(r, NULL); old != NULL; old = check_last(r, old))
		for (int i = 0; i < CHECK_HEADERS; i++)
			if (old != k && old->headers[i] != NULL)
				old->headers[i]->hash = 0;
}

static void
note(ngx_http_request_t *r, const struct check *k)
{
	const char *permission = k->permission != NULL ? k->permission : "-";
	ngx_str_t none = ngx_string("-");
	ngx_uint_t level = k->status < 0 ? NGX_LOG_ERR : NGX_LOG_INFO;

	ngx_log_error(level, r->connection->log, 0,
	    "keyd: %s (permission %s, key %V)", keyd_strerror(k->status),
	    permission, k->key_id.len != 0 ? &k->key_id : &none);
}

static bool
tell(ngx_http_request_t *r, struct check *k, const char *realm)
{
	k->told = true;
	withdraw_others(r, k);
	if (!put_limit(r, k))
		return false;
	if (k->status == KEYD_OK)
		return true;
	note(r, k);
	return put_challenge(r, k, realm) && put_retry_after(r, k);
}

ngx_int_t
answer(ngx_http_request_t *r, struct check *k, const char *realm)
{
	if (!k->told && !tell(r, k, realm))
		return NGX_HTTP_INTERNAL_SERVER_ERROR;
	if (k->status == KEYD_OK)
		return NGX_OK;
	return keyd_http_status(k->status);
}
