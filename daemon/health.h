/* SPDX-License-Identifier: ISC */
/*
 * health.h - what keyd counts of itself, for keydctl status.
 *
 * Only the loop's thread writes and reads it.
 */
#ifndef KEYD_HEALTH_H
#define KEYD_HEALTH_H

#include <stdint.h>

#include "model.h"

struct health {
	int64_t started;      /* ms of clock_mono_ms */
	uint64_t connections; /* open now */
	uint64_t refused;     /* connections that a cap turned away */
	uint64_t verified;    /* verifies answered */
	uint64_t allowed;     /* of them with OK */
	uint64_t changes;     /* answered, well or not */
	uint64_t bad_frames;  /* answered with an error of the protocol */
	char config_error[MESSAGE_SIZE]; /* why the last reload was not taken */
};

#endif /* KEYD_HEALTH_H */
