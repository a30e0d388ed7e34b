// SPDX-License-Identifier: Apache-2.0
/*
 * Where a webhook is posted to: http and https, a name or an address, and
 * nothing that could be read in two ways (RFC 3986, 3.2). Checked by who takes
 * one and read by who connects, so that both mean the same.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"

#define WEBHOOK_URL_MAX	 1023 /* bytes */
#define WEBHOOK_HOST_MAX 253  /* of a name, RFC 1035 */

struct webhook_url {
	bool is_tls;
	char host[WEBHOOK_HOST_MAX + 1]; /* without the [] of an IPv6 one */
	uint16_t port;
};

/* -EINVAL, and which part is wrong. */
int webhook_url_parse(const char *text, struct webhook_url *ret,
    struct err *err);
