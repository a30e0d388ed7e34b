// SPDX-License-Identifier: Apache-2.0
/*
 * The end of whatever a user, a credential or an organisation has let in, when
 * it is removed or may less from now on: API identities, SSH sessions with
 * their forwards, logins being decided, capabilities at sandboxd and what is
 * being made for them.
 */
#pragma once

#include <stdint.h>

#include "keys/verify.h"

struct broker;

/* Everything that fits all that is given; not all of it may be empty. */
struct broker_ending {
	const char *org;	    /* NULL = any */
	int64_t user_id;	    /* 0 = any */
	enum credential credential; /* of these only where an id is given */
	int64_t credential_id;	    /* 0 = any */
	const char *words;	    /* for whom it disconnects */
};

/* gateway-http, sessions and sandboxd are told before it returns, so before
 * whatever is answered later. */
void broker_end(struct broker *broker, const struct broker_ending *ending);

/* cap_open's tag of what a credential opens; 0 where there is none. Of a user
 * who acts for others by no token it is his number. */
uint64_t broker_ending_tag(int64_t user_id, enum credential credential,
    int64_t credential_id);
