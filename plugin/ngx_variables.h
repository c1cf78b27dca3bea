/* SPDX-License-Identifier: ISC */
/*
 * ngx_variables.h - $keyd_status, $keyd_key_id, $keyd_org and $keyd_user.
 *
 * An org or user is that of a key that was accepted: a refused one lends its
 * name to nobody, whatever an error_page makes of the request.
 */
#ifndef KEYD_NGX_VARIABLES_H
#define KEYD_NGX_VARIABLES_H

#include <ngx_config.h>

#include <ngx_core.h>

ngx_int_t variables_add(ngx_conf_t *cf);

#endif /* KEYD_NGX_VARIABLES_H */
