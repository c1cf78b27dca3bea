/* SPDX-License-Identifier: ISC */
/*
 * settings.h - what may be set in keyd.conf, and to what.
 *
 * The only module that knows libconfuse.  It is given text that syntax_check
 * has passed, and nothing else.
 */
#ifndef KEYD_SETTINGS_H
#define KEYD_SETTINGS_H

#include <stddef.h>

#include "config.h"

/*
 * NULL on failure: then what has a sentence, and *line says where, 0 when it is
 * not about a line.  One thread at a time.
 */
struct config *settings_read(const char *text, int *line, char *what,
    size_t what_size);

#endif /* KEYD_SETTINGS_H */
