/* SPDX-License-Identifier: ISC */
/*
 * turn.h - a list of keyd, page after page, each row given to the server.
 *
 * The server's function is called between two requests and outside of a
 * guest's visit: it may take its time, be cancelled, and call the library.
 */
#ifndef KEYD_TURN_H
#define KEYD_TURN_H

#include "errand.h"

/* Reads one row and gives it on; false: the server wants no more. */
typedef bool turn_row(struct wire_reader *r, void *arg);

/* e->req is a list.  Ends the errand. */
enum keyd_status turn_pages(struct errand *e, turn_row *row, void *arg);

#endif /* KEYD_TURN_H */
