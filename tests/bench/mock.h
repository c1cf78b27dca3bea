/* SPDX-License-Identifier: ISC */
/*
 * mock.h - an echo that libkeyd takes for keyd.
 *
 * It answers hello with a welcome, and every verify with the same bytes.  So
 * what the code of the client costs is in both figures, and keyd in one.
 */
#ifndef KEYD_MOCK_H
#define KEYD_MOCK_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

/* Serves in a folder that there is, in a process that ends with its parent. */
pid_t mock_start(const char *runtime_dir, const uint8_t *answered, size_t len);
void mock_stop(pid_t pid);

#endif /* KEYD_MOCK_H */
