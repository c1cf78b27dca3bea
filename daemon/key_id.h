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

#endif /* KEYD_KEY_ID_H */
