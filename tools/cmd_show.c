/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "doc.h"
#include "fail.h"
#include "guard.h"
#include "key.h"

static int
run(const struct call *call)
{
	struct session s = session_new(call, CLIENT_ADMIN);
	struct request req = { .type = FRAME_SHOW };
	struct reply rep;
	int code;

	if (!guard_is_key_id(call->operand[0]))
		return fail_usage(call,
		    "that is no key id: key_ and 16 characters, as 'keydctl "
		    "list' shows them");
	memcpy(req.show.id, call->operand[0], KEY_ID_LEN);
	if ((code = session_get(&s, &req, &rep)) == EXIT_DONE) {
		if (call->json)
			doc_print(key_doc(&rep.view.key));
		else
			key_fields(stdout, &rep.view.key);
	}
	session_close(&s);
	return code;
}

const struct command cmd_show = {
	.name = "show",
	.usage = "ID",
	.help = "show everything about a key but its secret",
	.min = 1,
	.max = 1,
	.run = run,
};
