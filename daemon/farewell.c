/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>

#include "farewell.h"
#include "log.h"
#include "schema.h"

#define FAREWELL_VERSION 1
#define ROW_MAX 128 /* bytes of any row */

/* Where no key is: the whole, and that there is a farewell at all. */
#define WHOLE_SERIAL 0

struct row {
	uint8_t key_bytes[sizeof(uint64_t)];
	uint8_t bytes[ROW_MAX];
	struct wire_writer value;
};

static void
row_begin(struct row *row, uint64_t serial)
{
	struct wire_writer key =
	    wire_writer(row->key_bytes, sizeof(row->key_bytes));

	wire_put_u64(&key, serial);
	row->value = wire_writer(row->bytes, sizeof(row->bytes));
}

static enum store_status
row_write(struct row *row, struct store_txn *t)
{
	if (!wire_fits(&row->value))
		return STORE_FAILED;
	return store_put(t, TABLE_LIMITS,
	    (struct span){ row->key_bytes, sizeof(row->key_bytes) },
	    (struct span){ row->bytes, wire_length(&row->value) });
}

static enum store_status
write_whole(struct store_txn *t, const struct limiter_whole *whole,
    const char *boot, int64_t now_ns)
{
	struct row row;

	row_begin(&row, WHOLE_SERIAL);
	wire_put_u8(&row.value, FAREWELL_VERSION);
	wire_put_text(&row.value, boot);
	wire_put_time(&row.value, now_ns);
	wire_put_u64(&row.value, whole->old);
	wire_put_time(&row.value, whole->clock);
	return row_write(&row, t);
}

static enum store_status
write_bucket(struct store_txn *t, uint64_t serial,
    const struct limiter_bucket *b)
{
	struct row row;

	row_begin(&row, serial);
	wire_put_time(&row.value, b->until);
	wire_put_u32(&row.value, b->rate.per_minute);
	wire_put_u32(&row.value, b->rate.burst);
	return row_write(&row, t);
}

/* The room over map_size is for revocations, and for the next start. */
static bool
has_room(struct store_txn *t, const struct limiter *l)
{
	struct store_size size;

	return store_measure(t, &size) == STORE_OK &&
	    size.used + (limiter_count(l) + 1) * ROW_MAX <= size.limit;
}

static enum store_status
write_all(struct store_txn *t, struct limiter *l, const char *boot,
    int64_t now_ns)
{
	struct limiter_whole whole;
	struct limiter_bucket b;
	size_t cursor = 0;
	uint64_t serial;
	enum store_status rc;

	if (!has_room(t, l))
		return STORE_FULL;
	limiter_save(l, now_ns, &whole);
	rc = write_whole(t, &whole, boot, now_ns);
	while (
	    rc == STORE_OK && (serial = limiter_save_next(l, &cursor, &b)) != 0)
		rc = write_bucket(t, serial, &b);
	return rc;
}

static bool
conclude(struct store_txn *t, enum store_status rc)
{
	if (rc == STORE_OK)
		return store_commit(t) == STORE_OK;
	store_abort(t);
	return false;
}

bool
farewell_write(struct store *st, struct limiter *l, const char *boot,
    int64_t now_ns)
{
	struct store_txn *t;

	if (store_begin(st, &t) != STORE_OK)
		return false;
	return conclude(t, write_all(t, l, boot, now_ns));
}

/* What a walk of the table has found. */
struct found {
	struct limiter *limiter;
	const char *boot;
	int64_t now_ns;
	bool any;  /* a row at all */
	bool good; /* the whole, and every row since */
};

static int64_t
elapsed(const struct found *f, const char *boot, int64_t then_ns)
{
	bool same = boot[0] != '\0' && strcmp(boot, f->boot) == 0;

	return same && f->now_ns > then_ns ? f->now_ns - then_ns : 0;
}

static bool
read_whole(const struct found *f, struct wire_reader *r)
{
	struct limiter_whole whole;
	char boot[CLOCK_BOOT_SIZE];
	int64_t then_ns;

	if (wire_get_u8(r) != FAREWELL_VERSION)
		return false;
	wire_get_text(r, boot, sizeof(boot));
	then_ns = wire_get_time(r);
	whole.old = wire_get_u64(r);
	whole.clock = wire_get_time(r);
	return wire_done(r) &&
	    limiter_restore(f->limiter, &whole, elapsed(f, boot, then_ns));
}

static bool
read_bucket(const struct found *f, uint64_t serial, struct wire_reader *r)
{
	struct limiter_bucket b = { .leased = 0 };

	b.until = wire_get_time(r);
	b.rate.per_minute = wire_get_u32(r);
	b.rate.burst = wire_get_u32(r);
	return wire_done(r) && limiter_restore_next(f->limiter, serial, &b);
}

/* The whole comes first, since its serial is the least. */
static bool
read_row(void *arg, struct span key, struct span value)
{
	struct found *f = arg;
	struct wire_reader k = wire_reader(key.ptr, key.len);
	struct wire_reader r = wire_reader(value.ptr, value.len);
	uint64_t serial = wire_get_u64(&k);
	bool first = !f->any;

	f->any = true;
	if (!wire_done(&k) || first != (serial == WHOLE_SERIAL))
		f->good = false;
	else if (first)
		f->good = read_whole(f, &r);
	else
		f->good = read_bucket(f, serial, &r);
	return f->good;
}

/* Whatever was read into them may be but a part. */
static struct limiter *
start_anew(struct limiter *l, uint64_t old, int64_t now_ns)
{
	limiter_free(l);
	return limiter_new(old, now_ns);
}

static struct limiter *
read_all(struct store_txn *t, const char *boot, int64_t now_ns, bool *any)
{
	struct found f = { .boot = boot, .now_ns = now_ns };
	uint64_t old;
	enum store_status rc;

	if (counter_get(t, COUNTER_SERIAL, &old) != STORE_OK ||
	    (f.limiter = limiter_new(old, now_ns)) == NULL)
		return NULL;
	rc = store_walk(t, TABLE_LIMITS, (struct span){ NULL, 0 },
	    (struct span){ NULL, 0 }, read_row, &f);
	*any = f.any || rc != STORE_OK;
	if (rc == STORE_OK && f.good)
		return f.limiter;
	if (old > 0)
		log_notice("the last stop was not a clean one: every key "
			   "begins with nothing of its burst");
	return start_anew(f.limiter, old, now_ns);
}

struct limiter *
farewell_read(struct store *st, const char *boot, int64_t now_ns)
{
	struct store_txn *t;
	struct limiter *l;
	bool any = false;

	if (store_begin(st, &t) != STORE_OK)
		return NULL;
	l = read_all(t, boot, now_ns, &any);
	if (l == NULL || !any) {
		store_abort(t);
		return l;
	}
	if (conclude(t, store_clear(t, TABLE_LIMITS)))
		return l;
	limiter_free(l);
	return NULL;
}
