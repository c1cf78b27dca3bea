/* SPDX-License-Identifier: ISC */
/*
 * index.h - the entries that lead to keys: by name, by owner, by serial.
 *
 * Texts end with their NUL, so that no org or user is the beginning of another.
 */
#ifndef KEYD_INDEX_H
#define KEYD_INDEX_H

#include "model.h"
#include "store.h"

#define SERIAL_SIZE sizeof(uint64_t)

/* The longest: org, NUL, user, NUL, serial. */
#define INDEX_MAX (ORG_SIZE + USER_SIZE + SERIAL_SIZE)

/* The key of an index entry, made of texts and numbers. */
struct index {
	uint8_t bytes[INDEX_MAX];
	struct wire_writer w;
};

/* Each begins anew.  An owner without a user, or without an org, is what all
   entries of that org, or all there are, begin with. */
void index_name(struct index *x, const char *org, const char *name);
void index_owner(struct index *x, const char *org, const char *user);
void index_serial(struct index *x, uint64_t serial);

struct span index_span(const struct index *x);

/* What a lookup through an index found: rc, and is it the same that the entry
   was about?  An entry without its record, or with another's, is damage. */
enum store_status index_confirm(enum store_status rc, bool same);

#endif /* KEYD_INDEX_H */
