/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "ngx_keyd.h"
#include "ngx_site.h"
#include "permission.h"

#define EVERYWHERE                                                             \
	(NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF |          \
	    NGX_HTTP_LMT_CONF)

static char twice[] = "is duplicate";
static char neither[] = "takes on, off or a permission such as tests:run";
static char no_realm[] = "takes printable text of at most 128 bytes";
static char no_org[] = "takes the name of an organization, or \"\" for any";
static char no_folder[] = "takes a folder whose path is short enough for a "
			  "socket in it";

/* A word of the configuration, which ends with a NUL. */
static char *
word(const ngx_conf_t *cf)
{
	ngx_str_t *words = cf->args->elts;

	return (char *)words[1].data;
}

static const char *
or_null(const ngx_str_t *s)
{
	return s->len > 0 ? (const char *)s->data : NULL;
}

/* keyd on | off | PERMISSION; */
static char *
set_keyd(ngx_conf_t *cf, ngx_command_t *command, void *conf)
{
	struct site *s = conf;
	const char *value = word(cf);

	(void)command;
	if (s->on != NGX_CONF_UNSET)
		return twice;
	s->on = ngx_strcmp(value, "off") != 0;
	if (s->on && ngx_strcmp(value, "on") != 0) {
		if (!permission_ok(value))
			return neither;
		s->permission = value;
	}
	return NGX_CONF_OK;
}

/* keyd_off; */
static char *
set_off(ngx_conf_t *cf, ngx_command_t *command, void *conf)
{
	struct site *s = conf;

	(void)cf;
	(void)command;
	if (s->on != NGX_CONF_UNSET)
		return twice;
	s->on = 0;
	return NGX_CONF_OK;
}

static char *
set_realm(ngx_conf_t *cf, ngx_command_t *command, void *conf)
{
	struct site *s = conf;
	char text[KEYD_CHALLENGE_SIZE];

	if (strlen(word(cf)) > 128 ||
	    keyd_http_challenge(KEYD_UNKNOWN, word(cf), NULL, text,
		sizeof(text)) == 0)
		return no_realm;
	return ngx_conf_set_str_slot(cf, command, s);
}

static char *
set_org(ngx_conf_t *cf, ngx_command_t *command, void *conf)
{
	const char *org = word(cf);

	if (org[0] != '\0' && !gate_possible(NULL, org))
		return no_org;
	return ngx_conf_set_str_slot(cf, command, conf);
}

/* Relative to nginx's prefix, as all its paths are. */
static char *
set_runtime_dir(ngx_conf_t *cf, ngx_command_t *command, void *conf)
{
	struct site *s = conf;
	char *wrong = ngx_conf_set_str_slot(cf, command, conf);

	if (wrong != NGX_CONF_OK || s->runtime_dir.len == 0)
		return wrong;
	if (ngx_conf_full_name(cf->cycle, &s->runtime_dir, 0) != NGX_OK)
		return NGX_CONF_ERROR;
	return gate_possible(or_null(&s->runtime_dir), NULL) ? NGX_CONF_OK
							     : no_folder;
}

ngx_command_t site_commands[] = {
	{ ngx_string("keyd"), EVERYWHERE | NGX_CONF_TAKE1, set_keyd,
	    NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },
	{ ngx_string("keyd_off"), EVERYWHERE | NGX_CONF_NOARGS, set_off,
	    NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },
	{ ngx_string("keyd_realm"), EVERYWHERE | NGX_CONF_TAKE1, set_realm,
	    NGX_HTTP_LOC_CONF_OFFSET, offsetof(struct site, realm), NULL },
	{ ngx_string("keyd_org"), EVERYWHERE | NGX_CONF_TAKE1, set_org,
	    NGX_HTTP_LOC_CONF_OFFSET, offsetof(struct site, org), NULL },
	{ ngx_string("keyd_runtime_dir"), EVERYWHERE | NGX_CONF_TAKE1,
	    set_runtime_dir, NGX_HTTP_LOC_CONF_OFFSET,
	    offsetof(struct site, runtime_dir), NULL },
	ngx_null_command,
};

void *
site_create_main(ngx_conf_t *cf)
{
	return ngx_pcalloc(cf->pool, sizeof(struct site_main));
}

void *
site_create(ngx_conf_t *cf)
{
	struct site *s = ngx_pcalloc(cf->pool, sizeof(*s));

	if (s != NULL)
		s->on = NGX_CONF_UNSET;
	return s;
}

static bool
is_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static struct gate *
find_gate(ngx_conf_t *cf, const char *runtime_dir, const char *org)
{
	struct site_main *m =
	    ngx_http_conf_get_module_main_conf(cf, ngx_http_keyd_module);
	struct gate *g;

	for (g = m->gates; g != NULL; g = g->next)
		if (is_same(g->runtime_dir, runtime_dir) &&
		    is_same(g->org, org))
			return g;
	if ((g = ngx_pcalloc(cf->pool, sizeof(*g))) == NULL)
		return NULL;
	g->runtime_dir = runtime_dir;
	g->org = org;
	g->next = m->gates;
	m->gates = g;
	return g;
}

char *
site_merge(ngx_conf_t *cf, void *parent, void *child)
{
	struct site *p = parent, *s = child;

	if (s->on == NGX_CONF_UNSET)
		s->permission = p->permission;
	ngx_conf_merge_value(s->on, p->on, 0);
	ngx_conf_merge_str_value(s->realm, p->realm, "api");
	ngx_conf_merge_str_value(s->org, p->org, "");
	ngx_conf_merge_str_value(s->runtime_dir, p->runtime_dir, "");
	if (!s->on)
		return NGX_CONF_OK;
	s->gate = find_gate(cf, or_null(&s->runtime_dir), or_null(&s->org));
	return s->gate != NULL ? NGX_CONF_OK : NGX_CONF_ERROR;
}
