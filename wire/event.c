/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "event.h"
#include "frame.h"

static const struct {
	uint8_t what;
	const char *name;
} names[] = {
	{ FRAME_ORG_ADD, "org-add" },
	{ FRAME_ORG_SET, "org-set" },
	{ FRAME_ORG_LIST, "org-list" },
	{ FRAME_MEMBER_ADD, "member-add" },
	{ FRAME_MEMBER_SET, "member-set" },
	{ FRAME_MEMBER_REMOVE, "member-remove" },
	{ FRAME_MEMBER_LIST, "member-list" },
	{ FRAME_STATUS, "status" },
	{ FRAME_CREATE, "create" },
	{ FRAME_REVOKE, "revoke" },
	{ FRAME_REVOKE_ALL, "revoke-all" },
	{ FRAME_ROTATE, "rotate" },
	{ FRAME_EXPLAIN, "explain" },
	{ FRAME_LIST, "list" },
	{ FRAME_SHOW, "show" },
	{ FRAME_AUDIT, "audit" },
	{ FRAME_AUDIT_CHECK, "audit-check" },
	{ FRAME_AUDIT_PRUNE, "audit-prune" },
	{ FRAME_IMPORT_BEGIN, "import-begin" },
	{ FRAME_IMPORT_ROWS, "import-rows" },
	{ FRAME_IMPORT_COMMIT, "import" },
	{ FRAME_IMPORT_ABORT, "import-abort" },
	{ FRAME_BACKUP_BEGIN, "backup-begin" },
	{ FRAME_BACKUP_READ, "backup-read" },
	{ FRAME_BACKUP_DONE, "backup" },
	{ FRAME_RESTORE_BEGIN, "restore-begin" },
	{ FRAME_RESTORE_CHUNK, "restore-chunk" },
	{ FRAME_RESTORE_CHECK, "restore-check" },
	{ FRAME_RESTORE_COMMIT, "restore" },
	{ FRAME_RESTORE_ABORT, "restore-abort" },
	{ EVENT_UNKNOWN_TOKENS, "unknown-tokens" },
	{ EVENT_DENIED, "denied" },
	{ EVENT_RELOAD, "reload" },
	{ EVENT_START, "start" },
};

void
event_put(struct wire_writer *w, const struct event *e)
{
	wire_put_u64(w, e->seq);
	wire_put_time(w, e->when);
	wire_put_u8(w, e->what);
	wire_put_u8(w, e->outcome);
	wire_put_u32(w, e->uid);
	wire_put_u32(w, e->pid);
	wire_put_u32(w, e->count);
	wire_put_text(w, e->org);
	wire_put_text(w, e->user);
	wire_put_text(w, e->detail);
	wire_put_u16(w, e->ids);
	for (unsigned i = 0; i < e->ids; i++)
		wire_put_bytes(w, e->id[i], KEY_ID_LEN);
	wire_put_bytes(w, e->hash, sizeof(e->hash));
}

void
event_get(struct wire_reader *r, struct event *e)
{
	memset(e, 0, sizeof(*e));
	e->seq = wire_get_u64(r);
	e->when = wire_get_time(r);
	e->what = wire_get_u8(r);
	e->outcome = wire_get_u8(r);
	e->uid = wire_get_u32(r);
	e->pid = wire_get_u32(r);
	e->count = wire_get_u32(r);
	wire_get_text(r, e->org, sizeof(e->org));
	wire_get_text(r, e->user, sizeof(e->user));
	wire_get_text(r, e->detail, sizeof(e->detail));
	e->ids = wire_get_u16(r);
	if (e->ids > EVENT_IDS_MAX) {
		r->bad = true;
		e->ids = 0;
	}
	for (unsigned i = 0; i < e->ids; i++)
		wire_get_bytes(r, e->id[i], KEY_ID_LEN);
	wire_get_bytes(r, e->hash, sizeof(e->hash));
}

const char *
event_name(uint8_t what)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].what == what)
			return names[i].name;
	return "other";
}
