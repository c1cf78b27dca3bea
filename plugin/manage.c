/* SPDX-License-Identifier: ISC */
#include <stddef.h>
#include <string.h>

#include <sodium.h>

#include "errand.h"
#include "guest.h"
#include "handle.h"
#include "token.h"

/* The options, as far as the caller's header has them, into the request. */
static bool
take_text(char *dst, size_t cap, const char *text, bool needed)
{
	size_t len = text != NULL ? strnlen(text, cap) : 0;

	if (len >= cap || (needed && len == 0))
		return false;
	if (len > 0)
		memcpy(dst, text, len);
	dst[len] = '\0';
	return true;
}

static bool
take_options(struct request_create *q, const struct keyd_key_options *given)
{
	struct keyd_key_options o;

	if (!handle_options(&o, sizeof(o), given,
		offsetof(struct keyd_key_options, role)))
		return false;
	q->expires = o.expires;
	return o.expires >= 0 &&
	    take_text(q->org, sizeof(q->org), o.org, true) &&
	    take_text(q->user, sizeof(q->user), o.user, true) &&
	    take_text(q->name, sizeof(q->name), o.name, true) &&
	    take_text(q->role, sizeof(q->role), o.role, false) &&
	    take_text(q->context, sizeof(q->context), o.context, false) &&
	    take_text(q->project, sizeof(q->project), o.project, false);
}

/* The token is made here, and only its digest leaves. */
static enum keyd_status
make(struct errand *e, const struct request_create *create, char *token)
{
	struct request_create *q = &e->req.create;

	if (!token_new(client_welcome(e->client)->prefix, token)) {
		strcpy(e->why, "the kernel has no randomness to give");
		return KEYD_ENOMEM;
	}
	e->req.type = FRAME_CREATE;
	*q = *create;
	token_digest(token, strlen(token), q->digest);
	return errand_run(e);
}

static void
describe(struct keyd_key *key, const struct key_info *made)
{
	key->created = made->created;
	key->expires = made->expires;
	memcpy(key->id, made->id, sizeof(key->id));
	memcpy(key->role, made->role, sizeof(key->role));
	memcpy(key->permissions, made->permissions, sizeof(key->permissions));
}

static enum keyd_status
create(struct keyd *h, const struct keyd_key_options *options, char *token,
    struct keyd_key *key)
{
	struct request_create q = { .dry_run = false };
	struct errand e;
	enum keyd_status status;

	if (!take_options(&q, options)) {
		strcpy(key->message,
		    "a text of the options is missing or too "
		    "long, or their size or end is wrong");
		return KEYD_EINVAL;
	}
	if ((status = errand_begin(&e, h)) == KEYD_OK)
		status = make(&e, &q, token);
	if (status == KEYD_OK)
		describe(key, &e.rep.created.key);
	else
		memcpy(key->message, e.why, sizeof(key->message));
	errand_end(&e);
	return status;
}

enum keyd_status
keyd_create(struct keyd *handle, const struct keyd_key_options *options,
    char *token, size_t token_size, struct keyd_key *key)
{
	struct guest g = guest_enter();
	struct keyd_key full = { .size = 0 };
	enum keyd_status status = KEYD_EINVAL;

	if (token != NULL && token_size > 0)
		token[0] = '\0';
	if (handle != NULL && options != NULL && token != NULL &&
	    token_size >= KEYD_TOKEN_SIZE &&
	    (key == NULL || key->size >= offsetof(struct keyd_key, id))) {
		status = create(handle, options, token, &full);
		if (status != KEYD_OK)
			sodium_memzero(token, KEYD_TOKEN_SIZE);
		if (key != NULL) {
			full.size = key->size;
			memcpy(key, &full,
			    full.size < sizeof(full) ? full.size
						     : sizeof(full));
		}
	}
	guest_leave(g);
	return status;
}

static bool
is_key_id(const char *text)
{
	static const char head[] = "key_";
	const size_t skip = sizeof(head) - 1;

	return strnlen(text, KEY_ID_SIZE) == KEY_ID_LEN &&
	    strncmp(text, head, skip) == 0 &&
	    strspn(text + skip, "0123456789abcdefghijklmnopqrstuvwxyz") ==
	    KEY_ID_LEN - skip;
}

/* Done only if keyd says so of this very key. */
static bool
is_revoked(const struct reply_page *page, const char *key_id)
{
	struct wire_reader r = wire_reader(page->rows.ptr, page->rows.len);
	struct revoked_row row;

	revoked_get(&r, &row);
	return page->count == 1 && wire_done(&r) && strcmp(row.id, key_id) == 0;
}

static enum keyd_status
revoke(struct keyd *h, const char *key_id, const char *reason)
{
	struct errand e;
	enum keyd_status status;

	if ((status = errand_begin(&e, h)) == KEYD_OK) {
		e.req.type = FRAME_REVOKE;
		e.req.revoke.by = REVOKE_BY_ID;
		e.req.revoke.count = 1;
		e.req.revoke.ids =
		    (struct span){ (const uint8_t *)key_id, KEY_ID_LEN };
		strcpy(e.req.revoke.reason, reason);
		status = errand_run(&e);
		if (status == KEYD_OK && !is_revoked(&e.rep.page, key_id))
			status = KEYD_EPROTOCOL;
	}
	errand_end(&e);
	return status;
}

enum keyd_status
keyd_revoke(struct keyd *handle, const char *key_id, const char *reason)
{
	struct guest g = guest_enter();
	enum keyd_status status = KEYD_EINVAL;

	if (reason == NULL)
		reason = "";
	if (handle != NULL && key_id != NULL && is_key_id(key_id) &&
	    strnlen(reason, REASON_SIZE) < REASON_SIZE)
		status = revoke(handle, key_id, reason);
	guest_leave(g);
	return status;
}
