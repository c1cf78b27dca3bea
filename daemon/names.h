/* SPDX-License-Identifier: ISC */
/*
 * names.h - what organizations, users, keys and permissions may be called.
 *
 * A name that passes here fits its field in wire/model.h with its NUL, and can
 * be shown on a terminal or in a log without changing anything but itself.
 */
#ifndef KEYD_NAMES_H
#define KEYD_NAMES_H

#include <stdbool.h>
#include <stddef.h>

bool name_is_org(const char *s);        /* [a-z0-9][a-z0-9-]{0,62} */
bool name_is_user(const char *s);       /* [A-Za-z0-9][A-Za-z0-9._@+-]{0,126} */
bool name_is_permission(const char *s); /* [a-z0-9][a-z0-9:._-]{0,62} */
bool name_is_role(const char *s);       /* [a-z][a-z0-9-]{0,30} */
bool name_is_plan(const char *s);       /* the same */
bool name_is_context(const char *s);    /* the same */
bool name_is_prefix(const char *s);     /* [a-z][a-z0-9]{0,14} */
bool name_is_key_id(const char *s);     /* key_[0-9a-z]{16} */

/*
 * 1 to max - 1 bytes of UTF-8, each character visible (visible_char), no space
 * at the beginning or the end.  max: sizeof the field, NUL included.
 */
bool name_is_text(const char *s, size_t max);

#endif /* KEYD_NAMES_H */
