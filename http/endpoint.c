/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "endpoint.h"

static const struct endpoint *const endpoints[] = { &endpoint_auth,
	&endpoint_introspect, &endpoint_metrics, &endpoint_healthz };

static bool
is_at(const struct endpoint *e, const char *path)
{
	size_t len = strlen(e->path);

	if (strncmp(path, e->path, len) != 0)
		return false;
	return path[len] == '\0' || (e->deep && path[len] == '/');
}

const struct endpoint *
endpoint_find(const char *path)
{
	for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++)
		if (is_at(endpoints[i], path))
			return endpoints[i];
	return NULL;
}

/* A whole word of the list. */
bool
endpoint_allows(const struct endpoint *e, const char *method)
{
	size_t len = strlen(method);

	if (e->methods == NULL)
		return true;
	for (const char *at = e->methods; *at != '\0'; at += strspn(at, ", ")) {
		size_t n = strcspn(at, ", ");

		if (n == len && memcmp(at, method, len) == 0)
			return true;
		at += n;
	}
	return false;
}
