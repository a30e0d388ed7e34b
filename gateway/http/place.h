// SPDX-License-Identifier: Apache-2.0
/* Where SSH is served, as the broker says; asked once, then remembered. */
#pragma once

#include <stdint.h>

#include "common/err.h"

#define PLACE_HOST_SIZE 256

struct mux;
struct place;

/* *ret is the caller's; it uses `broker` for as long as it lives. */
int place_new(struct mux *broker, struct place **ret, struct err *err);
void place_free(struct place *place);

/* The public host name and port. From any thread; 0 or -errno. */
int place_get(struct place *place, char ret_host[PLACE_HOST_SIZE],
    uint32_t *ret_port, struct err *err);
