/* SPDX-License-Identifier: ISC */
#include <stddef.h>
#include <string.h>

#include "argument.h"
#include "card.h"
#include "errand.h"
#include "guest.h"

static enum keyd_status
show(struct keyd *h, const char *key_id, struct keyd_key_info *info)
{
	struct keyd_key_info full;
	enum keyd_status status;
	struct errand e;

	errand_begin(&e, h);
	e.reads = true;
	e.req.type = FRAME_SHOW;
	memcpy(e.req.show.id, key_id, KEY_ID_LEN);
	if ((status = errand_run(&e)) == KEYD_OK) {
		card_fill(&full, &e.rep.view);
		full.size = info->size;
		memcpy(info, &full,
		    full.size < sizeof(full) ? full.size : sizeof(full));
	}
	errand_end(&e);
	return status;
}

enum keyd_status
keyd_show(struct keyd *handle, const char *key_id, struct keyd_key_info *info)
{
	struct guest g = guest_enter();
	enum keyd_status status = KEYD_EINVAL;

	if (handle != NULL && argument_is_key_id(key_id) && info != NULL &&
	    info->size >= offsetof(struct keyd_key_info, org))
		status = show(handle, key_id, info);
	guest_leave(g);
	return status;
}
