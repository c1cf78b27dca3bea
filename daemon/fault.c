/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "fault.h"

static const char *
sentence(enum error_code code)
{
	switch (code) {
	case ERROR_VERSION:
		return "keyd speaks version 1 of the protocol";
	case ERROR_MALFORMED:
		return "the body is not a request of this type";
	case ERROR_TYPE:
		return "there is no such request on this socket";
	case ERROR_HELLO:
		return "hello must come first, and once";
	case ERROR_TOO_LARGE:
		return "the frame is too large; the connection ends";
	case ERROR_BUSY:
		return "keyd has too much to do; try again later";
	case ERROR_TIMEOUT:
		return "the frame did not come in time; the connection ends";
	case ERROR_DENIED:
		return "only root and the members of keyd's admin group may "
		       "do that";
	case ERROR_INVALID:
	case ERROR_NOT_FOUND:
	case ERROR_EXISTS:
	case ERROR_PERMISSION:
		return "the request cannot be carried out";
	case ERROR_STORE:
		return "the database failed; nothing was changed";
	case ERROR_OUTCOME:
		return "the database failed while it was written; ask again "
		       "to learn whether the change was made";
	}
	return "";
}

static uint16_t
retry_after(enum error_code code)
{
	return code == ERROR_BUSY || code == ERROR_OUTCOME ? 1 : 0;
}

void
fault_put(struct wire_writer *w, uint32_t id, enum error_code code,
    const char *message)
{
	struct reply rep = { .type = FRAME_ERROR };

	rep.error.code = (uint8_t)code;
	rep.error.lowest = rep.error.highest = PROTOCOL_MAJOR;
	rep.error.retry_after = retry_after(code);
	snprintf(rep.error.message, sizeof(rep.error.message), "%s",
	    message != NULL ? message : sentence(code));
	reply_encode(w, &rep, id);
}
