/* SPDX-License-Identifier: ISC */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "desk.h"
#include "names.h"
#include "shelf.h"
#include "texts.h"

#define MORE (1U << 20) /* keys, made since the start */
#define ORGS_MAX (1U << 20)
#define PERMISSIONS_MAX 4096 /* lists; there is one for each role in use */

#define ID_PREFIX "key_"
#define ID_PREFIX_LEN 4
#define ID_TAIL_LEN (KEY_ID_LEN - ID_PREFIX_LEN)

struct entry {
	struct shelf_head head; /* noted: the number of its permissions */
	uint64_t serial;
	uint64_t generation;
	int64_t expires;
	uint32_t org; /* number of its slug and standing */
	uint8_t user_len;
	uint8_t name_len;
	uint8_t project_len;
	char text[]; /* the end of the id, then these */
};

#define TEXT_MAX (ID_TAIL_LEN + USER_SIZE + NAME_SIZE + PROJECT_SIZE)

_Static_assert(sizeof(struct entry) + TEXT_MAX <= SHELF_ENTRY_MAX,
    "any key fits");

/* An org's, as of this stamp. */
struct standing {
	struct rate rate;
	struct stamp stamp;
};

struct desk {
	struct shelf *keys;
	struct texts *slugs;
	struct standing *standings; /* by the number of the slug */
	uint32_t standings_cap;
	struct texts *permissions;
};

struct desk *
desk_new(uint64_t keys)
{
	struct desk *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->keys = shelf_new(keys + MORE);
	d->slugs = texts_new(ORGS_MAX);
	d->permissions = texts_new(PERMISSIONS_MAX);
	if (d->keys != NULL && d->slugs != NULL && d->permissions != NULL)
		return d;
	desk_free(d);
	return NULL;
}

void
desk_free(struct desk *d)
{
	if (d == NULL)
		return;
	shelf_free(d->keys);
	texts_free(d->slugs);
	texts_free(d->permissions);
	free(d->standings);
	free(d);
}

static bool
is_current(const struct desk *d, const struct store_txn *t,
    const struct entry *e)
{
	return store_key_generation(t, e->serial) == e->generation &&
	    store_org_holds(t, &d->standings[e->org].stamp);
}

static struct span
cut(const char **text, size_t len)
{
	struct span s = { (const uint8_t *)*text, len };

	*text += len;
	return s;
}

static void
tell(const struct desk *d, const struct entry *e, struct known *k)
{
	const char *text = e->text + ID_TAIL_LEN;

	memcpy(k->id, ID_PREFIX, ID_PREFIX_LEN);
	memcpy(k->id + ID_PREFIX_LEN, e->text, ID_TAIL_LEN);
	k->serial = e->serial;
	k->rate = d->standings[e->org].rate;
	k->key = (struct key_brief){
		.id = { (const uint8_t *)k->id, KEY_ID_LEN },
		.org = texts_at(d->slugs, e->org),
		.permissions = texts_at(d->permissions, e->head.note),
		.expires = e->expires,
	};
	k->key.user = cut(&text, e->user_len);
	k->key.name = cut(&text, e->name_len);
	k->key.project = cut(&text, e->project_len);
}

bool
desk_find(struct desk *d, const struct store_txn *t,
    const uint8_t digest[DIGEST_SIZE], struct known *k)
{
	struct tag tag = shelf_tag(d->keys, digest);
	const struct entry *e = shelf_find(d->keys, &tag);

	if (e == NULL || !is_current(d, t, e))
		return false;
	tell(d, e, k);
	return true;
}

void
desk_fetch(const struct desk *d, const struct span *digests, unsigned count,
    uint64_t *serials)
{
	struct tag tags[DESK_FETCH];

	for (unsigned i = 0; i < count; i++) {
		tags[i] = shelf_tag(d->keys, digests[i].ptr);
		shelf_fetch_slot(d->keys, &tags[i]);
	}
	for (unsigned i = 0; i < count; i++)
		shelf_fetch_entry(d->keys, &tags[i]);
	for (unsigned i = 0; i < count; i++) {
		const struct entry *e = shelf_find(d->keys, &tags[i]);

		serials[i] = e != NULL ? e->serial : 0;
	}
}

static bool
make_room(struct desk *d, uint32_t number)
{
	uint32_t cap = d->standings_cap == 0 ? 64 : 2 * d->standings_cap;
	struct standing *more;

	if (number < d->standings_cap)
		return true;
	more = realloc(d->standings, cap * sizeof(*more));
	if (more == NULL)
		return false;
	d->standings = more;
	d->standings_cap = cap;
	return true;
}

/* Numbers of its slug and its permissions. */
static bool
add_texts(struct desk *d, const struct key_info *k, uint32_t *org,
    uint32_t *permissions)
{
	return texts_add(d->slugs, k->org, org) && make_room(d, *org) &&
	    texts_add(d->permissions, k->permissions, permissions);
}

static void
forget_all(struct desk *d)
{
	shelf_clear(d->keys);
	texts_clear(d->slugs);
	texts_clear(d->permissions);
}

static size_t
size_of(const struct key_info *k)
{
	return offsetof(struct entry, text) + ID_TAIL_LEN + strlen(k->user) +
	    strlen(k->name) + strlen(k->project);
}

static void
put_text(char **at, uint8_t *len, const char *text)
{
	*len = (uint8_t)strlen(text);
	memcpy(*at, text, *len);
	*at += *len;
}

static void
write_down(struct entry *e, const struct record *rec)
{
	char *at = e->text + ID_TAIL_LEN;

	e->serial = rec->serial;
	e->expires = rec->key.expires;
	memcpy(e->text, rec->key.id + ID_PREFIX_LEN, ID_TAIL_LEN);
	put_text(&at, &e->user_len, rec->key.user);
	put_text(&at, &e->name_len, rec->key.name);
	put_text(&at, &e->project_len, rec->key.project);
}

void
desk_keep(struct desk *d, const struct store_txn *t,
    const uint8_t digest[DIGEST_SIZE], const struct record *rec,
    const struct rate *rate)
{
	struct tag tag = shelf_tag(d->keys, digest);
	uint32_t org, permissions;
	struct stamp stamp;
	struct entry *e;

	if (!name_is_key_id(rec->key.id) ||
	    !store_stamp(t, rec->serial, rec->key.org, &stamp))
		return;
	if (!add_texts(d, &rec->key, &org, &permissions)) {
		forget_all(d);
		return;
	}
	d->standings[org] = (struct standing){ *rate, stamp };
	e = shelf_take(d->keys, &tag, size_of(&rec->key));
	write_down(e, rec);
	e->org = org;
	e->head.note = (uint16_t)permissions;
	e->generation = stamp.key;
}
