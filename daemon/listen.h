/* SPDX-License-Identifier: ISC */
/*
 * listen.h - the two sockets: from systemd, or made here.
 *
 * A socket is never open to more than it should be, not for an instant; what
 * was found at its path is removed only when it is a dead socket of ours, and
 * what was made here is removed at the end only if it is still the same.
 */
#ifndef KEYD_LISTEN_H
#define KEYD_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define LISTEN_VERIFY "verify" /* in LISTEN_FDNAMES; LISTEN_VERIFY.sock */
#define LISTEN_ADMIN "admin"
#define LISTEN_BACKLOG 1024  /* connections that wait for accept */
#define LISTEN_PATH_SIZE 108 /* sun_path, the NUL included */
#define LISTEN_WHY_SIZE 512  /* bytes that fit any reason in why */

/* A socket in the file system that was made here. */
struct listen_own {
	char path[LISTEN_PATH_SIZE]; /* "": none was */
	dev_t dev;
	ino_t ino;
};

struct listeners {
	int verify; /* listening, close-on-exec, non-blocking; -1: none */
	int admin;
	struct listen_own verify_own;
	struct listen_own admin_own;
};

/* Of the sockets that are made here. */
struct listen_want {
	uint32_t verify_mode;
	uint32_t admin_mode;
	gid_t admin_gid; /* (gid_t)-1: keyd's own */
};

/*
 * Takes both sockets from $LISTEN_FDS when they are meant for this process
 * (and unsets the variables), else makes them in runtime_dir, which is made
 * if it is missing: verify.sock and admin.sock, as wanted.  On failure why has
 * a sentence and l is as after listen_close.  Sets the umask for a moment, so
 * call it before other threads are started.
 */
bool listen_open(struct listeners *l, const char *runtime_dir,
    const struct listen_want *want, char *why, size_t why_size);

/* May only some users connect to the admin socket, by its mode? */
bool listen_is_private(const struct listeners *l);

/* Closes both and unlinks those made here; again is fine. */
void listen_close(struct listeners *l);

/* May keyd, which runs as self, use or replace what this user owns? */
bool listen_trusts(uid_t owner, uid_t self);

#endif /* KEYD_LISTEN_H */
