/* SPDX-License-Identifier: ISC */
#include <malloc.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc.h"
#include "moment.h"
#include "out.h"

/* ASCII alone, so that no value can steer a terminal. */
#define FORMAT (JSON_ENSURE_ASCII | JSON_PRESERVE_ORDER)

static enum { NOTHING, IN_LIST, WHOLE } printed;
static bool first_row;

static void
wipe_and_free(void *p)
{
	if (p == NULL)
		return;
	sodium_memzero(p, malloc_usable_size(p));
	free(p);
}

void
doc_start(void)
{
	json_set_alloc_funcs(malloc, wipe_and_free);
}

json_t *
doc_text(const char *text)
{
	json_t *value = json_string(text);
	char *escaped;

	if (value == NULL) {
		escaped = out_escaped(text);
		value = json_string(escaped);
		free(escaped);
	}
	return value;
}

json_t *
doc_optional(const char *text)
{
	return text[0] != '\0' ? doc_text(text) : json_null();
}

json_t *
doc_time(int64_t when)
{
	char text[MOMENT_SIZE];

	if (when == 0)
		return json_null();
	return json_string(moment_text(when, text));
}

json_t *
doc_number(uint64_t number)
{
	char text[24];

	if (number <= INT64_MAX)
		return json_integer((json_int_t)number);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	return json_string(text);
}

json_t *
doc_words(const char *text)
{
	json_t *words = json_array();
	char *copy = strdup(text);
	char *rest = copy;
	const char *word;

	if (words == NULL || copy == NULL)
		out_no_memory();
	while ((word = strsep(&rest, " ")) != NULL) {
		if (*word != '\0')
			json_array_append_new(words, doc_text(word));
	}
	free(copy);
	return words;
}

static void
put(json_t *value, size_t flags)
{
	if (value == NULL)
		out_no_memory();
	json_dumpf(value, stdout, FORMAT | JSON_ENCODE_ANY | flags);
	json_decref(value);
}

void
doc_print(json_t *object)
{
	printed = WHOLE;
	put(object, JSON_INDENT(2));
	fputc('\n', stdout);
}

void
doc_list_begin(json_t *head, const char *name)
{
	const char *member;
	json_t *value;

	printed = IN_LIST;
	first_row = true;
	fputs("{\n", stdout);
	json_object_foreach(head, member, value)
	{
		printf("  \"%s\": ", member);
		put(json_incref(value), 0);
		fputs(",\n", stdout);
	}
	json_decref(head);
	printf("  \"%s\": [", name);
}

void
doc_row(json_t *row)
{
	fputs(first_row ? "\n    " : ",\n    ", stdout);
	first_row = false;
	put(row, 0);
}

static void
list_close(void)
{
	fputs(first_row ? "]" : "\n  ]", stdout);
	printed = WHOLE;
}

void
doc_list_end(void)
{
	list_close();
	fputs("\n}\n", stdout);
}

void
doc_error(const char *status, const char *message)
{
	json_t *error = json_pack("{so so}", "status", doc_text(status),
	    "message", doc_text(message));

	if (printed == NOTHING) {
		doc_print(json_pack("{so}", "error", error));
	} else if (printed == IN_LIST) {
		list_close();
		fputs(",\n  \"error\": ", stdout);
		put(error, 0);
		fputs("\n}\n", stdout);
	} else {
		json_decref(error);
	}
}
