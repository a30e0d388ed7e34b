// SPDX-License-Identifier: Apache-2.0
/* All that gateway-resolver is at run time; one of it, in main. */
#pragma once

#include <sys/queue.h>

#include "gateway/http/engine/loop.h"
#include "gateway/resolver/stock.h"
#include "gateway/settings/resolver_conf.h"

struct link;
struct guest;
struct look;

struct resolver {
	struct loop loop;
	struct resolver_conf conf;
	struct link *link;   /* to sandboxd */
	struct loop_watch relay; /* to gateway-relay (relay.h) */
	uint32_t n_upstreams;
	struct stock stocks[STOCK_UPSTREAMS_MAX];
	LIST_HEAD(guests, guest) guests;
	size_t n_lookups; /* under way, for all of them */
	LIST_HEAD(, look) looks;
	size_t n_looks;
	uint32_t last_look; /* number of one; never 0 */
};
