/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>

#include <sodium.h>

#include "doc.h"
#include "entry.h"
#include "moment.h"
#include "out.h"
#include "reply.h"

const char *const entry_heads[] = { "SEQ", "TIME", "WHAT", "OUTCOME", "UID",
	"PID", "ORG", "USER", "KEY", "COUNT", "DETAIL", NULL };

/* Words of a later keyd are "refused". */
static const char *
outcome(uint8_t code)
{
	static const char *const words[] = { [0] = "done",
		[ERROR_BUSY] = "busy",
		[ERROR_DENIED] = "denied",
		[ERROR_INVALID] = "invalid",
		[ERROR_NOT_FOUND] = "not_found",
		[ERROR_EXISTS] = "exists",
		[ERROR_PERMISSION] = "permission",
		[ERROR_STORE] = "store",
		[ERROR_OUTCOME] = "outcome_unknown" };

	return code < sizeof(words) / sizeof(words[0]) && words[code] != NULL
	    ? words[code]
	    : "refused";
}

/* The first key; the others are in the document. */
static const char *
keys_text(const struct event *e, char *text, size_t size)
{
	if (e->ids == 0)
		return "";
	if (e->ids == 1)
		return e->id[0];
	snprintf(text, size, "%s +%u", e->id[0], e->ids - 1U);
	return text;
}

void
entry_row(struct table *t, const struct event *e)
{
	char seq[24], uid[16], pid[16], count[16] = "";
	char when[MOMENT_SIZE], keys[KEY_ID_SIZE + 16];
	const char *cells[] = { seq, moment_text(e->when, when),
		event_name(e->what), outcome(e->outcome), uid, pid, e->org,
		e->user, keys_text(e, keys, sizeof(keys)), count, e->detail };

	snprintf(seq, sizeof(seq), "%" PRIu64, e->seq);
	snprintf(uid, sizeof(uid), "%" PRIu32, e->uid);
	snprintf(pid, sizeof(pid), "%" PRIu32, e->pid);
	if (e->count > 0)
		snprintf(count, sizeof(count), "%" PRIu32, e->count);
	table_row(t, cells);
}

json_t *
entry_doc(const struct event *e)
{
	char hash[2 * EVENT_HASH_SIZE + 1];
	json_t *keys = json_array();

	for (unsigned i = 0; i < e->ids; i++)
		json_array_append_new(keys, doc_text(e->id[i]));
	sodium_bin2hex(hash, sizeof(hash), e->hash, sizeof(e->hash));
	return json_pack("{so so so so so so so so so so so so}", "seq",
	    doc_number(e->seq), "time", doc_time(e->when), "what",
	    doc_text(event_name(e->what)), "outcome",
	    doc_text(outcome(e->outcome)), "uid", doc_number(e->uid), "pid",
	    doc_number(e->pid), "org", doc_optional(e->org), "user",
	    doc_optional(e->user), "keys", keys, "count", doc_number(e->count),
	    "detail", doc_optional(e->detail), "hash", doc_text(hash));
}

void
entry_line(FILE *f, const struct event *e)
{
	json_t *doc = entry_doc(e);

	if (doc == NULL || json_dumpf(doc, f, JSON_COMPACT) != 0)
		out_no_memory();
	json_decref(doc);
	fputc('\n', f);
}
