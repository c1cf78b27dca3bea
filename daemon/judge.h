/* SPDX-License-Identifier: ISC */
/*
 * judge.h - may this key do that?  All of the decision but its rate limit.
 *
 * The order of the steps is fixed, and the first that fails is the verdict.
 */
#ifndef KEYD_JUDGE_H
#define KEYD_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "reply.h"
#include "request.h"

enum judge_step {
	JUDGE_REVOKED,
	JUDGE_EXPIRED,
	JUDGE_ORG,
	JUDGE_PERMISSION,
	JUDGE_STEPS
};

/* Does the key pass this step at this time? */
bool judge_passes(enum judge_step step, const struct request_verify *q,
    const struct key_brief *k, int64_t now);

/* The verdict of one that does not pass it. */
enum verdict_code judge_code(enum judge_step step);

/* VERDICT_OK, or the code of the first step that it does not pass. */
enum verdict_code judge(const struct request_verify *q,
    const struct key_brief *k, int64_t now);

#endif /* KEYD_JUDGE_H */
