/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "visit.h"

struct visit *
visit_new(const char *target, struct visitor *visitor)
{
	struct visit *v = calloc(1, sizeof(*v));
	char *mark;

	if (v == NULL)
		return NULL;
	v->visitor = visitor;
	if ((v->path = strdup(target)) == NULL) {
		free(v);
		return NULL;
	}
	v->target_len = strlen(v->path);
	mark = strchr(v->path, '?');
	v->query = mark != NULL ? mark + 1 : v->path + v->target_len;
	if (mark != NULL)
		*mark = '\0';
	return v;
}

void
visit_free(struct visit *v)
{
	if (v == NULL)
		return;
	explicit_bzero(v->path, v->target_len);
	free(v->path);
	explicit_bzero(v, sizeof(*v));
	free(v);
}

bool
visit_add(struct visit *v, const char *bytes, size_t len)
{
	if (len > VISIT_BODY_MAX - v->body_len ||
	    memchr(bytes, '\0', len) != NULL)
		return false;
	memcpy(v->body + v->body_len, bytes, len);
	v->body_len += len;
	return true;
}

size_t
visit_announced(struct MHD_Connection *c)
{
	const char *length = MHD_lookup_connection_value(c, MHD_HEADER_KIND,
	    MHD_HTTP_HEADER_CONTENT_LENGTH);
	const char *coding = MHD_lookup_connection_value(c, MHD_HEADER_KIND,
	    MHD_HTTP_HEADER_TRANSFER_ENCODING);
	unsigned long long n;

	if (coding != NULL)
		return VISIT_BODY_UNKNOWN;
	n = length != NULL ? strtoull(length, NULL, 10) : 0;
	return n > VISIT_BODY_MAX ? VISIT_BODY_MAX + 1 : (size_t)n;
}

/* A header, and how often it is there. */
struct found {
	const char *name;
	const char *value; /* the last */
	unsigned count;
};

static enum MHD_Result
look(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct found *f = arg;

	(void)kind;
	if (strcasecmp(name, f->name) == 0) {
		f->value = value;
		f->count++;
	}
	return MHD_YES;
}

static struct found
find(struct MHD_Connection *c, const char *name)
{
	struct found f = { .name = name };

	(void)MHD_get_connection_values(c, MHD_HEADER_KIND, look, &f);
	return f;
}

bool
visit_length_is_clear(struct MHD_Connection *c)
{
	return find(c, MHD_HTTP_HEADER_CONTENT_LENGTH).count +
	    find(c, MHD_HTTP_HEADER_TRANSFER_ENCODING).count <=
	    1;
}

bool
visit_authorization(struct MHD_Connection *c, const char **value)
{
	struct found f = find(c, MHD_HTTP_HEADER_AUTHORIZATION);

	*value = f.count == 1 ? f.value : NULL;
	return f.count <= 1;
}
