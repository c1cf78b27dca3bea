/* SPDX-License-Identifier: ISC */
/*
 * ngx_http_keyd_module.c - a module of nginx that lets in requests whose token
 * keyd accepts.
 *
 * A request of a client is looked at in the access phase, after the other
 * modules there: what they refuse costs a key nothing.  nginx leaves that phase
 * out for subrequests, so those are looked at in the phase before.
 */
#include "ngx_answer.h"
#include "ngx_check.h"
#include "ngx_keyd.h"
#include "ngx_site.h"
#include "ngx_variables.h"

static ngx_int_t
guard(ngx_http_request_t *r)
{
	const struct site *s =
	    ngx_http_get_module_loc_conf(r, ngx_http_keyd_module);
	struct check *k, *refused;

	if (s->gate == NULL)
		return NGX_DECLINED;
	if ((k = check_ask(r, s->gate, s->permission)) == NULL)
		return NGX_HTTP_INTERNAL_SERVER_ERROR;
	if (!k->done)
		return check_wait(k, r) ? NGX_AGAIN
					: NGX_HTTP_INTERNAL_SERVER_ERROR;
	/* Who may see the page of a refusal is refused all the same. */
	if (k->status == KEYD_OK && (refused = check_refused(r)) != NULL) {
		ngx_http_set_ctx(r, refused, ngx_http_keyd_module);
		return NGX_OK;
	}
	ngx_http_set_ctx(r, k, ngx_http_keyd_module);
	return answer(r, k, (const char *)s->realm.data);
}

static ngx_int_t
guard_subrequest(ngx_http_request_t *r)
{
	ngx_int_t rc;

	if (r == r->main)
		return NGX_DECLINED;
	rc = guard(r);
	return rc == NGX_OK ? NGX_DECLINED : rc;
}

static ngx_int_t
add_handler(ngx_conf_t *cf, ngx_uint_t phase, ngx_http_handler_pt handler)
{
	ngx_http_core_main_conf_t *core =
	    ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
	ngx_http_handler_pt *h = ngx_array_push(&core->phases[phase].handlers);

	if (h == NULL)
		return NGX_ERROR;
	*h = handler;
	return NGX_OK;
}

static ngx_int_t
add_handlers(ngx_conf_t *cf)
{
	if (add_handler(cf, NGX_HTTP_ACCESS_PHASE, guard) != NGX_OK)
		return NGX_ERROR;
	return add_handler(cf, NGX_HTTP_PREACCESS_PHASE, guard_subrequest);
}

static struct gate *
gates_of(ngx_cycle_t *cycle)
{
	struct site_main *m =
	    ngx_http_cycle_get_module_main_conf(cycle, ngx_http_keyd_module);

	return m != NULL ? m->gates : NULL;
}

/* Only those who serve need them.  What fails here is tried again by the first
   request. */
static ngx_int_t
start_worker(ngx_cycle_t *cycle)
{
	struct gate *g;

	if (ngx_process != NGX_PROCESS_WORKER &&
	    ngx_process != NGX_PROCESS_SINGLE)
		return NGX_OK;
	for (g = gates_of(cycle); g != NULL; g = g->next)
		(void)gate_open(g);
	return NGX_OK;
}

static void
end_worker(ngx_cycle_t *cycle)
{
	struct gate *g;

	for (g = gates_of(cycle); g != NULL; g = g->next)
		gate_close(g);
}

static ngx_http_module_t context = {
	.preconfiguration = variables_add,
	.postconfiguration = add_handlers,
	.create_main_conf = site_create_main,
	.create_loc_conf = site_create,
	.merge_loc_conf = site_merge,
};

ngx_module_t ngx_http_keyd_module = {
	NGX_MODULE_V1,
	.ctx = &context,
	.commands = site_commands,
	.type = NGX_HTTP_MODULE,
	.init_process = start_worker,
	.exit_process = end_worker,
};

/* What load_module looks for.  Handlers of a phase run in the reverse order of
   their modules, so this one comes before those that are to run first. */
extern ngx_module_t *ngx_modules[];
extern char *ngx_module_names[];
extern char *ngx_module_order[];

static char own_name[] = "ngx_http_keyd_module";
static char before_auth_request[] = "ngx_http_auth_request_module";
static char before_auth_basic[] = "ngx_http_auth_basic_module";
static char before_access[] = "ngx_http_access_module";

ngx_module_t *ngx_modules[] = { &ngx_http_keyd_module, NULL };
char *ngx_module_names[] = { own_name, NULL };
char *ngx_module_order[] = { own_name, before_auth_request, before_auth_basic,
	before_access, NULL };
