/* SPDX-License-Identifier: ISC */
/*
 * key_id.h - the ids of keys: a serial, enciphered.
 *
 * key_ and 16 digits in base 36: eight of the key's stored hash, so that no
 * other key has the id though it had the serial, in a database that was set
 * back or is another's; and eight of its serial.  Only who has the hash key can
 * tell either, or how many keys there are; keyd finds a key by its id without
 * an index.  The cipher is a Feistel network of ten rounds over the two halves,
 * as that of FF1 in NIST SP 800-38G, with SipHash-2-4 as its round function.
 */
#ifndef KEYD_KEY_ID_H
#define KEYD_KEY_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "model.h"
#include "secret.h"

#define KEY_ID_SERIALS UINT64_C(2821109907456) /* they are less: 36^8 */

void key_id_of(const struct secret *k, const uint8_t hash[STORED_HASH_SIZE],
    uint64_t serial, char id[KEY_ID_SIZE]);

/* Which serial it goes with, if keyd gave it to that key: every id goes with
   one.  False for what is no id. */
bool key_id_serial(const struct secret *k, const char *id, uint64_t *serial);

#endif /* KEYD_KEY_ID_H */
