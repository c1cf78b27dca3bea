/* SPDX-License-Identifier: ISC */
/*
 * card.h - a key as servers see it, from a key as keyd shows it.
 */
#ifndef KEYD_CARD_H
#define KEYD_CARD_H

#include "keyd.h"
#include "model.h"

/* Fills all of *info. */
void card_fill(struct keyd_key_info *info, const struct key_view *view);

#endif /* KEYD_CARD_H */
