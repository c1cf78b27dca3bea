/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include <jansson.h>
#include <sodium.h>

#include "import.h"
#include "moment.h"

/* A fault under way: only the first counts. */
struct reader {
	json_t *object;
	size_t known; /* members that were read */
	char *why;
	size_t why_size;
	bool bad;
};

/* name: of the member; NULL: it is about the whole line. */
static void
fault(struct reader *r, const char *name, const char *text)
{
	if (!r->bad && name != NULL)
		snprintf(r->why, r->why_size, "\"%s\" %s", name, text);
	else if (!r->bad)
		snprintf(r->why, r->why_size, "%s", text);
	r->bad = true;
}

/* The text of a member; NULL when it is absent or null, or is none. */
static const char *
text_of(struct reader *r, const char *name, bool needed)
{
	const json_t *value = json_object_get(r->object, name);

	if (value != NULL)
		r->known++;
	if (json_is_string(value))
		return json_string_value(value);
	if (value != NULL && !json_is_null(value))
		fault(r, name, "is no text");
	else if (needed)
		fault(r, name, "is missing");
	return NULL;
}

static void
take_text(struct reader *r, const char *name, bool needed, char *dst,
    size_t cap)
{
	const char *text = text_of(r, name, needed);

	if (text == NULL)
		return;
	if (strlen(text) >= cap)
		fault(r, name, "is too long");
	else
		memcpy(dst, text, strlen(text) + 1);
}

static void
take_time(struct reader *r, const char *name, int64_t *when)
{
	const char *text = text_of(r, name, false);

	if (text != NULL && (!moment_parse(text, when) || *when == 0))
		fault(r, name, "is no time such as \"2030-01-31T12:00:00Z\"");
}

static void
take_hash(struct reader *r, uint8_t digest[DIGEST_SIZE])
{
	const char *text = text_of(r, "hash", true);
	size_t len;

	if (text != NULL &&
	    (strlen(text) != (size_t)2 * DIGEST_SIZE ||
		sodium_hex2bin(digest, DIGEST_SIZE, text, strlen(text), NULL,
		    &len, NULL) != 0 ||
		len != DIGEST_SIZE))
		fault(r, "hash", "is no SHA-256 in 64 hexadecimal digits");
}

static void
take_all(struct reader *r, struct import_row *row)
{
	take_hash(r, row->digest);
	take_text(r, "org", true, row->org, sizeof(row->org));
	take_text(r, "user", true, row->user, sizeof(row->user));
	take_text(r, "name", true, row->name, sizeof(row->name));
	take_text(r, "role", false, row->role, sizeof(row->role));
	take_text(r, "context", false, row->context, sizeof(row->context));
	take_text(r, "project", false, row->project, sizeof(row->project));
	take_time(r, "created", &row->created);
	take_time(r, "expires", &row->expires);
	if (json_object_size(r->object) > r->known)
		fault(r, NULL,
		    "it has a member that is none of hash, org, user, name, "
		    "role, context, project, created and expires");
}

bool
import_parse(const char *line, size_t len, struct import_row *row, char *why,
    size_t why_size)
{
	struct reader r = { .why = why, .why_size = why_size };
	json_error_t error;

	memset(row, 0, sizeof(*row));
	why[0] = '\0';
	r.object = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
	if (json_is_object(r.object))
		take_all(&r, row);
	else
		fault(&r, NULL, "it is no JSON object");
	json_decref(r.object);
	return !r.bad;
}
