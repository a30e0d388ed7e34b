// SPDX-License-Identifier: Apache-2.0
/*
 * One question on its way: asked of an upstream, what it leads to told to
 * sandboxd, and then, and not before, answered.
 */
#pragma once

#include <netinet/in.h>

#include "gateway/resolver/guest.h"

/* Under way at once: for one sandbox, and for all. */
#define LOOKUPS_A_GUEST 64
#define LOOKUPS_MAX	2048

/* Whom an answer goes to. */
struct asker {
	struct door *door; /* by UDP, to the address */
	struct sockaddr_storage address;
	socklen_t address_size;
	struct stream *stream; /* or by this, where it is not NULL */
	struct check *check;   /* or to this, as an answer to that question */
	unsigned which;
};

/* Begins with a question as it came; it is answered, or not, at some time. */
void lookup_begin(struct guest *guest, const struct asker *asker,
    const uint8_t *data, size_t size);

/* Ends it without an answer. */
void lookup_free(struct lookup *lookup);

/* Those of a guest whose domains are others now begin anew. */
void lookups_renew(struct guest *guest);
