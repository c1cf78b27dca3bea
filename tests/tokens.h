/* SPDX-License-Identifier: ISC */
/*
 * tokens.h - a token as keyd makes them, and one whose checksum is wrong.
 */
#ifndef KEYD_TESTS_TOKENS_H
#define KEYD_TESTS_TOKENS_H

static const char good[] =
    "cmk_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w0htmaty";
static const char bad[] =
    "cmk_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w0htmatz";

#endif /* KEYD_TESTS_TOKENS_H */
