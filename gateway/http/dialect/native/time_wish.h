// SPDX-License-Identifier: Apache-2.0
/* What requests say of a sandbox's limits and its time, as rows of tables. */
#pragma once

#include <stdint.h>

#include "common/rpc_calls.h"
#include "gateway/http/engine/field.h"

#define MEMORY_MIN	(16ull << 20)
#define MEMORY_MAX	(1ull << 40)
#define DISK_MIN	(16ull << 20)
#define DISK_MAX	(16ull << 40)
#define PIDS_MIN	8
#define PIDS_MAX	1000000
#define CPU_MIN_MILLIS	100
#define CPU_MAX_MILLIS	1024000

/* When it is to change by itself; 0 = not said. */
struct time_wish {
	uint64_t ttl_s, timeout_s, hard_ttl_s, idle_timeout_s;
	const char *on_expiry;
};

#define TIME_WISH_MAX	315360000 /* seconds */
#define TIMEOUT_MAX_S	86400	  /* of a timeout, which zwrm's clients say */
#define TIME_WISH_BYTES 128	  /* room for a sandbox_lifetime */

/* Of a struct s with a member `time`. A null is never; of a timeout where
 * is_change says so: in a create of zwrm's clients it is none at all. */
#define TIME_WISH_AT(s, field) offsetof(s, time.field)
#define TIME_WISH_FIELDS(s, is_change)                                         \
	{"ttl", FIELD_SECONDS, TIME_WISH_AT(s, ttl_s), 0, TIME_WISH_MAX,       \
	    "until on_expiry, from a start, a resume or a refresh; 0 or null " \
	    "is never",                                                        \
	    .is_nullable = true},                                              \
	{"timeout", FIELD_SECONDS, TIME_WISH_AT(s, timeout_s), 0,              \
	    TIME_WISH_MAX, "a ttl whose on_expiry is destroy",                 \
	    .is_nullable = (is_change)},                                       \
	{"hard_ttl", FIELD_SECONDS, TIME_WISH_AT(s, hard_ttl_s), 0,            \
	    TIME_WISH_MAX, "until it is cleaned, from a start or a refresh; "  \
	    "0 or null is never",                                              \
	    .is_nullable = true},                                              \
	{"idle_timeout", FIELD_SECONDS, TIME_WISH_AT(s, idle_timeout_s), 0,    \
	    TIME_WISH_MAX, "without use, until it is suspended; 0 or null is " \
	    "never",                                                           \
	    .is_nullable = true},                                              \
	{"on_expiry", FIELD_STRING, TIME_WISH_AT(s, on_expiry), 1, 15,         \
	    "what its ttl does: pause, suspend, clean or destroy"},

/* A sandbox_lifetime of what was said, in buffer; nothing where nothing was.
 * -EINVAL names the field. */
int time_wish_encode(const struct time_wish *time,
    uint8_t buffer[TIME_WISH_BYTES], struct rpc_bytes *ret, struct err *err);
