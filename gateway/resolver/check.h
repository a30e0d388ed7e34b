// SPDX-License-Identifier: Apache-2.0
/* Where a name leads for a sandbox, for sandboxd to know. */
#pragma once

#include "gateway/resolver/message.h"
#include "gateway/resolver/resolver.h"

struct check;

/* What came of it; addresses 4 or 16 bytes each, end to end. */
struct check_result {
	uint32_t rcode;
	uint8_t ipv4[MESSAGE_ADDRESSES_MAX * 4];
	uint8_t ipv6[MESSAGE_ADDRESSES_MAX * 16];
	uint32_t ipv4_size, ipv6_size;
};

typedef void check_done(void *arg, uint32_t id,
    const struct check_result *result);

/* Asks as the guest would; `done` follows once, maybe at once, with the id. 0,
 * -EINVAL for what is no name, -ENOMEM. */
int check_begin(struct guest *guest, const char *name, check_done *done,
    void *arg, uint32_t id);

/* What one of its two questions (0 and 1) was answered; NULL: nothing. */
void check_answer(struct check *check, unsigned which, const uint8_t *data,
    size_t size);
