// SPDX-License-Identifier: Apache-2.0
/* Where SSH is served, as the broker says; asked once, then remembered. */
#pragma once

#include <stdint.h>

#include "common/err.h"

#define ENDPOINT_HOST_SIZE 256

struct mux;
struct endpoint;

/* *ret is the caller's; it uses `broker` for as long as it lives. */
int endpoint_new(struct mux *broker, struct endpoint **ret, struct err *err);
void endpoint_free(struct endpoint *endpoint);

/* The public host name and port. From any thread; 0 or -errno. */
int endpoint_get(struct endpoint *endpoint, char ret_host[ENDPOINT_HOST_SIZE],
    uint32_t *ret_port, struct err *err);
