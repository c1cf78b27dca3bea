/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "index.h"
#include "log.h"

static void
index_begin(struct index *x)
{
	x->w = wire_writer(x->bytes, sizeof(x->bytes));
}

static void
index_text(struct index *x, const char *s)
{
	wire_put_bytes(&x->w, s, strlen(s) + 1);
}

struct span
index_span(const struct index *x)
{
	return (struct span){ x->bytes, wire_length(&x->w) };
}

void
index_name(struct index *x, const char *org, const char *name)
{
	index_begin(x);
	index_text(x, org);
	index_text(x, name);
}

void
index_owner(struct index *x, const char *org, const char *user)
{
	index_begin(x);
	if (org[0] != '\0')
		index_text(x, org);
	if (org[0] != '\0' && user[0] != '\0')
		index_text(x, user);
}

void
index_serial(struct index *x, uint64_t serial)
{
	index_begin(x);
	wire_put_u64(&x->w, serial);
}

static struct log_throttle throttle;

enum store_status
index_confirm(enum store_status rc, bool same)
{
	if (rc == STORE_OK && same)
		return STORE_OK;
	if (rc == STORE_OK || rc == STORE_NONE) {
		log_throttled(&throttle,
		    "store: an index leads to the wrong record");
		return STORE_DAMAGED;
	}
	return rc;
}
