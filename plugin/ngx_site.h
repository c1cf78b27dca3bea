/* SPDX-License-Identifier: ISC */
/*
 * ngx_site.h - what the configuration says of a location, and the gates that
 * all of it needs: one for each runtime directory and organization.
 */
#ifndef KEYD_NGX_SITE_H
#define KEYD_NGX_SITE_H

#include <ngx_config.h>

#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_gate.h"

/* Of the whole http block. */
struct site_main {
	struct gate *gates;
};

/* Of a location. */
struct site {
	ngx_flag_t on;
	const char *permission; /* NULL: any valid key */
	ngx_str_t realm;
	ngx_str_t org;         /* "": any */
	ngx_str_t runtime_dir; /* "": the default */
	struct gate *gate;     /* NULL: it is not guarded */
};

extern ngx_command_t site_commands[];

void *site_create_main(ngx_conf_t *cf);
void *site_create(ngx_conf_t *cf);
char *site_merge(ngx_conf_t *cf, void *parent, void *child);

#endif /* KEYD_NGX_SITE_H */
