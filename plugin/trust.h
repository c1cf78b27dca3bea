/* SPDX-License-Identifier: ISC */
/*
 * trust.h - may the process behind a socket be believed to be keyd?
 *
 * Root, this process's own user, or the owner of a runtime directory that root
 * gave away: nobody but root could have put the directory, or a link to it, in
 * its place.
 */
#ifndef KEYD_TRUST_H
#define KEYD_TRUST_H

#include <sys/stat.h>
#include <sys/types.h>

#include <stdbool.h>

/* What the rule looks at, so that it can be tested without other users. */
struct trust {
	uid_t peer;  /* as the kernel says */
	uid_t self;  /* effective */
	uid_t owner; /* of the runtime directory */
	bool given;  /* every step of its path is trust_step */
};

bool trust_rule(const struct trust *t);

/* Can only root change what this, with the next name, leads to? */
bool trust_step(const struct stat *st);

/* The rule for a connected socket.  *peer is who it was, for the sentence. */
bool trust_peer(int fd, const char *runtime_dir, uid_t *peer);

#endif /* KEYD_TRUST_H */
