/* SPDX-License-Identifier: ISC */
/*
 * health.h - what keyd counts of itself, for keydctl status and for metrics.
 *
 * Only the loop's thread writes and reads it.
 */
#ifndef KEYD_HEALTH_H
#define KEYD_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "census.h"
#include "latency.h"
#include "model.h"
#include "reply.h"

struct health {
	int64_t started; /* ms of clock_mono_ms */
	bool shared;     /* clients have the bulletin, and may keep verdicts */
	uint64_t connections; /* open now */
	uint64_t refused;     /* connections that a cap turned away */
	uint64_t verified;    /* verifies answered */
	uint64_t allowed;     /* of them with OK */
	uint64_t verdicts[VERDICT_RATE_LIMITED + 1]; /* by their code */
	uint64_t leased;        /* calls that clients allowed by a lease */
	uint64_t recalled;      /* verifies whose record was known already */
	struct latency latency; /* of verifies */
	struct census census;
	uint64_t store_failures; /* requests that the store failed */
	uint64_t changes;        /* answered, well or not */
	uint64_t bad_frames;     /* answered with an error of the protocol */
	char config_error[MESSAGE_SIZE]; /* why the last reload was not taken */
};

#endif /* KEYD_HEALTH_H */
