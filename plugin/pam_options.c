/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "pam_options.h"

/* NAME=VALUE, and the value is not empty. */
static bool
text(const char *word, const char *name, const char **value)
{
	size_t len = strlen(name);

	if (strncmp(word, name, len) != 0 || word[len] == '\0')
		return false;
	*value = word + len;
	return true;
}

static bool
flag(const char *word, const char *name, bool *set)
{
	if (strcmp(word, name) != 0)
		return false;
	*set = true;
	return true;
}

/* To ask only when no module before had a password is what is done anyway. */
static bool
known(const char *word, struct pam_options *o)
{
	bool always;

	return text(word, "permission=", &o->permission) ||
	    text(word, "org=", &o->org) ||
	    text(word, "runtime_dir=", &o->runtime_dir) ||
	    flag(word, "user_match", &o->user_match) ||
	    flag(word, "use_first_pass", &o->use_first_pass) ||
	    flag(word, "try_first_pass", &always) ||
	    flag(word, "debug", &o->debug);
}

bool
pam_options_read(int count, const char *const *words, struct pam_options *o,
    const char **wrong)
{
	*o = (struct pam_options){ 0 };
	for (int i = 0; i < count; i++)
		if (!known(words[i], o)) {
			*wrong = words[i];
			return false;
		}
	return true;
}
