/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "judge.h"
#include "policy.h"

bool
judge_passes(enum judge_step step, const struct request_verify *q,
    const struct key_brief *k, int64_t now)
{
	switch (step) {
	case JUDGE_REVOKED:
		return k->revoked == 0;
	case JUDGE_EXPIRED:
		return k->expires == 0 || now < k->expires;
	case JUDGE_ORG:
		return q->org[0] == '\0' || strcmp(q->org, k->org) == 0;
	case JUDGE_PERMISSION:
		return q->permission[0] == '\0' ||
		    permissions_have(k->permissions, q->permission);
	case JUDGE_STEPS:
		break;
	}
	return false;
}

enum verdict_code
judge_code(enum judge_step step)
{
	static const enum verdict_code codes[JUDGE_STEPS] = {
		[JUDGE_REVOKED] = VERDICT_REVOKED,
		[JUDGE_EXPIRED] = VERDICT_EXPIRED,
		[JUDGE_ORG] = VERDICT_WRONG_ORG,
		[JUDGE_PERMISSION] = VERDICT_FORBIDDEN,
	};

	return codes[step];
}

enum verdict_code
judge(const struct request_verify *q, const struct key_brief *k, int64_t now)
{
	for (enum judge_step step = 0; step < JUDGE_STEPS; step++)
		if (!judge_passes(step, q, k, now))
			return judge_code(step);
	return VERDICT_OK;
}
