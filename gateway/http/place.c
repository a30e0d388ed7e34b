// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/place.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "gateway/broker_calls.h"
#include "gateway/http/mux.h"

/* gateway-http ends with its broker, so what is remembered cannot go stale. */
struct place {
	struct mux *broker;
	pthread_mutex_t lock; /* of what follows */
	char host[PLACE_HOST_SIZE];
	uint32_t port; /* 0 until it is known */
};

int
place_new(struct mux *broker, struct place **ret, struct err *err)
{
	struct place *place = calloc(1, sizeof *place);

	if (place == NULL)
		return err_set(err, ENOMEM, "out of memory");
	place->broker = broker;
	pthread_mutex_init(&place->lock, NULL);
	*ret = place;
	return 0;
}

void
place_free(struct place *place)
{
	if (place == NULL)
		return;
	pthread_mutex_destroy(&place->lock);
	free(place);
}

static int
ask(struct place *place, struct err *err)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_gateway_status_req request = {};
	struct rpc_gateway_status_rep reply;
	int r = mux_call(place->broker, &rpc_call_gateway_status, &request,
	    NULL, 0, &reply, &message, err);

	if (r < 0)
		return r;
	snprintf(place->host, sizeof place->host, "%s", reply.ssh_host);
	place->port = reply.ssh_port;
	return 0;
}

int
place_get(struct place *place, char ret_host[PLACE_HOST_SIZE],
    uint32_t *ret_port, struct err *err)
{
	int r = 0;

	pthread_mutex_lock(&place->lock);
	if (place->port == 0)
		r = ask(place, err);
	if (r == 0) {
		snprintf(ret_host, PLACE_HOST_SIZE, "%s", place->host);
		*ret_port = place->port;
	}
	pthread_mutex_unlock(&place->lock);
	return r;
}
