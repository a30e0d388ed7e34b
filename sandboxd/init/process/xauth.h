// SPDX-License-Identifier: Apache-2.0
/*
 * ~/.Xauthority, which X clients read their cookies from: libXau's format and
 * locks, so that xauth(1) need not be in the image. Called by deputies, as the
 * user; everything in the file is the user's own.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define XAUTH_FILE_MAX	 (256 * 1024)
#define XAUTH_COOKIE_MAX 512 /* bytes; twice as many digits */

/*
 * Writes to ret[size] the records of old[old_size] but those of this host's
 * display, with a new one for it at the end: 2-byte family (256, "local"),
 * then host, display number, protocol and cookie with 2-byte lengths before
 * them. What follows a broken record is dropped. Returns the bytes, or
 * -EINVAL (cookie: an even number of hexadecimal digits), -ENOSPC.
 */
ptrdiff_t xauth_merge(const uint8_t *old, size_t old_size, const char *host,
    unsigned display, const char *protocol, const char *cookie, uint8_t *ret,
    size_t size);

/* Puts the cookie into home/.Xauthority. 0 or -errno. */
int xauth_add(const char *home, unsigned display, const char *protocol,
    const char *cookie);
