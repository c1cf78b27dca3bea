/* SPDX-License-Identifier: ISC */
/*
 * member.h - members as keydctl shows them, and changes of them.
 *
 * After a change the keys that outlive it are listed, since they keep the
 * permissions that they were made with.
 */
#ifndef KEYDCTL_MEMBER_H
#define KEYDCTL_MEMBER_H

#include <jansson.h>

#include "pages.h"

extern const struct page_kind member_kind;

json_t *member_doc(const struct member_info *m);

/* A change as called: the org and the user are the operands. */
struct member_change {
	uint8_t type;     /* MEMBER_ADD, MEMBER_SET or MEMBER_REMOVE */
	const char *role; /* NULL: none */
	bool revoke_keys;
};

int member_send(const struct call *call, const struct member_change *change);

#endif /* KEYDCTL_MEMBER_H */
