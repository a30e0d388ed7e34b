// SPDX-License-Identifier: Apache-2.0
/*
 * Which service of which sandbox a request is for, by its Host or its path
 * (docs/SERVICES.md): NAME--sb-ID.DOMAIN, PORT-sb-ID.DOMAIN, or /p/sb-ID/PORT/
 * and /p/sb-ID/NAME/. sb_ID is read as sb-ID where it can be written. Pure.
 */
#pragma once

#include <stdint.h>

#include "common/parse.h"
#include "gateway/proxy/text.h"

#define TARGET_SERVICE_SIZE 32

struct target {
	char sandbox_id[SANDBOX_ID_SIZE]; /* "sb_..." */
	char service[TARGET_SERVICE_SIZE]; /* "" = by its port */
	uint32_t port;
	struct text prefix; /* of the path, which is ours; "" by Host */
	struct text path;   /* what it is asked for; maybe "" or "?..." */
};

/* 0; -ENOENT: it is for none. domain "" = there are no such names. */
int target_find(struct text host, struct text path, const char *domain,
    struct target *ret);
