/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>

#include "fault.h"
#include "op.h"

enum op_result
op_answer(struct op_call *c, const struct reply *rep)
{
	reply_encode(c->out, rep, c->id);
	return OP_DONE;
}

enum op_result
op_refuse(struct op_call *c, enum error_code code, const char *fmt, ...)
{
	char message[MESSAGE_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	fault_put(c->out, c->id, code, message);
	return OP_REFUSED;
}

enum op_result
op_failed(struct op_call *c, enum store_status rc)
{
	fault_put(c->out, c->id, ERROR_STORE, store_strerror(rc));
	return OP_FAILED;
}
