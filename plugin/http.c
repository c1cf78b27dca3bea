/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <string.h>

#include "keyd.h"
#include "permission.h"

/* Text that grows to the right, or fails and stays failed. */
struct text {
	char *at;
	size_t room; /* the NUL's included */
	bool bad;
};

static void
put_char(struct text *t, char c)
{
	if (t->bad || t->room < 2) {
		t->bad = true;
		return;
	}
	*t->at++ = c;
	t->room--;
}

static void
put(struct text *t, const char *s)
{
	while (*s != '\0')
		put_char(t, *s++);
}

/* RFC 9110, section 5.6.4.  A control character could end the header. */
static void
put_quoted(struct text *t, const char *s)
{
	put_char(t, '"');
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			t->bad = true;
		if (*s == '"' || *s == '\\')
			put_char(t, '\\');
		put_char(t, *s);
	}
	put_char(t, '"');
}

/* What follows the realm, or NULL when the status takes no challenge. */
static const char *
parameters(enum keyd_status status)
{
	switch (status) {
	case KEYD_MISSING:
		return "";
	case KEYD_MALFORMED:
		return ", error=\"invalid_token\", "
		       "error_description=\"The access token is malformed\"";
	case KEYD_UNKNOWN: /* one text: it must not tell which of the three */
	case KEYD_REVOKED:
	case KEYD_EXPIRED:
		return ", error=\"invalid_token\", error_description=\"The "
		       "access token is unknown, expired or revoked\"";
	case KEYD_FORBIDDEN:
		return ", error=\"insufficient_scope\"";
	default:
		return NULL;
	}
}

size_t
keyd_http_challenge(enum keyd_status status, const char *realm,
    const char *permission, char *text, size_t size)
{
	struct text t = { .at = text, .room = size };
	const char *rest = parameters(status);

	if (text == NULL || size == 0)
		return 0;
	text[0] = '\0';
	if (rest == NULL)
		return 0;
	put(&t, "Bearer realm=");
	put_quoted(&t, realm != NULL ? realm : "api");
	put(&t, rest);
	if (status == KEYD_FORBIDDEN && permission != NULL &&
	    permission_ok(permission)) {
		put(&t, ", scope=");
		put_quoted(&t, permission);
	}
	if (t.bad) {
		text[0] = '\0';
		return 0;
	}
	*t.at = '\0';
	return (size_t)(t.at - text);
}
