/* SPDX-License-Identifier: ISC */
/*
 * key_id.h - draws the ids of keys: key_ and 16 random characters.
 */
#ifndef KEYD_KEY_ID_H
#define KEYD_KEY_ID_H

#include <stdbool.h>

#include "model.h"

/* False when the kernel has no randomness to give. */
bool key_id_draw(char id[KEY_ID_SIZE]);

/* One that begins as the other does, and so lies near it in the store: many
   that are made together share pages, which are written once for all of them.
 */
bool key_id_draw_near(char id[KEY_ID_SIZE], const char *other);

#endif /* KEYD_KEY_ID_H */
