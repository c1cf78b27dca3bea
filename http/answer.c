/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "answer.h"
#include "keyd.h"

#define ESCAPED_SIZE (3 * KEYD_NAME_SIZE) /* the longest text of a verdict */

void
answer_begin(struct answer *a, unsigned code, const char *type,
    const char *body, size_t len)
{
	a->code = code;
	a->response = MHD_create_response_from_buffer(len,
	    (void *)(uintptr_t)body, MHD_RESPMEM_MUST_COPY);
	if (len > 0)
		answer_header(a, "Content-Type", type);
	answer_header(a, "Cache-Control", "no-store");
}

void
answer_text(struct answer *a, unsigned code, const char *type, const char *text)
{
	answer_begin(a, code, type, text, strlen(text));
}

void
answer_header(struct answer *a, const char *name, const char *value)
{
	if (a->response == NULL ||
	    MHD_add_response_header(a->response, name, value) == MHD_YES)
		return;
	MHD_destroy_response(a->response);
	a->response = NULL;
}

void
answer_number(struct answer *a, const char *name, long long number)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%lld", number);
	answer_header(a, name, text);
}

void
answer_escaped(struct answer *a, const char *name, const char *value)
{
	char text[ESCAPED_SIZE];
	size_t at = 0;

	for (const char *s = value; *s != '\0'; s++) {
		if (at + 4 > sizeof(text))
			return;
		if (*s > ' ' && *s <= '~' && *s != '%')
			text[at++] = *s;
		else
			at += (size_t)snprintf(text + at, sizeof(text) - at,
			    "%%%02X", (unsigned char)*s);
	}
	text[at] = '\0';
	if (at > 0)
		answer_header(a, name, text);
}

enum MHD_Result
answer_send(struct answer *a, struct MHD_Connection *c)
{
	enum MHD_Result result;

	if (a->response == NULL)
		return MHD_NO;
	result = MHD_queue_response(c, a->code, a->response);
	MHD_destroy_response(a->response);
	a->response = NULL;
	return result;
}
