/* SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <stdio.h>

#include "schema.h"

static const char *const counter_names[COUNTER_COUNT] = {
	[COUNTER_STARTS] = "starts",
	[COUNTER_SERIAL] = "serial",
	[COUNTER_REVOKED] = "revoked",
};

static bool
fail(char *why, size_t why_size, const char *what)
{
	snprintf(why, why_size, "the database %s", what);
	return false;
}

/* Not sealed, since its version says how to look at the rest. */
static bool
check_version(struct store_txn *t, uint64_t version, char *why, size_t why_size)
{
	struct span check;

	if (version > SCHEMA_VERSION) {
		snprintf(why, why_size,
		    "the database has schema %ju and this keyd knows %d; "
		    "install the keyd that made it, or a newer one",
		    (uintmax_t)version, SCHEMA_VERSION);
		return false;
	}
	if (store_get(t, TABLE_META, text_span("check"), &check) != STORE_OK ||
	    check.len != CHECK_SIZE)
		return fail(why, why_size, "is damaged: its check is missing");
	if (sodium_memcmp(check.ptr, secret_check(store_secret(t)),
		CHECK_SIZE) != 0)
		return fail(why, why_size,
		    "was made with another hash.key; restore that one");
	return true;
}

static bool
write_version(struct store_txn *t, char *why, size_t why_size)
{
	struct span check = { secret_check(store_secret(t)), CHECK_SIZE }, old;

	if (store_get(t, TABLE_META, text_span("check"), &old) != STORE_NONE)
		return fail(why, why_size, "is damaged: its schema is missing");
	if (store_put_number(t, TABLE_META, text_span("schema"),
		SCHEMA_VERSION) == STORE_OK &&
	    store_put(t, TABLE_META, text_span("check"), check) == STORE_OK)
		return true;
	return fail(why, why_size, "cannot be written; see above");
}

bool
schema_start(struct store_txn *t, char *why, size_t why_size)
{
	uint64_t version, starts;
	enum store_status rc;

	rc = store_get_number(t, TABLE_META, text_span("schema"), &version);
	if (rc == STORE_OK && !check_version(t, version, why, why_size))
		return false;
	if (rc == STORE_NONE && !write_version(t, why, why_size))
		return false;
	/* The tables that an older one lacks are made when it is opened. */
	if (rc == STORE_OK && version < SCHEMA_VERSION &&
	    store_put_number(t, TABLE_META, text_span("schema"),
		SCHEMA_VERSION) != STORE_OK)
		return fail(why, why_size, "cannot be written; see above");
	if (rc == STORE_DAMAGED)
		return fail(why, why_size,
		    "is damaged: its schema is no number");
	if (rc != STORE_OK && rc != STORE_NONE)
		return fail(why, why_size, "cannot be read; see above");
	if (counter_add(t, COUNTER_STARTS, 1, &starts) != STORE_OK)
		return fail(why, why_size, "cannot be written; see above");
	return true;
}

enum store_status
counter_get(struct store_txn *t, enum counter which, uint64_t *value)
{
	enum store_status rc = store_get_number(t, TABLE_META,
	    text_span(counter_names[which]), value);

	return rc == STORE_NONE ? STORE_OK : rc;
}

enum store_status
counter_add(struct store_txn *t, enum counter which, uint64_t more,
    uint64_t *value)
{
	enum store_status rc = counter_get(t, which, value);

	if (rc != STORE_OK)
		return rc;
	*value += more;
	return store_put_number(t, TABLE_META, text_span(counter_names[which]),
	    *value);
}
