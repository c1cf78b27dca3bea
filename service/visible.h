/* SPDX-License-Identifier: ISC */
/*
 * visible.h - which characters may be shown on a terminal and in a log.
 *
 * One that passes changes nothing there but itself.
 */
#ifndef KEYD_VISIBLE_H
#define KEYD_VISIBLE_H

#include <stddef.h>

/*
 * How many bytes the character at s takes, if it is valid UTF-8 and neither a
 * control character (C0, DEL, C1), a line or paragraph separator nor one that
 * turns the direction of text; else 0, as for the NUL at the end.
 */
size_t visible_char(const char *s);

#endif /* KEYD_VISIBLE_H */
