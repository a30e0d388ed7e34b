// SPDX-License-Identifier: Apache-2.0
/* What everything of gateway-proxy shares. One thread, one loop. */
#pragma once

#include <sodium.h>
#include <sys/queue.h>

#include "gateway/http/back/calls.h"
#include "gateway/http/engine/loop.h"
#include "gateway/protocol/handover.h"
#include "gateway/proxy/rate.h"
#include "gateway/settings/proxy_conf.h"
#include "gateway/tls/link.h"

struct flow;
struct grant;

#define PROXY_NEWS_FD (HANDOVER_FIRST_FD + 1) /* of certificates */

struct proxy {
	struct loop loop;
	struct proxy_conf conf;
	struct calls *broker;
	LIST_HEAD(, grant) grants;
	size_t n_grants;
	LIST_HEAD(, flow) flows;
	size_t n_flows;
	int listen_fd;
	bool has_tls;
	struct tls_links links; /* of clients, where it has */
	struct loop_watch listener;
	bool is_full; /* the listener is not watched */
	struct loop_timer full_timer;
	struct rates rates;
	/* For hashes of what clients show, so that it is kept nowhere. */
	uint8_t hash_key[crypto_generichash_KEYBYTES];
};
