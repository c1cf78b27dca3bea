/* SPDX-License-Identifier: ISC */
/*
 * rules.h - what each setting of keyd.conf may be.
 *
 * Each value is checked as soon as libconfuse has read it, so that a complaint
 * names its line; a section is checked at its end.
 */
#ifndef KEYD_RULES_H
#define KEYD_RULES_H

#include <confuse.h>
#include <stddef.h>
#include <stdint.h>

#define NUMBERS 6

/* A setting that is a number from 1 to most. */
struct number {
	const char *name;
	long fallback;
	long most;
	size_t offset; /* in struct config, of a uint32_t */
};

extern const struct number rules_numbers[NUMBERS];

/* Has libconfuse check all settings as it reads them, but those that have a
   reader of their own. */
void rules_set(cfg_t *cfg);

/* Reads a mode, for CFG_INT_CB: 0666 and the like, as octal text. */
int rules_mode(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result);

/* Complains of the line that is being read; returns -1. */
int rules_refuse(cfg_t *cfg, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* "30d", "24h", "15m" or "30s" in seconds; 0 when it is none of these. */
int64_t rules_duration(const char *text);

#endif /* KEYD_RULES_H */
