/* SPDX-License-Identifier: ISC */
/*
 * form.h - name=value pairs of a query or a body, one after the other.
 *
 * Decoded in place; a value with a NUL in it, or with a broken escape, is none,
 * so that nobody is shown another text than was sent.
 */
#ifndef KEYD_HTTP_FORM_H
#define KEYD_HTTP_FORM_H

#include <stdbool.h>

/*
 * Takes the first pair off *rest, which is a NUL-terminated text that is
 * written to; *value is "" without a "=".  False when there is no more, or a
 * pair is broken: *broken tells.
 */
bool form_next(char **rest, char **name, char **value, bool *broken);

#endif /* KEYD_HTTP_FORM_H */
