/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <string.h>

#include "doc.h"
#include "fail.h"
#include "moment.h"
#include "out.h"
#include "prospect.h"

void
prospect_begin(struct prospect *p)
{
	*p = (struct prospect){ .back = json_array() };
	if (p->back == NULL)
		out_no_memory();
}

void
prospect_end(struct prospect *p)
{
	json_decref(p->back);
}

static void
note_back(struct prospect *p, struct span ids)
{
	char id[KEY_ID_SIZE] = "";

	for (; ids.len >= KEY_ID_LEN;
	     ids.ptr += KEY_ID_LEN, ids.len -= KEY_ID_LEN) {
		memcpy(id, ids.ptr, KEY_ID_LEN);
		if (json_array_append_new(p->back, doc_text(id)) != 0)
			out_no_memory();
	}
}

void
prospect_add(struct prospect *p, const struct reply_restore *part, bool first)
{
	if (first) {
		p->is = *part;
	} else {
		p->is.known += part->known;
		p->is.back += part->back;
	}
	note_back(p, part->ids);
}

static uint64_t
lost(const struct prospect *p)
{
	return p->is.present > p->is.known ? p->is.present - p->is.known : 0;
}

bool
prospect_needs_force(const struct prospect *p)
{
	return p->is.needs_force || p->is.back > 0 || lost(p) > 0;
}

static void
print_back(FILE *f, const struct prospect *p, const char *what)
{
	for (size_t i = 0; i < json_array_size(p->back); i++)
		fprintf(f, "%s %s\n",
		    json_string_value(json_array_get(p->back, i)), what);
}

static const char *
keys(uint64_t count)
{
	return count == 1 ? "key" : "keys";
}

static const char *
changes(uint64_t count)
{
	return count == 1 ? "change" : "changes";
}

void
prospect_print(FILE *f, const struct prospect *p)
{
	const struct reply_restore *is = &p->is;
	char made[MOMENT_SIZE];

	fprintf(f, "backup of %" PRIu64 " %s as of %s\n", is->keys,
	    keys(is->keys), moment_text(is->made, made));
	if (lost(p) > 0)
		fprintf(f,
		    "lost: %" PRIu64 " of the %" PRIu64
		    " keys that there are now\n",
		    lost(p), is->present);
	if (is->changes > 0)
		fprintf(f, "undone: %" PRIu64 " %s\n", is->changes,
		    changes(is->changes));
	print_back(f, p, "would be live again");
	if (prospect_needs_force(p))
		fprintf(f, "this needs --force\n");
}

static json_t *
head(const struct prospect *p, bool restored, bool dry_run)
{
	const struct reply_restore *is = &p->is;

	return json_pack("{sb sb so so sb so so}", "restored", restored,
	    "dry_run", dry_run, "made", doc_time(is->made), "keys",
	    doc_number(is->keys), "needs_force", prospect_needs_force(p),
	    "lost_keys", doc_number(lost(p)), "changes_undone",
	    doc_number(is->changes));
}

static void
print_doc(const struct prospect *p, bool restored, bool dry_run)
{
	json_t *doc = head(p, restored, dry_run);

	if (doc != NULL && json_object_set(doc, "live_again", p->back) != 0)
		out_no_memory();
	doc_print(doc);
}

void
prospect_print_result(const struct prospect *p, const struct call *call,
    bool restored, bool dry_run)
{
	if (call->json) {
		print_doc(p, restored, dry_run);
	} else if (restored) {
		print_back(stdout, p, "is live again");
		printf("restored %" PRIu64 " %s\n", p->is.keys,
		    keys(p->is.keys));
	} else {
		prospect_print(stdout, p);
	}
}

static void
print_list(const struct prospect *p)
{
	doc_list_begin(head(p, false, false), "live_again");
	for (size_t i = 0; i < json_array_size(p->back); i++)
		doc_row(json_incref(json_array_get(p->back, i)));
}

int
prospect_refuse(const struct prospect *p, const struct call *call)
{
	if (call->json)
		print_list(p);
	else
		prospect_print(stdout, p);
	return fail(call, KEYD_EEXIST,
	    "%" PRIu64 " revoked or expired %s would be live again, %" PRIu64
	    " %s lost and %" PRIu64 " later %s undone; if you want that, say "
	    "--force",
	    p->is.back, keys(p->is.back), lost(p), keys(lost(p)), p->is.changes,
	    changes(p->is.changes));
}
