/* SPDX-License-Identifier: ISC */
/*
 * credentials.h - credentials of munge, decoded by munged.
 */
#ifndef KEYD_CREDENTIALS_H
#define KEYD_CREDENTIALS_H

#include <stdbool.h>

/* Has some encoded by the munged on that socket. */
void credentials_open(const char *socket);
void credentials_close(void);

/* For struct load: the client's next one.  state is not looked at. */
bool credentials_decode(void *state, unsigned client);

#endif /* KEYD_CREDENTIALS_H */
