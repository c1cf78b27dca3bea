/* SPDX-License-Identifier: ISC */
#include "op.h"
#include "use_rows.h"

/* Writes uses down.  Asked by keyd itself, so there is nobody to answer. */
enum op_result
op_uses(struct op_call *c)
{
	enum store_status rc = use_rows_write(c->txn, c->noted);

	return rc == STORE_OK ? OP_DONE : op_failed(c, rc);
}
