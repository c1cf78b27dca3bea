/* SPDX-License-Identifier: ISC */
/*
 * exports.h - what keyd.h declares is seen from outside; nothing else is.
 *
 * The build has it included before each source of the library, all of which
 * is compiled with hidden visibility.  So no source has to say what is public,
 * and servers get a keyd.h without a word about linkers.
 */
#ifndef KEYD_EXPORTS_H
#define KEYD_EXPORTS_H

#pragma GCC visibility push(default)
#include "keyd.h"
#pragma GCC visibility pop

#endif /* KEYD_EXPORTS_H */
