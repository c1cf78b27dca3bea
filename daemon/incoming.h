/* SPDX-License-Identifier: ISC */
/*
 * incoming.h - the backup that a client is restoring: on its way in, then
 * whole.
 *
 * It lies in a file without a name in the state directory, so that nothing is
 * left of it whenever keyd ends, and each chunk's hash is looked at before it
 * is taken.  It is its client's, by the number of his connection.  Only the
 * writer's thread uses it.
 */
#ifndef KEYD_INCOMING_H
#define KEYD_INCOMING_H

#include "archive.h"

#define INCOMING_SILENCE 30 /* s after which another client may take over */

struct incoming;

/* dir_fd: of the state directory, borrowed.  NULL without memory. */
struct incoming *incoming_new(int dir_fd);
void incoming_free(struct incoming *in); /* NULL is fine */

/* Has another client one under way?  now: Unix time in s. */
bool incoming_is_busy(const struct incoming *in, uint64_t client, int64_t now);
/* Is there one, and of this client? */
bool incoming_is_of(const struct incoming *in, uint64_t client);

/*
 * Begins one, in place of what there was, with the piece of the file up to the
 * end of its head; then adds it chunk by chunk.  On false why has a sentence,
 * and what was begun is gone.
 */
bool incoming_begin(struct incoming *in, const struct secret *k,
    uint64_t client, int64_t now, struct span piece, char why[MESSAGE_SIZE]);
bool incoming_add(struct incoming *in, int64_t now, struct span chunk,
    char why[MESSAGE_SIZE]);
void incoming_drop(struct incoming *in);

const struct archive_head *incoming_head(const struct incoming *in);
uint64_t incoming_size(const struct incoming *in); /* bytes so far */
bool incoming_is_whole(const struct incoming *in);
const uint8_t *incoming_hash(const struct incoming *in); /* of all so far */

/*
 * The chunk with rows at *at, which is then where the next one is: 0 at first,
 * and after the last.  body is behind the name of their table, until the next
 * call.  False, and *at 0, when there are no more; false, and *at not 0, when
 * it cannot be read or is not what was taken.
 */
bool incoming_rows(struct incoming *in, uint64_t *at,
    char table[ARCHIVE_TABLE_SIZE], struct wire_reader *body);

#endif /* KEYD_INCOMING_H */
