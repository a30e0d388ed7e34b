// SPDX-License-Identifier: Apache-2.0
/*
 * A deputy: a child of init that does one thing as a user of the sandbox, so
 * that the kernel checks that user's permissions and not init's, and brings
 * the descriptors back. It may hang on the user's file systems or be stopped by
 * the user; init waits for none of that.
 */
#pragma once

#include "sandboxd/init/forward/listen.h"
#include "sandboxd/init/peer.h"
#include "sandboxd/init/process/user.h"

#define DEPUTY_TIMEOUT_MS 15000

/* What a deputy brings back; sent as it is, from one fork to another. */
struct deputy_report {
	int32_t code; /* 0, or a positive errno: nothing else counts then */
	uint32_t number;
	char text[ANSWER_TEXT_SIZE];
};

/* One kind of work. */
struct deputy_work {
	const char *name; /* for messages */
	/* In the child, as the user: fills report, and fds where it has some.
	 * 0 or -errno. */
	int (*run)(const void *request, const struct user *user,
	    struct deputy_report *report, struct listen_sockets *sockets);
	/* In init: turns the report into the answer, which has the
	 * descriptors already. NULL = nothing to do. */
	void (*settle)(const struct deputy_report *report,
	    struct answer *answer);
	/* In the child again, once the peer has gone; a deputy that has it
	 * stays until then. */
	void (*end)(const struct deputy_report *report);
};

/*
 * Has the work done as `user`, and answers with what comes of it, now or
 * later; takes the answer over. `request` is used before this returns. May free
 * the peer, as peer_answer may.
 */
void deputy_start(struct peer *peer, const struct deputy_work *work,
    const struct user *user, const void *request, struct answer *answer);

/* Whether the peer has a deputy for this work. */
bool deputy_is_at(const struct peer *peer, const struct deputy_work *work);

/* Dismisses the deputies of a peer that goes away. */
void deputy_forget(struct peer *peer);

/* As dial_expire. */
int deputy_expire(struct init *init);
