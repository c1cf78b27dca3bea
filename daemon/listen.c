/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "listen.h"
#include "passed.h"

#define DIR_MODE 0755

/* Where a sentence goes. */
struct why {
	char *text;
	size_t size;
};

__attribute__((format(printf, 2, 3))) static bool
refuse(const struct why *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why->text, why->size, fmt, ap);
	va_end(ap);
	return false;
}

static void
close_one(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

static void
unlink_own(struct listen_own *own)
{
	struct stat st;

	if (own->path[0] != '\0' && lstat(own->path, &st) == 0 &&
	    S_ISSOCK(st.st_mode) && st.st_dev == own->dev &&
	    st.st_ino == own->ino)
		(void)unlink(own->path);
	own->path[0] = '\0';
}

void
listen_close(struct listeners *l)
{
	unlink_own(&l->verify_own);
	unlink_own(&l->admin_own);
	close_one(&l->verify);
	close_one(&l->admin);
}

bool
listen_trusts(uid_t owner, uid_t self)
{
	return owner == 0 || owner == self;
}

static bool
check_directory(const char *dir, const struct why *why)
{
	mode_t saved = umask(0777 & ~DIR_MODE);
	int made = mkdir(dir, DIR_MODE);
	int e = errno;
	struct stat st;

	(void)umask(saved);
	if (made == -1 && e != EEXIST)
		return refuse(why,
		    "%s: cannot be made: %s: make it for keyd, "
		    "or choose another with -r",
		    dir, strerror(e));
	if (stat(dir, &st) == -1)
		return refuse(why, "%s: %s", dir, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return refuse(why,
		    "%s: is not a directory: choose another "
		    "with -r",
		    dir);
	if (!listen_trusts(st.st_uid, geteuid()))
		return refuse(why,
		    "%s: belongs to the user %u: chown it to "
		    "keyd's user or choose another with -r",
		    dir, (unsigned)st.st_uid);
	if ((st.st_mode & 022) != 0)
		return refuse(why,
		    "%s: others than its owner may write in it: "
		    "chmod it to 0755",
		    dir);
	return true;
}

/* How the path answers to connect: 0, or the error. */
static int
knock(const struct sockaddr_un *sun)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int e = 0;

	if (fd == -1)
		return errno;
	if (connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == -1)
		e = errno;
	close(fd);
	return e;
}

/* Removes a dead socket of ours; refuses anything else at the path. */
static bool
clear_path(const struct sockaddr_un *sun, const struct why *why)
{
	const char *path = sun->sun_path;
	struct stat st;
	int e;

	if (lstat(path, &st) == -1)
		return errno == ENOENT ||
		    refuse(why, "%s: %s", path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return refuse(why, "%s: is not a socket: move it away", path);
	if (!listen_trusts(st.st_uid, geteuid()))
		return refuse(why,
		    "%s: belongs to the user %u: find out why "
		    "and remove it",
		    path, (unsigned)st.st_uid);
	e = knock(sun);
	if (e == 0 || e == EAGAIN)
		return refuse(why,
		    "%s: another keyd is listening: stop it "
		    "first, or choose another directory with -r",
		    path);
	if (e != ECONNREFUSED)
		return refuse(why, "%s: cannot tell whether anyone listens: %s",
		    path, strerror(e));
	if (unlink(path) == -1)
		return refuse(why,
		    "%s: a dead socket that cannot be removed: "
		    "%s",
		    path, strerror(errno));
	return true;
}

/* Binds with nobody but keyd allowed, and remembers what was made. */
static bool
bind_own(int fd, const struct sockaddr_un *sun, struct listen_own *own)
{
	mode_t saved = umask(0177);
	int rc = bind(fd, (const struct sockaddr *)sun, sizeof(*sun));
	int e = errno;
	struct stat st;

	(void)umask(saved);
	errno = e;
	if (rc == -1 || lstat(sun->sun_path, &st) == -1)
		return false;
	memcpy(own->path, sun->sun_path, sizeof(own->path));
	own->dev = st.st_dev;
	own->ino = st.st_ino;
	return true;
}

static bool
fill_address(struct sockaddr_un *sun, const char *dir, const char *name,
    const struct why *why)
{
	int n;

	memset(sun, 0, sizeof(*sun));
	sun->sun_family = AF_UNIX;
	n = snprintf(sun->sun_path, sizeof(sun->sun_path), "%s/%s.sock", dir,
	    name);
	if (n < 0 || (size_t)n >= sizeof(sun->sun_path))
		return refuse(why,
		    "%s/%s.sock: longer than the %zu bytes of a "
		    "socket's path: choose a shorter directory "
		    "with -r",
		    dir, name, sizeof(sun->sun_path) - 1);
	return true;
}

struct wanted {
	const char *name;
	uint32_t mode;
	gid_t gid; /* (gid_t)-1: as it is */
};

static bool
make(int *fd, struct listen_own *own, const char *dir, const struct wanted *w,
    const struct why *why)
{
	struct sockaddr_un sun;
	const char *path = sun.sun_path;

	if (!fill_address(&sun, dir, w->name, why) || !clear_path(&sun, why))
		return false;
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd == -1)
		return refuse(why, "%s: no socket: %s", path, strerror(errno));
	if (!bind_own(*fd, &sun, own))
		return refuse(why, "%s: cannot be made: %s", path,
		    strerror(errno));
	if (w->gid != (gid_t)-1 && lchown(path, (uid_t)-1, w->gid) == -1)
		return refuse(why,
		    "%s: cannot be given to the group %u: %s: "
		    "make keyd's user a member of it",
		    path, (unsigned)w->gid, strerror(errno));
	if (chmod(path, w->mode) == -1 || listen(*fd, LISTEN_BACKLOG) == -1)
		return refuse(why, "%s: %s", path, strerror(errno));
	return true;
}

static bool
make_both(struct listeners *l, const char *dir, const struct listen_want *want,
    const struct why *why)
{
	const struct wanted verify = { LISTEN_VERIFY, want->verify_mode,
		(gid_t)-1 };
	const struct wanted admin = { LISTEN_ADMIN, want->admin_mode,
		want->admin_gid };

	return check_directory(dir, why) &&
	    make(&l->verify, &l->verify_own, dir, &verify, why) &&
	    make(&l->admin, &l->admin_own, dir, &admin, why);
}

bool
listen_open(struct listeners *l, const char *runtime_dir,
    const struct listen_want *want, char *why_text, size_t why_size)
{
	const struct why why = { why_text, why_size };
	struct passed passed[] = {
		{ LISTEN_VERIFY, want->verify_mode, -1 },
		{ LISTEN_ADMIN, want->admin_mode, -1 },
	};

	memset(l, 0, sizeof(*l));
	l->verify = l->admin = -1;
	switch (passed_take(passed, 2, why_text, why_size)) {
	case PASSED_ALL:
		l->verify = passed[0].fd;
		l->admin = passed[1].fd;
		return true;
	case PASSED_WRONG:
		return false;
	case PASSED_NONE:
		break;
	}
	if (make_both(l, runtime_dir, want, &why))
		return true;
	listen_close(l);
	return false;
}

bool
listen_is_private(const struct listeners *l)
{
	struct stat st;

	return passed_stat(l->admin, &st) && (st.st_mode & 0002) == 0;
}
