/* SPDX-License-Identifier: ISC */
/*
 * answer.h - an answer of HTTP under way.
 *
 * What goes wrong while it is made is remembered, and then there is none: the
 * connection ends, and whoever asked lets nobody in.
 */
#ifndef KEYD_HTTP_ANSWER_H
#define KEYD_HTTP_ANSWER_H

#include <microhttpd.h>

#include <stdbool.h>
#include <stddef.h>

#define ANSWER_JSON "application/json"
#define ANSWER_TEXT "text/plain; charset=utf-8"

struct answer {
	unsigned code;
	struct MHD_Response *response; /* NULL: it failed */
};

/* Begins it with a copy of a body; nobody may keep it. */
void answer_begin(struct answer *a, unsigned code, const char *type,
    const char *body, size_t len);
/* The same of a text. */
void answer_text(struct answer *a, unsigned code, const char *type,
    const char *text);

void answer_header(struct answer *a, const char *name, const char *value);
void answer_number(struct answer *a, const char *name, long long number);
/* Any text: whatever is not visible ASCII, and "%", is written as %NN. */
void answer_escaped(struct answer *a, const char *name, const char *value);

/* Sends it on its way; MHD_NO when there is none. */
enum MHD_Result answer_send(struct answer *a, struct MHD_Connection *c);

#endif /* KEYD_HTTP_ANSWER_H */
