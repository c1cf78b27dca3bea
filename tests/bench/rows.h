/* SPDX-License-Identifier: ISC */
/*
 * rows.h - sqlite in this process, asked whether a key is valid.
 */
#ifndef KEYD_ROWS_H
#define KEYD_ROWS_H

#include <stdbool.h>

#include "mint.h"

struct rows;

/* Makes a database with these keys in a folder that there is. */
struct rows *rows_open(const char *folder, const struct mint_digest *keys,
    size_t count);
void rows_close(struct rows *r);

/* For struct load, with one client: about a key at random. */
bool rows_ask(void *rows, unsigned client);

#endif /* KEYD_ROWS_H */
