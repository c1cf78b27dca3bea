/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doc.h"
#include "fail.h"
#include "finding.h"
#include "out.h"
#include "scan.h"
#include "token.h"

enum { OFFLINE, PREFIX, OPTIONS };

static const struct cmd_option options[] = {
	[OFFLINE] = { "offline", NULL, "ask no keyd: every token is unchecked",
	    false },
	[PREFIX] = { "prefix", "P",
	    "what tokens begin with, with --offline; else keyd says it",
	    false },
	[OPTIONS] = { 0 },
};

#define DEFAULT_PREFIX "cmk"

/* A scan of files under way. */
struct search {
	const struct call *call;
	struct scan *scan;
	struct findings findings;
	bool unread; /* a file, or a part of one */
	int code;    /* of a failure that ends the search */
};

/* One file that cannot be read leaves the others to be read. */
static void
say_unread(struct search *search, const char *path, int error)
{
	search->unread = true;
	if (search->call->json)
		doc_row(json_pack("{so so so}", "file", doc_text(path), "state",
		    doc_text("unread"), "error", doc_text(strerror(error))));
	fflush(stdout);
	fputs("keydctl: ", stderr);
	out_text(stderr, path);
	fprintf(stderr, ": %s\n", strerror(error));
}

static bool
on_hit(void *arg, const struct scan_hit *hit)
{
	struct search *search = arg;

	search->code = finding_show(&search->findings, hit);
	return search->code == EXIT_DONE;
}

static void
scan_fd(struct search *search, int fd, const char *path)
{
	size_t cap;
	ssize_t n;
	void *room;

	search->findings.path = path;
	scan_begin(search->scan);
	for (;;) {
		room = scan_room(search->scan, &cap);
		n = read(fd, room, cap);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		if (!scan_filled(search->scan, (size_t)n, on_hit, search))
			return;
	}
	if (n < 0)
		say_unread(search, path, errno);
}

/* Only what was named may be a pipe or a device. */
static void
scan_file(struct search *search, const FTSENT *entry)
{
	int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY;
	int fd;

	if (entry->fts_level > FTS_ROOTLEVEL)
		flags |= O_NOFOLLOW | O_NONBLOCK;
	fd = open(entry->fts_path, flags);
	if (fd == -1) {
		say_unread(search, entry->fts_path, errno);
		return;
	}
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	scan_fd(search, fd, entry->fts_path);
	close(fd);
}

static void
visit(struct search *search, const FTSENT *entry)
{
	switch (entry->fts_info) {
	case FTS_F:
		scan_file(search, entry);
		break;
	case FTS_DEFAULT:
		if (entry->fts_level == FTS_ROOTLEVEL)
			scan_file(search, entry);
		break;
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		say_unread(search, entry->fts_path, entry->fts_errno);
		break;
	case FTS_SLNONE:
		say_unread(search, entry->fts_path, ENOENT);
		break;
	default:
		break;
	}
}

/* Links in folders are not followed: what they lead to may be anywhere. */
static void
scan_path(struct search *search, char *path)
{
	char *paths[] = { path, NULL };
	FTSENT *entry;
	FTS *fts;

	if (strcmp(path, "-") == 0) {
		scan_fd(search, STDIN_FILENO, "-");
		return;
	}
	fts = fts_open(paths, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
	if (fts == NULL)
		out_no_memory();
	errno = 0;
	while (search->code == EXIT_DONE && (entry = fts_read(fts)) != NULL) {
		visit(search, entry);
		errno = 0;
	}
	if (search->code == EXIT_DONE && errno != 0)
		say_unread(search, path, errno);
	fts_close(fts);
}

static int
search_all(struct search *search)
{
	const struct call *call = search->call;

	if (call->json)
		doc_list_begin(NULL, "tokens");
	for (int i = 0; i < call->operands && search->code == EXIT_DONE; i++)
		scan_path(search, call->operand[i]);
	if (search->code != EXIT_DONE)
		return search->code;
	if (call->json)
		doc_list_end();
	return search->findings.count > 0 || search->unread ? EXIT_NO
							    : EXIT_DONE;
}

/* EXIT_DONE, or what to exit with. */
static int
find_prefix(struct session *s, const char **prefix)
{
	const struct call *call = s->call;
	const char *given = call->value[PREFIX];
	enum keyd_status status;

	*prefix = given != NULL ? given : DEFAULT_PREFIX;
	if (given != NULL && call->value[OFFLINE] == NULL)
		return fail_usage(call,
		    "--prefix goes with --offline; else keyd says what its "
		    "tokens begin with");
	if (!token_prefix_ok(*prefix))
		return fail_usage(call,
		    "--prefix takes a letter and up to 14 letters and digits, "
		    "such as cmk");
	if (call->value[OFFLINE] != NULL)
		return EXIT_DONE;
	if ((status = session_open(s)) != KEYD_OK)
		return session_fail(s, status);
	*prefix = client_welcome(s->client)->prefix;
	return EXIT_DONE;
}

static int
run(const struct call *call)
{
	struct session s = session_new(call, CLIENT_ADMIN);
	struct search search = { .call = call,
		.findings = {
		    .session = call->value[OFFLINE] == NULL ? &s : NULL } };
	char prefix[PREFIX_SIZE];
	const char *found;
	int code = find_prefix(&s, &found);

	search.findings.json = call->json;
	if (code == EXIT_DONE) {
		/* The session's lies in its connection. */
		snprintf(prefix, sizeof(prefix), "%s", found);
		if ((search.scan = scan_new(prefix)) == NULL)
			out_no_memory();
		code = search_all(&search);
		scan_free(search.scan);
	}
	session_close(&s);
	return code;
}

const struct command cmd_scan = {
	.name = "scan",
	.usage = "PATH... | - [--offline] [--prefix P]",
	.help = "find tokens in files, folders or standard input",
	.options = options,
	.min = 1,
	.max = INT_MAX,
	.run = run,
};
