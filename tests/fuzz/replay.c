/* SPDX-License-Identifier: ISC */
/*
 * Runs a fuzz target on files, or on all files of folders, under any compiler:
 * what was once found stays a test.  Nothing to run is a failure.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

static unsigned long inputs;

static int
run_file(const char *path, size_t size)
{
	/* Exactly the input, so that the sanitizer sees one byte more. */
	uint8_t *data = malloc(size);
	FILE *f = fopen(path, "rb");
	int rc = -1;

	if (f != NULL && (data != NULL || size == 0) &&
	    fread(data, 1, size, f) == size) {
		(void)LLVMFuzzerTestOneInput(data, size);
		inputs++;
		rc = 0;
	} else {
		perror(path);
	}
	if (f != NULL)
		(void)fclose(f);
	free(data);
	return rc;
}

static int run(const char *path);

static int
run_folder(const char *path)
{
	struct dirent **names;
	int n = scandir(path, &names, NULL, alphasort);
	int rc = 0;

	if (n < 0) {
		perror(path);
		return -1;
	}
	for (int i = 0; i < n; i++) {
		char *child;

		if (names[i]->d_name[0] != '.') {
			if (asprintf(&child, "%s/%s", path, names[i]->d_name) <
			    0)
				abort();
			rc |= run(child);
			free(child);
		}
		free(names[i]);
	}
	free(names);
	return rc;
}

static int
run(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0) {
		perror(path);
		return -1;
	}
	if (S_ISDIR(st.st_mode))
		return run_folder(path);
	return run_file(path, (size_t)st.st_size);
}

int
main(int argc, char **argv)
{
	int rc = 0;

	for (int i = 1; i < argc; i++)
		rc |= run(argv[i]);
	printf("%lu inputs\n", inputs);
	return rc == 0 && inputs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
