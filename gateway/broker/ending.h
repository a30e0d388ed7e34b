// SPDX-License-Identifier: Apache-2.0
/*
 * The end of whatever a user, a credential or an organisation has let in, when
 * it is removed or may less from now on: API identities, SSH sessions with
 * their forwards, logins being decided, capabilities at sandboxd and what is
 * being made for them.
 */
#pragma once

#include <stdint.h>

#include "gateway/broker/api/identity.h"
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

/* Who is in by what the organisation has revoked by now, the same. */
void broker_end_revoked(struct broker *broker, const char *org,
    const char *words);

/*
 * cap_open's tag: what a capability can be ended by. Of a login it is its key's
 * or its token's, and of one by a certificate its own, as these are revoked one
 * by one. Of the API it is the token's or that of the login to the lobby; of a
 * user who has neither it is his number, and the operator's is 0.
 */
uint64_t broker_ending_login_tag(const struct identity *who);
uint64_t broker_ending_identity_tag(const struct api_identity *who);
