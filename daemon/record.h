/* SPDX-License-Identifier: ISC */
/*
 * record.h - a key as it is stored: encoded field by field, never a struct in
 * memory order, with a version byte first.
 */
#ifndef KEYD_RECORD_H
#define KEYD_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "model.h"
#include "secret.h"

#define RECORD_VERSION 2 /* the hash, the import, then the key */
#define RECORD_MAX 3072  /* bytes; every text at its longest takes 2 KiB */

/* Read, and written as RECORD_VERSION: no import, no links of a rotation. */
#define RECORD_VERSION_FIRST 1

struct record {
	uint64_t serial; /* its key in the table, not in its bytes */
	uint8_t hash[STORED_HASH_SIZE];
	uint64_t import; /* the import that brought it; 0: none */
	struct key_info key;
};

/* Writes at most cap bytes; returns how many, or 0 if they do not fit. */
size_t record_encode(const struct record *rec, uint8_t *bytes, size_t cap);

/* Sets all but the serial.  False for bytes that are no record. */
bool record_decode(struct record *rec, struct span bytes)
    __attribute__((warn_unused_result));

#endif /* KEYD_RECORD_H */
