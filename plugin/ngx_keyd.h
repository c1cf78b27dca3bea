/* SPDX-License-Identifier: ISC */
/*
 * ngx_keyd.h - the module itself, as nginx knows it.
 */
#ifndef KEYD_NGX_KEYD_H
#define KEYD_NGX_KEYD_H

#include <ngx_config.h>

#include <ngx_core.h>

extern ngx_module_t ngx_http_keyd_module;

#endif /* KEYD_NGX_KEYD_H */
