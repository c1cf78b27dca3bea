/* SPDX-License-Identifier: ISC */
/*
 * op_org.h - what ORG_ADD and ORG_SET have in common.
 */
#ifndef KEYD_OP_ORG_H
#define KEYD_OP_ORG_H

#include "op.h"

/* Puts the request's plan and limits into org, stores it and answers. */
enum op_result op_org_store(struct op_call *c, struct org_info *org);

#endif /* KEYD_OP_ORG_H */
