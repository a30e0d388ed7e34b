// SPDX-License-Identifier: Apache-2.0
/*
 * Sockets to the upstreams that sandboxd has dialled ahead, so that no question
 * waits for root before it is asked. Each is of UDP, for one question, with a
 * port of its own, as one that is dialled for it would be.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define STOCK_UPSTREAMS_MAX 8 /* as many as sandboxd has at most */
#define STOCK_SOCKETS	    8 /* to each */

struct resolver;

/* To one upstream; zeroed, there is none. */
struct stock {
	int fds[STOCK_SOCKETS];
	size_t n, n_asked; /* the second: sandboxd is to dial */
};

/* One that nothing has come by yet, the caller's; -1: there is none. */
int stock_take(struct resolver *resolver, uint32_t upstream);

/* Has what is missing dialled, where it is half; that is not waited for. */
void stock_fill(struct resolver *resolver, uint32_t upstream);

/* Closes those to one upstream, which may lead nowhere any more; or all. */
void stock_drop(struct resolver *resolver, uint32_t upstream);
void stocks_clear(struct resolver *resolver);
