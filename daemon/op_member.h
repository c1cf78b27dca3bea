/* SPDX-License-Identifier: ISC */
/*
 * op_member.h - what the operations on members have in common.
 */
#ifndef KEYD_OP_MEMBER_H
#define KEYD_OP_MEMBER_H

#include "op.h"

/* Loads the request's member, or refuses. */
enum op_result op_member_load(struct op_call *c, struct member_info *m);

/* Is the request's role one of the policy? */
enum op_result op_member_check_role(struct op_call *c);

/* Revokes the member's live keys if the request says so, and answers. */
enum op_result op_member_finish(struct op_call *c, const struct member_info *m);

#endif /* KEYD_OP_MEMBER_H */
