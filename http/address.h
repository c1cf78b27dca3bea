/* SPDX-License-Identifier: ISC */
/*
 * address.h - addresses as text, and which of them are of this host alone.
 */
#ifndef KEYD_HTTP_ADDRESS_H
#define KEYD_HTTP_ADDRESS_H

#include <sys/socket.h>

#include <stdbool.h>
#include <stddef.h>

/* Numbers only: 127.0.0.1:80, [::1]:80. */
bool address_parse(const char *text, struct sockaddr_storage *at,
    socklen_t *len);

/* A Unix socket, 127.0.0.0/8 or ::1. */
bool address_is_local(const struct sockaddr *at);

void address_print(const struct sockaddr *at, socklen_t len, char *text,
    size_t size);

#endif /* KEYD_HTTP_ADDRESS_H */
