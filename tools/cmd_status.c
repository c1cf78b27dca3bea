/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "doc.h"
#include "moment.h"
#include "out.h"
#include "session.h"

#define WIDTH 22 /* columns for the name of a fact */

/* For people; keydctl(8) has them for the document. */
static const char *
unit_of(const char *name)
{
	if (strcmp(name, "uptime") == 0)
		return " s";
	if (strcmp(name, "last_backup_size") == 0)
		return " bytes";
	return strncmp(name, "database_", 9) == 0 ? " bytes" : "";
}

static bool
is_time(const struct fact_row *fact)
{
	return strcmp(fact->name, "last_backup") == 0 &&
	    fact->number <= MOMENT_MAX;
}

static json_t *
doc_of(const struct fact_row *fact)
{
	if (fact->is_text)
		return doc_text(fact->text);
	return is_time(fact) ? doc_time((int64_t)fact->number)
			     : doc_number(fact->number);
}

static void
print_fact(const struct fact_row *fact)
{
	char number[MOMENT_SIZE];

	if (is_time(fact))
		(void)moment_text((int64_t)fact->number, number);
	else
		snprintf(number, sizeof(number), "%llu%s",
		    (unsigned long long)fact->number, unit_of(fact->name));
	out_field(stdout, WIDTH, fact->name,
	    fact->is_text ? fact->text : number);
}

/* All or nothing: the facts are few, and half of them would mislead. */
static enum keyd_status
print(const struct call *call, const struct reply_page *page)
{
	struct wire_reader r = wire_reader(page->rows.ptr, page->rows.len);
	json_t *doc = json_object();
	struct fact_row fact;

	for (unsigned i = 0; i < page->count; i++) {
		fact_get(&r, &fact);
		if (r.bad)
			break;
		json_object_set_new(doc, fact.name, doc_of(&fact));
		if (!call->json)
			print_fact(&fact);
	}
	if (!wire_done(&r)) {
		json_decref(doc);
		return KEYD_EPROTOCOL;
	}
	if (call->json)
		doc_print(doc);
	else
		json_decref(doc);
	return KEYD_OK;
}

static int
run(const struct call *call)
{
	struct session s = session_new(call, CLIENT_ADMIN);
	struct request req = { .type = FRAME_STATUS };
	enum keyd_status status;
	struct reply rep;
	int code;

	if ((code = session_get(&s, &req, &rep)) == EXIT_DONE) {
		status = print(call, &rep.page);
		if (status != KEYD_OK)
			code = session_fail(&s, status);
	}
	session_close(&s);
	return code;
}

const struct command cmd_status = {
	.name = "status",
	.usage = "",
	.help = "show how keyd is: counts, sizes, uptime, version",
	.run = run,
};
