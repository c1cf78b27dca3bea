/* SPDX-License-Identifier: ISC */
/*
 * pam_options.h - the words after pam_keyd.so in a file of pam.d.
 *
 * A word that is not understood is an error, never ignored: a misspelt
 * permission= would let in any key.
 */
#ifndef KEYD_PAM_OPTIONS_H
#define KEYD_PAM_OPTIONS_H

#include <stdbool.h>

/* Texts are borrowed from the words; NULL: not given. */
struct pam_options {
	const char *permission;
	const char *org;
	const char *runtime_dir;
	bool user_match;
	bool use_first_pass;
	bool debug;
};

/* False: *wrong is the word that is none. */
bool pam_options_read(int count, const char *const *words,
    struct pam_options *o, const char **wrong);

#endif /* KEYD_PAM_OPTIONS_H */
