// SPDX-License-Identifier: Apache-2.0
/* The first line of a client (RFC 4253, section 4.2). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define GREETING_MAX_BYTES 8192 /* sshd's */

/* The bytes of the first line with its end, or 0 where that is not there. */
size_t greeting_bytes(const uint8_t *data, size_t size);

/*
 * sshd's words to whom is no client of version 2 of the protocol, by the first
 * bytes that came; NULL to all others, and as long as it cannot be told.
 */
const char *greeting_refusal(const uint8_t *data, size_t size);
