/* SPDX-License-Identifier: ISC */
#include <sys/statvfs.h>

#include <fcntl.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "reserve.h"

#define RESERVE_FILE "reserve"

/* A revocation copies some twenty pages of 4 KiB: room for fifty commits. */
#define RESERVE_SIZE (4 * 1024 * 1024)

/* Less than that is full: a failed commit says EIO as often as ENOSPC. */
#define ROOM_MIN (1024 * 1024)

#define RETRY_MS 1000

static bool
disk_has(const struct reserve *r, uint64_t bytes)
{
	struct statvfs fs;

	return fstatvfs(r->dir_fd, &fs) == 0 &&
	    (uint64_t)fs.f_bavail * fs.f_frsize >= bytes;
}

static bool
hold(const struct reserve *r)
{
	int fd = openat(r->dir_fd, RESERVE_FILE,
	    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool ok;

	if (fd == -1)
		return false;
	ok = posix_fallocate(fd, 0, RESERVE_SIZE) == 0;
	close(fd);
	if (!ok)
		(void)unlinkat(r->dir_fd, RESERVE_FILE, 0);
	return ok;
}

void
reserve_init(struct reserve *r, const struct state *s)
{
	*r = (struct reserve){ .dir_fd = s->dir_fd };
	r->held = hold(r);
	if (!r->held)
		log_warning("the disk has no room for a reserve of %d MiB; "
			    "when it is full keys cannot be revoked",
		    RESERVE_SIZE / 1024 / 1024);
}

bool
reserve_release(struct reserve *r)
{
	if (!r->held || disk_has(r, ROOM_MIN))
		return false;
	r->held = false;
	r->spent = true;
	r->next_try = clock_mono_ms() + RETRY_MS;
	log_err("the disk is full: the reserve is used for revocations; make "
		"room");
	return unlinkat(r->dir_fd, RESERVE_FILE, 0) == 0;
}

void
reserve_restore(struct reserve *r)
{
	if (!r->spent || clock_mono_ms() < r->next_try)
		return;
	r->next_try = clock_mono_ms() + RETRY_MS;
	if (!disk_has(r, RESERVE_SIZE + ROOM_MIN) || !hold(r))
		return;
	r->held = true;
	r->spent = false;
	log_notice("the disk has room again: the reserve is back");
}
