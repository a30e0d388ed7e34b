// SPDX-License-Identifier: Apache-2.0
/*
 * Where a request ends (RFC 9112 section 6), as far as libmicrohttpd takes what
 * a proxy in front of it may read otherwise: who gets the two to disagree has
 * smuggled a request past the proxy.
 */
#pragma once

#include "common/err.h"

struct MHD_Connection;

/*
 * Whether the head says one thing to everybody: names that are tokens, values
 * without control characters, at most one Content-Length or else one
 * Transfer-Encoding, "chunked". 0 or -EINVAL: the connection is to be closed.
 */
int framing_check(struct MHD_Connection *connection, struct err *err);
