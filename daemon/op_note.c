/* SPDX-License-Identifier: ISC */
#include "notes.h"
#include "op.h"

/* Writes what keyd itself has to say into the audit log. */
enum op_result
op_note(struct op_call *c)
{
	enum store_status rc = notes_append(c->txn, c->noted);

	return rc == STORE_OK ? OP_DONE : op_failed(c, rc);
}
