// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/back/back.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "gateway/http/back/back_of.h"
#include "gateway/http/back/identity.h"
#include "gateway/http/back/rates.h"
#include "gateway/protocol/broker_calls.h"

static void
on_event(void *arg, const struct rpc_message *message)
{
	struct rpc_identity_end_event end;
	struct rpc_identity_cut_event cut;

	if (rpc_open_request(&rpc_call_identity_end, message, &end) == 0)
		identity_end(arg, end.identity);
	else if (rpc_open_request(&rpc_call_identity_cut, message, &cut) == 0)
		identity_cut(arg, cut.identity);
	else
		log_warn("event of gateway-broker not understood number=%u",
		    message->header.number);
}

static void
on_broker_end(void *arg)
{
	struct back *back = arg;

	back->on_end(back->arg);
}

int
back_new(struct loop *loop, int fd, uint64_t timeout_ms,
    void (*on_end)(void *arg), void *arg, struct back **ret, struct err *err)
{
	struct back *back = calloc(1, sizeof *back);
	const struct calls_options options = {.loop = loop, .fd = fd,
	    .timeout_ms = timeout_ms, .on_event = on_event,
	    .on_end = on_broker_end, .arg = back,
	    .hangup = "gateway-broker hung up"};
	int r;

	if (back == NULL) {
		fd_close(&fd);
		return err_set(err, ENOMEM, "out of memory");
	}
	*back = (struct back){.loop = loop, .timeout_ms = timeout_ms,
	    .on_end = on_end, .arg = arg};
	LIST_INIT(&back->identities);
	randombytes_buf(back->hash_key, sizeof back->hash_key);
	r = calls_new(&options, &back->broker, err);
	if (r < 0) {
		free(back);
		return r;
	}
	*ret = back;
	return 0;
}

void
back_watch_cuts(struct back *back,
    void (*on_cut)(void *arg, const struct identity *who), void *arg)
{
	back->on_cut = on_cut;
	back->cut_arg = arg;
}

void
back_free(struct back *back)
{
	if (back == NULL)
		return;
	calls_free(back->broker);
	rates_free(back->rates);
	free(back);
}

struct loop *
back_loop(const struct back *back)
{
	return back->loop;
}

void
back_ask_broker(struct back *back, const struct rpc_call *call,
    const void *request, int fd, rpc_client_done *done, void *arg)
{
	calls_make(back->broker, call, request, fd, done, arg);
}

struct asking {
	struct back *back;
	back_endpoint_done *done;
	void *arg;
};

static void
on_status(void *arg, const void *reply, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct asking *asking = arg;
	const struct rpc_gateway_status_rep *status = reply;
	struct back *back = asking->back;

	(void)message;
	if (status != NULL) {
		snprintf(back->host, sizeof back->host, "%s",
		    status->ssh_host);
		back->port = status->ssh_port;
	}
	asking->done(asking->arg, back->host, back->port, err);
}

void
back_find_endpoint(struct back *back, back_endpoint_done *done, void *arg)
{
	const struct rpc_gateway_status_req request = {};
	const struct err err = {ENOMEM, "out of memory"};
	struct asking *asking;

	if (back->port != 0) {
		done(arg, back->host, back->port, NULL);
		return;
	}
	asking = malloc(sizeof *asking);
	if (asking == NULL) {
		done(arg, NULL, 0, &err);
		return;
	}
	*asking = (struct asking){back, done, arg};
	back_ask_broker(back, &rpc_call_gateway_status, &request, -1,
	    on_status, asking);
}

int
back_count_request(struct back *back, const struct identity *who,
    const char *shown, uint64_t per_second, struct err *err)
{
	const struct identity_limits *limits = identity_limits(who);
	const bool is_its_own = limits->per_second_max != 0 &&
	    (per_second == 0 || limits->per_second_max < per_second);
	uint8_t hash[RATES_HASH_BYTES];

	if (shown == NULL && limits->token == 0)
		return 0;
	crypto_generichash(hash, sizeof hash, limits->token != 0 ?
	    (const uint8_t *)&limits->token : (const uint8_t *)shown,
	    limits->token != 0 ? sizeof limits->token : strlen(shown),
	    back->hash_key, sizeof back->hash_key);
	return rates_take(&back->rates, hash, is_its_own ? "max_rate" :
	    "max_requests_per_second", is_its_own ? limits->per_second_max :
	    per_second, clock_monotonic_ms(), err);
}
