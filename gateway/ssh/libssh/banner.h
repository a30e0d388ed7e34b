// SPDX-License-Identifier: Apache-2.0
/* What clients are shown before they authenticate (RFC 4252, section 5.4). */
#pragma once

#include <libssh/libssh.h>

#include "common/err.h"

#define BANNER_MAX_BYTES 16384

/*
 * Reads the file once, before the jail; "" = no banner. 0, or -errno with
 * words: it cannot be read, or is longer than BANNER_MAX_BYTES.
 */
int banner_read(const char *path, struct err *err);

/* Sends it, where there is one; from an authentication callback. */
void banner_send(ssh_session ssh);
