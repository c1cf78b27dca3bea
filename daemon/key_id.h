/* SPDX-License-Identifier: ISC */
/*
 * key_id.h - the ids of keys: a serial, enciphered.
 *
 * key_ and 16 digits in base 36.  Only who has the hash key can tell which
 * serial an id has, or how many keys there are; keyd finds a key by its id
 * without an index.  The cipher is a Feistel network of ten rounds over two
 * halves of eight digits, as that of FF1 in NIST SP 800-38G, with SipHash-2-4
 * as its round function.
 */
#ifndef KEYD_KEY_ID_H
#define KEYD_KEY_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "model.h"
#include "secret.h"

/* What sets the ids of one database apart from those of another with the same
   hash key, where the same serials are given to other keys. */
#define ID_TWEAK_SIZE 16

void key_id_of(const struct secret *k, const uint8_t tweak[ID_TWEAK_SIZE],
    uint64_t serial, char id[KEY_ID_SIZE]);

/* False for an id that no serial has: one of another database, but for one in
   some 400,000 of those. */
bool key_id_serial(const struct secret *k, const uint8_t tweak[ID_TWEAK_SIZE],
    const char *id, uint64_t *serial);

#endif /* KEYD_KEY_ID_H */
