// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/proxy/proxy.h"

#include "common/log.h"
#include "gateway/broker/proxy/claim.h"
#include "keys/service.h"

/* What may wait for gateway-proxy: one answer for each of its clients. */
#define QUEUE_MESSAGES_MAX 65536
#define QUEUE_BYTES_MAX	   (32 * 1024 * 1024)
#define SERVE_BURST	   16

static const struct rpc_call *
row(size_t i)
{
	return i == 0 ? &rpc_call_proxy_claim : NULL;
}

static int
serve(void *arg, size_t i, struct rpc_message *message, const void *request,
    struct err *err)
{
	(void)i;
	return broker_proxy_claim(arg, message->header.id, request, err);
}

static void
drop(void *arg, const char *why)
{
	if (why != NULL)
		log_error("gateway-proxy cut off: %s", why);
	broker_proxy_disconnect(arg);
}

static void
watch(void *arg, uint32_t events)
{
	const struct broker *broker = arg;

	(void)sd_event_source_set_io_events(broker->proxy_io, events);
}

static const struct rpc_server_table table = {.row = row, .serve = serve,
    .drop = drop, .watch = watch, .queue_messages_max = QUEUE_MESSAGES_MAX,
    .queue_bytes_max = QUEUE_BYTES_MAX, .burst = SERVE_BURST};

void
broker_proxy_disconnect(struct broker *broker)
{
	broker->proxy_generation++;
	broker->proxy_io = sd_event_source_disable_unref(broker->proxy_io);
	rpc_server_fini(&broker->proxy);
}

static int
on_ready(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct broker *broker = arg;

	(void)source;
	(void)fd;
	rpc_server_ready(&broker->proxy, events);
	return 0;
}

int
broker_proxy_connect(struct broker *broker, int *fd)
{
	int r;

	broker_proxy_disconnect(broker);
	r = sd_event_add_io(broker->event, &broker->proxy_io, *fd, EPOLLIN,
	    on_ready, broker);
	if (r >= 0)
		rpc_server_init(&broker->proxy, &table, take_fd(fd),
		    BROKER_PEER_PROXY, broker);
	return r < 0 ? r : 0;
}

void
broker_proxy_end(struct broker *broker, uint64_t service_id,
    uint64_t preview_id)
{
	const struct rpc_proxy_end_event event = {service_id, preview_id};
	const struct rpc_cap_end_req request = {.org = "",
	    .tag = broker_proxy_tag(service_id, preview_id)};
	struct err err = {0};

	rpc_server_tell(&broker->proxy, &rpc_call_proxy_end, &event);
	if (sandboxd_client_cap_end(broker->sandboxd, &request, &err) < 0)
		log_error("cap_end: %s", err.text);
}

static bool
is_there(void *arg, const char *sandbox_id)
{
	const struct broker *broker = arg;

	return sandbox_index_find(broker->sandboxes, sandbox_id) != NULL;
}

void
broker_proxy_sweep(struct broker *broker)
{
	struct err err = {0};

	if (sandbox_index_is_current(broker->sandboxes) &&
	    service_sweep(broker->store, is_there, broker, &err) < 0)
		log_error("services: %s", err.text);
}
