/* SPDX-License-Identifier: ISC */
/*
 * endpoint.h - what keyd-http answers at a path; one file each.
 *
 * The file ends with the row that is all the server knows about it.
 */
#ifndef KEYD_HTTP_ENDPOINT_H
#define KEYD_HTTP_ENDPOINT_H

#include "answer.h"
#include "site.h"
#include "visit.h"

struct endpoint {
	enum tally_endpoint name;
	const char *path;
	bool deep;           /* and at what is below it */
	const char *methods; /* as Allow has them; NULL: any */
	bool takes_body;     /* else whoever sends one is answered without it */
	void (*run)(struct site *s, struct visit *v, struct MHD_Connection *c,
	    struct answer *a);
};

extern const struct endpoint endpoint_auth, endpoint_introspect;
extern const struct endpoint endpoint_metrics, endpoint_healthz;

/* NULL when there is none at the path. */
const struct endpoint *endpoint_find(const char *path);

bool endpoint_allows(const struct endpoint *e, const char *method);

#endif /* KEYD_HTTP_ENDPOINT_H */
