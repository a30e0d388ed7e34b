// SPDX-License-Identifier: Apache-2.0
/* A policy as the API's tables have it, and as it goes over the wire. */
#pragma once

#include "common/egress.h"
#include "gateway/http/engine/field.h"

struct err;
struct rpc_egress_get_rep;

struct native_egress_rule {
	const char *name;
	uint32_t is_allow;
	struct rpc_strv cidrs, domains, protocols;
	struct field_ranges ports;
	uint32_t shape; /* enum egress_shape; not of JSON */
};

struct native_egress {
	uint32_t is_allow; /* enum egress_default */
	struct field_objects rules; /* of native_egress_rule */
	/* One egress_limits, or none; the other of requests. */
	struct field_objects limits, totals;
	uint32_t is_own;	    /* of replies */
};

/* What a reply tells: that, and where zwrm's words can say it exactly, in
 * those too; mode "": they cannot. Its lists are the policy's. */
struct native_egress_view {
	struct native_egress policy;
	const char *mode;
	struct rpc_strv allow_cidrs, deny_cidrs;
	struct field_ranges allow_ports;
	struct field_objects totals; /* the reply's, not the policy's */
};

/* The same as requests have it, or in zwrm's words: where mode is not NULL. */
struct native_egress_wish {
	const char *action; /* NULL = not said */
	struct field_objects rules, limits, totals;
	const char *mode;
	struct rpc_strv allow_cidrs, deny_cidrs;
	struct field_ranges allow_ports;
};

/*
 * A list of one policy; the caller frees ret->data. What is not an address or
 * a protocol is a failure of its field, whose path begins with `path`, such as
 * "" or "egress.". All else is sandboxd's to check.
 */
int egress_list_make(const struct native_egress *wish, const char *path,
    struct rpc_bytes *ret, struct failure *failure);

/* The same of what a request says. */
int egress_wish_make(const struct native_egress_wish *wish, const char *path,
    struct rpc_bytes *ret, struct failure *failure);

/* The policy of such a list; free with field_fini, also after an error. Names
 * and domains point into the list. -EBADMSG, -ENOMEM. */
int egress_list_read(struct rpc_bytes list, struct native_egress *ret);

/* One egress_limits of a list of egress_limit, to be freed. -ENOMEM. */
int egress_limits_read(struct rpc_bytes list, struct field_objects *ret);

/* Answers an exchange, the argument, with a policy: an egress_get_done. */
void native_egress_got(void *arg, const struct rpc_egress_get_rep *reply,
    const struct err *err);

/* Such a view of it, which lives as long as it does. */
struct native_egress_view egress_view_of(const struct native_egress *policy);
