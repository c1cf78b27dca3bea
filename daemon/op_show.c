/* SPDX-License-Identifier: ISC */
#include "keys.h"
#include "names.h"
#include "op.h"
#include "view.h"

/* Everything about one key but its hash. */
enum op_result
op_show(struct op_call *c)
{
	const char *id = c->req->show.id;
	struct reply rep = { .type = FRAME_ANSWER | FRAME_SHOW };
	struct record rec;
	enum store_status rc;

	if (!name_is_key_id(id))
		return op_refuse(c, ERROR_INVALID,
		    "a key id is key_ and 16 characters of 0-9a-z");
	rc = keys_find_id(c->txn, id, &rec);
	if (rc == STORE_NONE || (rc == STORE_OK && !op_may(c, rec.key.org)))
		return op_refuse(c, ERROR_NOT_FOUND, "there is no key %s", id);
	if (rc != STORE_OK)
		return op_failed(c, rc);
	rc = view_fill(c, &rec, &rep.view);
	return rc == STORE_OK ? op_answer(c, &rep) : op_failed(c, rc);
}
