/* SPDX-License-Identifier: ISC */
/*
 * request_same.h - how to tell that a request came back with all its fields.
 */
#ifndef KEYD_TESTS_REQUEST_SAME_H
#define KEYD_TESTS_REQUEST_SAME_H

#include <check.h>

#include "request.h"

static inline void
span_same(struct span a, struct span b)
{
	ck_assert_uint_eq(a.len, b.len);
	if (a.len > 0)
		ck_assert_mem_eq(a.ptr, b.ptr, a.len);
}

static inline void
create_same(const struct request_create *a, const struct request_create *b)
{
	ck_assert(a->dry_run == b->dry_run);
	ck_assert_mem_eq(a->digest, b->digest, sizeof(a->digest));
	ck_assert_str_eq(a->org, b->org);
	ck_assert_str_eq(a->user, b->user);
	ck_assert_str_eq(a->name, b->name);
	ck_assert_str_eq(a->role, b->role);
	ck_assert_str_eq(a->context, b->context);
	ck_assert_str_eq(a->project, b->project);
	ck_assert_int_eq(a->expires, b->expires);
}

static inline void
revoke_same(const struct request_revoke *a, const struct request_revoke *b)
{
	ck_assert(a->dry_run == b->dry_run);
	ck_assert_uint_eq(a->by, b->by);
	ck_assert_mem_eq(a->digest, b->digest, sizeof(a->digest));
	ck_assert_uint_eq(a->count, b->count);
	span_same(a->ids, b->ids);
	ck_assert_str_eq(a->reason, b->reason);
}

static inline void
list_same(const struct request_list *a, const struct request_list *b)
{
	ck_assert_str_eq(a->org, b->org);
	ck_assert_str_eq(a->user, b->user);
	ck_assert(a->all == b->all);
	ck_assert_int_eq(a->unused_since, b->unused_since);
	ck_assert(a->due == b->due);
	ck_assert(a->drifted == b->drifted);
	span_same(a->cursor, b->cursor);
}

static inline void
org_request_same(const struct request_org *a, const struct request_org *b)
{
	ck_assert_str_eq(a->slug, b->slug);
	ck_assert_str_eq(a->plan, b->plan);
	ck_assert_uint_eq(a->rate, b->rate);
	ck_assert_uint_eq(a->burst, b->burst);
}

static inline void
member_request_same(const struct request_member *a,
    const struct request_member *b)
{
	ck_assert_str_eq(a->org, b->org);
	ck_assert_str_eq(a->user, b->user);
	ck_assert_str_eq(a->role, b->role);
	ck_assert(a->revoke_keys == b->revoke_keys);
}

static inline void
verify_same(const struct request_verify *a, const struct request_verify *b)
{
	ck_assert_mem_eq(a->digest, b->digest, DIGEST_SIZE);
	ck_assert_str_eq(a->permission, b->permission);
	ck_assert_str_eq(a->org, b->org);
}

static inline void
revoke_all_same(const struct request_revoke_all *a,
    const struct request_revoke_all *b)
{
	ck_assert_str_eq(a->org, b->org);
	ck_assert_str_eq(a->user, b->user);
	ck_assert_int_eq(a->unused_since, b->unused_since);
	ck_assert_str_eq(a->reason, b->reason);
}

static inline void
rotate_same(const struct request_rotate *a, const struct request_rotate *b)
{
	ck_assert_mem_eq(a->digest, b->digest, DIGEST_SIZE);
	ck_assert_str_eq(a->id, b->id);
	ck_assert(a->has_grace == b->has_grace);
	ck_assert_uint_eq(a->grace, b->grace);
}

static inline void
audit_same(const struct request_audit *a, const struct request_audit *b)
{
	ck_assert_uint_eq(a->after, b->after);
	ck_assert_int_eq(a->since, b->since);
	ck_assert_str_eq(a->org, b->org);
	ck_assert_str_eq(a->id, b->id);
}

static inline void
hello_same(const struct request_hello *a, const struct request_hello *b)
{
	ck_assert_uint_eq(a->lowest, b->lowest);
	ck_assert_uint_eq(a->highest, b->highest);
	ck_assert_str_eq(a->software, b->software);
	ck_assert_int_eq(a->page, b->page);
	ck_assert_str_eq(a->prefix, b->prefix);
}

static inline void
import_same(const struct request_import *a, const struct request_import *b)
{
	ck_assert_uint_eq(a->id, b->id);
	ck_assert_uint_eq(a->count, b->count);
	span_same(a->rows, b->rows);
}

static inline void
report_same(const struct lease_wish *a, const struct lease_wish *b)
{
	ck_assert_uint_eq(a->uses, b->uses);
	ck_assert_uint_eq(a->count, b->count);
	for (unsigned i = 0; i < a->count; i++) {
		ck_assert_uint_eq(a->reports[i].id, b->reports[i].id);
		ck_assert_uint_eq(a->reports[i].used, b->reports[i].used);
	}
}

/* Of the audit log, imports and backups. */
static inline void
many_same(const struct request *a, const struct request *b)
{
	switch (a->type) {
	case FRAME_AUDIT:
		audit_same(&a->audit, &b->audit);
		break;
	case FRAME_AUDIT_CHECK:
		ck_assert_uint_eq(a->audit_range.after, b->audit_range.after);
		break;
	case FRAME_AUDIT_PRUNE:
		ck_assert_int_eq(a->audit_range.before, b->audit_range.before);
		break;
	case FRAME_IMPORT_BEGIN:
	case FRAME_IMPORT_ROWS:
	case FRAME_IMPORT_COMMIT:
	case FRAME_IMPORT_ABORT:
		import_same(&a->import, &b->import);
		break;
	case FRAME_BACKUP_BEGIN:
	case FRAME_BACKUP_READ:
	case FRAME_BACKUP_DONE:
		ck_assert_uint_eq(a->backup.at, b->backup.at);
		span_same(a->backup.tail, b->backup.tail);
		break;
	case FRAME_RESTORE_BEGIN:
	case FRAME_RESTORE_CHUNK:
	case FRAME_RESTORE_CHECK:
	case FRAME_RESTORE_COMMIT:
	case FRAME_RESTORE_ABORT:
		ck_assert_uint_eq(a->restore.at, b->restore.at);
		ck_assert(a->restore.force == b->restore.force);
		span_same(a->restore.bytes, b->restore.bytes);
		break;
	default:
		ck_abort_msg("no request has type %u", a->type);
	}
}

static inline void
request_same(const struct request *a, const struct request *b)
{
	ck_assert_uint_eq(a->type, b->type);
	switch (a->type) {
	case FRAME_HELLO:
		hello_same(&a->hello, &b->hello);
		break;
	case FRAME_VERIFY:
	case FRAME_EXPLAIN:
		verify_same(&a->verify, &b->verify);
		break;
	case FRAME_REVOKE_ALL:
		revoke_all_same(&a->revoke_all, &b->revoke_all);
		break;
	case FRAME_ROTATE:
		rotate_same(&a->rotate, &b->rotate);
		break;
	case FRAME_STATUS:
	case FRAME_COUNTS:
		break;
	case FRAME_REPORT:
		report_same(&a->report, &b->report);
		break;
	case FRAME_ORG_ADD:
	case FRAME_ORG_SET:
		org_request_same(&a->org, &b->org);
		break;
	case FRAME_MEMBER_ADD:
	case FRAME_MEMBER_SET:
	case FRAME_MEMBER_REMOVE:
		member_request_same(&a->member, &b->member);
		break;
	case FRAME_CREATE:
		create_same(&a->create, &b->create);
		break;
	case FRAME_REVOKE:
		revoke_same(&a->revoke, &b->revoke);
		break;
	case FRAME_ORG_LIST:
	case FRAME_MEMBER_LIST:
	case FRAME_LIST:
		list_same(&a->list, &b->list);
		break;
	case FRAME_SHOW:
		ck_assert_str_eq(a->show.id, b->show.id);
		break;
	default:
		many_same(a, b);
	}
}

#endif /* KEYD_TESTS_REQUEST_SAME_H */
