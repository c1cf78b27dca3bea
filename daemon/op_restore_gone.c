/* SPDX-License-Identifier: ISC */
#include "incoming.h"
#include "op.h"

/* keyd's own: the client whose number was noted is gone. */
enum op_result
op_restore_gone(struct op_call *c)
{
	struct wire_reader r = wire_reader(c->noted.ptr, c->noted.len);

	if (incoming_is_of(c->incoming, wire_get_u64(&r)))
		incoming_drop(c->incoming);
	return OP_REFUSED; /* there is nothing to commit */
}
