/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "doc.h"
#include "fail.h"
#include "guard.h"
#include "key.h"

/* The key that v took the place of.  False: there is none that can be seen. */
static bool
find_old(struct session *s, const struct key_view *v, struct key_view *old)
{
	struct request req = { .type = FRAME_SHOW };
	struct reply rep;

	if (v->key.rotated_from[0] == '\0')
		return false;
	memcpy(req.show.id, v->key.rotated_from, sizeof(req.show.id));
	if (session_ask(s, &req, &rep) != KEYD_OK)
		return false;
	*old = rep.view;
	return true;
}

static void
print(struct session *s, const struct key_view *v)
{
	struct key_view old;
	bool has_old = find_old(s, v, &old);
	json_t *doc;

	if (!s->call->json) {
		key_fields(stdout, v, has_old ? &old : NULL);
		return;
	}
	doc = key_view_doc(v);
	json_object_set_new(doc, "old_key",
	    has_old ? key_view_doc(&old) : json_null());
	doc_print(doc);
}

static int
run(const struct call *call)
{
	struct session s = session_new(call, CLIENT_ADMIN);
	struct request req = { .type = FRAME_SHOW };
	struct key_view view;
	struct reply rep;
	int code;

	if (!guard_is_key_id(call->operand[0]))
		return fail_usage(call,
		    "that is no key id: key_ and 16 characters, as 'keydctl "
		    "list' shows them");
	memcpy(req.show.id, call->operand[0], KEY_ID_LEN);
	if ((code = session_get(&s, &req, &rep)) == EXIT_DONE) {
		view = rep.view; /* the next answer overwrites it */
		print(&s, &view);
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
