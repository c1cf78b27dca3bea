/* SPDX-License-Identifier: ISC */
#include "ngx_variables.h"
#include "ngx_check.h"
#include "ngx_keyd.h"

/* The words of keydctl. */
static const struct {
	enum keyd_status status;
	ngx_str_t word;
} words[] = {
	{ KEYD_OK, ngx_string("ok") },
	{ KEYD_MISSING, ngx_string("missing") },
	{ KEYD_MALFORMED, ngx_string("malformed") },
	{ KEYD_UNKNOWN, ngx_string("unknown") },
	{ KEYD_REVOKED, ngx_string("revoked") },
	{ KEYD_EXPIRED, ngx_string("expired") },
	{ KEYD_WRONG_ORG, ngx_string("wrong_org") },
	{ KEYD_FORBIDDEN, ngx_string("forbidden") },
	{ KEYD_RATE_LIMITED, ngx_string("rate_limited") },
	{ KEYD_EUNAVAILABLE, ngx_string("unavailable") },
	{ KEYD_ETIMEOUT, ngx_string("timeout") },
	{ KEYD_EBUSY, ngx_string("busy") },
	{ KEYD_EPERMISSION, ngx_string("permission") },
	{ KEYD_EINVAL, ngx_string("invalid") },
	{ KEYD_EPROTOCOL, ngx_string("protocol") },
	{ KEYD_ESTORE, ngx_string("store") },
	{ KEYD_ENOMEM, ngx_string("no_memory") },
};

static ngx_str_t
status(const struct check *k)
{
	static const ngx_str_t other = ngx_string("failed");

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].status == k->status)
			return words[i].word;
	return other;
}

static ngx_str_t
key_id(const struct check *k)
{
	return k->key_id;
}

static ngx_str_t
if_accepted(const struct check *k, ngx_str_t text)
{
	static const ngx_str_t none = ngx_null_string;

	return k->status == KEYD_OK ? text : none;
}

static ngx_str_t
org(const struct check *k)
{
	return if_accepted(k, k->org);
}

static ngx_str_t
user(const struct check *k)
{
	return if_accepted(k, k->user);
}

typedef ngx_str_t text_of(const struct check *k);

static const struct {
	ngx_str_t name;
	text_of *text;
} variables[] = {
	{ ngx_string("keyd_status"), status },
	{ ngx_string("keyd_key_id"), key_id },
	{ ngx_string("keyd_org"), org },
	{ ngx_string("keyd_user"), user },
};

static ngx_int_t
get(ngx_http_request_t *r, ngx_http_variable_value_t *v, uintptr_t data)
{
	const struct check *k =
	    ngx_http_get_module_ctx(r, ngx_http_keyd_module);
	ngx_str_t text = ngx_null_string;

	/* A redirect has made it forget, or a subrequest was asked for it. */
	if (k != NULL || (k = check_last(r, NULL)) != NULL)
		text = variables[data].text(k);
	if (text.len == 0) {
		v->not_found = 1;
		return NGX_OK;
	}
	v->data = text.data;
	v->len = (unsigned)text.len & 0xfffffff;
	v->valid = 1;
	v->no_cacheable = 0;
	v->not_found = 0;
	return NGX_OK;
}

ngx_int_t
variables_add(ngx_conf_t *cf)
{
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		ngx_str_t name = variables[i].name;
		ngx_http_variable_t *v =
		    ngx_http_add_variable(cf, &name, NGX_HTTP_VAR_NOCACHEABLE);

		if (v == NULL)
			return NGX_ERROR;
		v->get_handler = get;
		v->data = i;
	}
	return NGX_OK;
}
