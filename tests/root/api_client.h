// SPDX-License-Identifier: Apache-2.0
/* What the clients that measure the HTTP API have in common. */
#pragma once

#include <stdint.h>

uint64_t now_us(void);

/* Says it, with the program's name before it, and exits with 1. */
void die(const char *what, const char *text) __attribute__((noreturn));

struct sockaddr_un;

/* Dies where the path is too long for one. */
void address_of(const char *path, struct sockaddr_un *ret);

/* A stream connected to the Unix socket, the caller's to close; or it dies. */
int connect_to(const char *path);

/* Orders uint32_t for qsort. */
int compare_samples(const void *a, const void *b);
