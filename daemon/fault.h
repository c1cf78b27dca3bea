/* SPDX-License-Identifier: ISC */
/*
 * fault.h - the error frames that keyd sends.
 */
#ifndef KEYD_FAULT_H
#define KEYD_FAULT_H

#include "reply.h"

/* Bytes that any error frame fits in. */
#define FAULT_MAX 320

/* Puts an error frame; message NULL: the sentence that belongs to the code. */
void fault_put(struct wire_writer *w, uint32_t id, enum error_code code,
    const char *message);

#endif /* KEYD_FAULT_H */
