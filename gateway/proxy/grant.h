// SPDX-License-Identifier: Apache-2.0
/*
 * What the broker lets somebody reach: one port of one sandbox, by a capability
 * that does no more than that. Kept while it is in use and a little longer, and
 * shared by all who show the same; what they show is not kept. It ends when the
 * broker says so (proxy_end), and with the preview that it is by.
 */
#pragma once

#include "common/parse.h"
#include "gateway/protocol/broker_calls.h"
#include "gateway/proxy/proxy.h"
#include "gateway/proxy/target.h"

#define GRANTS_MAX	512
#define GRANT_LINGER_MS 5000
#define GRANT_KEY_BYTES 16

struct grant {
	LIST_ENTRY(grant) link;
	struct proxy *proxy;
	uint8_t key[GRANT_KEY_BYTES];
	char sandbox_id[SANDBOX_ID_SIZE];
	char wants[64]; /* not "": it is none, but says which header to show */
	enum broker_shown shown;
	char header[64];
	uint64_t service_id, preview_id;
	uint32_t port;
	char methods[128], prefix[256];
	uint32_t timeout_s, rate, burst;
	bool has_resume;

	struct calls *cap;  /* NULL: it has ended, and is asked for anew */
	struct calls *init; /* NULL: not attached to */
	bool is_attaching;
	LIST_HEAD(, dial) dials; /* that wait for one of these */
	LIST_HEAD(, flow) flows; /* that hold it */
	size_t n_flows, n_busy;
	uint64_t generation; /* of what was dialled: older ones are not asked
			      * anything new */
	bool is_held; /* as sandboxd was told */
	struct loop_timer linger, expiry, rest;
};

/* What a client shows. */
struct grant_shown {
	struct text preview, bearer, header_value;
};

/* One that is here already; NULL. */
struct grant *grant_find(struct proxy *proxy, const struct target *target,
    const struct grant_shown *shown);

/*
 * Asks the broker; done is called once, maybe before this returns, unless it is
 * cancelled: grant NULL, and why. *ret is set before. 0 or -ENOMEM.
 */
struct claim;
int grant_claim(struct proxy *proxy, const struct target *target,
    const struct grant_shown *shown, const char *peer,
    void (*done)(void *arg, struct grant *grant, const struct err *err),
    void *arg, struct claim **ret);
void grant_claim_cancel(struct claim *claim); /* NULL is accepted */

/* Nobody finds it any more; who holds it does on. */
void grant_forget(struct grant *grant);

/* A flow holds it, or does no more. */
void grant_hold(struct grant *grant, struct flow *flow);
void grant_release(struct grant *grant, struct flow *flow);

/* Whether one of its flows asks for something, or did until now: that is use
 * of the sandbox. */
void grant_use(struct grant *grant, bool is_busy);

/* How many flows hold one of the sandbox's. */
size_t grant_count(const struct proxy *proxy, const char *sandbox_id);

/*
 * Connects to its port, having the sandbox run first where it may: fd is the
 * callee's, connected and checked to be TCP, or -1 and why. EPIPE: the grant
 * has ended. Never from within this; NULL: out of memory.
 */
struct dial;
struct dial *grant_dial(struct grant *grant,
    void (*done)(void *arg, int fd, const struct err *err), void *arg);
void grant_dial_cancel(struct dial *dial); /* NULL is accepted */

/* From the broker: what it let in is cut. */
void grant_take_event(struct proxy *proxy, const struct rpc_message *message);

/* All of them, at the end; nobody holds one any more. */
void grants_free(struct proxy *proxy);
