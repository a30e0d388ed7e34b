// SPDX-License-Identifier: Apache-2.0
/*
 * The connections of a server, as far as libmicrohttpd does not bound them: it
 * knows silence alone, so that a byte now and then keeps a thread for ever, and
 * counts by single IPv6 addresses, of which everybody has 2^64.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "common/err.h"

struct visitors;
struct visitor;

/*
 * Starts a thread that shuts down what is overdue. max_per_source counts those
 * at once from one IPv4 address or IPv6 /64; 0 = no limit.
 */
int visitors_new(uint64_t max_per_source, struct visitors **ret,
    struct err *err);

/* When every visitor has left. NULL does nothing. */
void visitors_free(struct visitors *visitors);

/* Whether one more may come from this address. */
bool visitors_admit(struct visitors *visitors, const struct sockaddr *address);

/*
 * One has come, on a socket that stays open until visitor_leave; the address
 * may be NULL. NULL when out of memory.
 */
struct visitor *visitor_enter(struct visitors *visitors, int fd,
    const struct sockaddr *address);
void visitor_leave(struct visitor *visitor);

/* What is awaited of it has to come within this; 0 = nothing is. */
void visitor_expect(struct visitor *visitor, uint64_t within_ms);
