// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/back/endpoint.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "gateway/http/back/mux.h"
#include "gateway/protocol/broker_calls.h"

/* gateway-http ends with its broker, so what is remembered cannot go stale. */
struct endpoint {
	struct mux *broker;
	pthread_mutex_t lock; /* of what follows */
	char host[ENDPOINT_HOST_SIZE];
	uint32_t port; /* 0 until it is known */
};

int
endpoint_new(struct mux *broker, struct endpoint **ret, struct err *err)
{
	struct endpoint *endpoint = calloc(1, sizeof *endpoint);

	if (endpoint == NULL)
		return err_set(err, ENOMEM, "out of memory");
	endpoint->broker = broker;
	pthread_mutex_init(&endpoint->lock, NULL);
	*ret = endpoint;
	return 0;
}

void
endpoint_free(struct endpoint *endpoint)
{
	if (endpoint == NULL)
		return;
	pthread_mutex_destroy(&endpoint->lock);
	free(endpoint);
}

static int
ask(struct endpoint *endpoint, struct err *err)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_gateway_status_req request = {};
	struct rpc_gateway_status_rep reply;
	int r = mux_call(endpoint->broker, &rpc_call_gateway_status, &request,
	    NULL, 0, &reply, &message, err);

	if (r < 0)
		return r;
	snprintf(endpoint->host, sizeof endpoint->host, "%s", reply.ssh_host);
	endpoint->port = reply.ssh_port;
	return 0;
}

int
endpoint_get(struct endpoint *endpoint, char ret_host[ENDPOINT_HOST_SIZE],
    uint32_t *ret_port, struct err *err)
{
	int r = 0;

	pthread_mutex_lock(&endpoint->lock);
	if (endpoint->port == 0)
		r = ask(endpoint, err);
	if (r == 0) {
		snprintf(ret_host, ENDPOINT_HOST_SIZE, "%s", endpoint->host);
		*ret_port = endpoint->port;
	}
	pthread_mutex_unlock(&endpoint->lock);
	return r;
}
