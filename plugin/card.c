/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "card.h"

_Static_assert(KEYD_ID_SIZE >= KEY_ID_SIZE, "an id fits");

/* The sizes of keyd.h and those of the wire are the same. */
#define COPY(to, from)                                                         \
	do {                                                                   \
		_Static_assert(sizeof(to) >= sizeof(from), "it fits");         \
		memcpy(to, from, sizeof(from));                                \
	} while (0)

static void
fill_texts(struct keyd_key_info *info, const struct key_info *k)
{
	COPY(info->id, k->id);
	COPY(info->org, k->org);
	COPY(info->user, k->user);
	COPY(info->name, k->name);
	COPY(info->role, k->role);
	COPY(info->context, k->context);
	COPY(info->project, k->project);
	COPY(info->permissions, k->permissions);
	COPY(info->reason, k->reason);
	COPY(info->rotated_from, k->rotated_from);
	COPY(info->rotated_to, k->rotated_to);
}

void
card_fill(struct keyd_key_info *info, const struct key_view *view)
{
	const struct key_info *k = &view->key;
	const struct usage *u = &view->usage;

	*info = (struct keyd_key_info){ .size = sizeof(*info),
		.created = k->created,
		.expires = k->expires,
		.revoked = k->revoked,
		.first_used = u->first,
		.last_used = u->last,
		.uses = u->count,
		.refused = u->refused,
		.last_refused = u->refused_last,
		.due = view->due,
		.drifted = view->drifted,
		.creator_uid = k->creator_uid,
		.revoker_uid = k->revoker_uid };
	fill_texts(info, k);
}
