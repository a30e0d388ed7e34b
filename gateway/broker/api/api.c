// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/api/api.h"

#include "common/log.h"
#include "gateway/broker/api/access.h"
#include "gateway/broker/api/agents.h"
#include "gateway/broker/api/answer.h"
#include "gateway/broker/api/auth.h"
#include "gateway/broker/api/depot.h"
#include "gateway/broker/api/exposures.h"
#include "gateway/broker/api/orgs.h"
#include "gateway/broker/api/quota.h"
#include "gateway/broker/api/recordings.h"
#include "gateway/broker/api/ssh_cas.h"
#include "gateway/broker/api/ssh_keys.h"
#include "gateway/broker/api/tokens.h"
#include "gateway/broker/api/users.h"
#include "gateway/broker/api/webhooks.h"

/* What may wait for gateway-http: answers to as many calls as it has threads
 * for, of which few are lists. */
#define QUEUE_MESSAGES_MAX 4096
#define QUEUE_BYTES_MAX	   (4 * 1024 * 1024)
#define SERVE_BURST	   16

static int
answer_gateway_status(struct api_context *context, const void *data)
{
	const struct broker *broker = context->broker;

	(void)data;
	return api_reply(context, &(struct rpc_gateway_status_rep){
	    .version = SANDGATE_VERSION, .started_ms = broker->started_ms,
	    .connections = broker->n_connections,
	    .ssh_host = broker->settings.ssh_host,
	    .ssh_port = broker->ssh_port, .host_keys = api_host_keys(broker)});
}

static int
answer_api_auth_peer(struct api_context *context, const void *data)
{
	return api_auth_peer(context->broker, context->message, data,
	    &context->err);
}

static int
answer_api_auth_token(struct api_context *context, const void *data)
{
	return api_auth_token(context->broker, context->message, data,
	    &context->err);
}

static int
answer_api_auth_signature(struct api_context *context, const void *data)
{
	return api_auth_signature(context->broker, context->message, data,
	    &context->err);
}

static int
answer_api_renew(struct api_context *context, const void *data)
{
	return api_renew(context->broker, context->message, data,
	    &context->err);
}

static const struct {
	const struct rpc_call *call;
	int (*answer)(struct api_context *context, const void *request);
} answers[] = {
    {&rpc_call_api_auth_peer, answer_api_auth_peer},
    {&rpc_call_api_auth_token, answer_api_auth_token},
    {&rpc_call_api_auth_signature, answer_api_auth_signature},
    {&rpc_call_api_renew, answer_api_renew},
    {&rpc_call_ssh_key_add, api_ssh_key_add},
    {&rpc_call_ssh_key_list, api_ssh_key_list},
    {&rpc_call_ssh_key_remove, api_ssh_key_remove},
    {&rpc_call_sandbox_token, api_sandbox_token},
    {&rpc_call_token_create, api_token_create},
    {&rpc_call_token_list, api_token_list},
    {&rpc_call_token_revoke, api_token_revoke},
    {&rpc_call_ssh_access, api_ssh_access},
    {&rpc_call_gateway_status, answer_gateway_status},
    {&rpc_call_ssh_ca_add, api_ssh_ca_add},
    {&rpc_call_ssh_ca_list, api_ssh_ca_list},
    {&rpc_call_ssh_ca_remove, api_ssh_ca_remove},
    {&rpc_call_ssh_revocation_add, api_ssh_revocation_add},
    {&rpc_call_ssh_revocation_list, api_ssh_revocation_list},
    {&rpc_call_ssh_revocation_remove, api_ssh_revocation_remove},
    {&rpc_call_org_get, api_org_get},
    {&rpc_call_org_add, api_org_add},
    {&rpc_call_org_set, api_org_set},
    {&rpc_call_org_list, api_org_list},
    {&rpc_call_org_remove, api_org_remove},
    {&rpc_call_broker_quota, api_broker_quota},
    {&rpc_call_user_add, api_user_add},
    {&rpc_call_user_set, api_user_set},
    {&rpc_call_user_find, api_user_find},
    {&rpc_call_user_list, api_user_list},
    {&rpc_call_user_remove, api_user_remove},
    {&rpc_call_agent_add, api_agent_add},
    {&rpc_call_agent_list, api_agent_list},
    {&rpc_call_agent_remove, api_agent_remove},
    {&rpc_call_agent_get, api_agent_get},
    {&rpc_call_webhook_add, api_webhook_add},
    {&rpc_call_webhook_list, api_webhook_list},
    {&rpc_call_webhook_remove, api_webhook_remove},
    {&rpc_call_webhook_test, api_webhook_test},
    {&rpc_call_webhook_deliveries, api_webhook_deliveries},
    {&rpc_call_depot_open, api_depot_open},
    {&rpc_call_recording_list, api_recording_list},
    {&rpc_call_recording_get, api_recording_get},
    {&rpc_call_service_put, api_service_put},
    {&rpc_call_service_list, api_service_list},
    {&rpc_call_preview_create, api_preview_create},
    {&rpc_call_preview_renew, api_preview_renew},
    {&rpc_call_preview_list, api_preview_list},
    {&rpc_call_exposure_remove, api_exposure_remove},
};

static const struct rpc_call *
row(size_t i)
{
	return i < sizeof answers / sizeof *answers ? answers[i].call : NULL;
}

static int
serve(void *arg, size_t i, struct rpc_message *message, const void *request,
    struct err *err)
{
	struct api_context context = {.broker = arg, .call = answers[i].call,
	    .message = message, .request = request};
	int r = answers[i].answer(&context, request);

	*err = context.err;
	return r;
}

static void
drop(void *arg, const char *why)
{
	if (why != NULL)
		log_error("gateway-http cut off: %s", why);
	broker_api_disconnect(arg);
}

static void
watch(void *arg, uint32_t events)
{
	const struct broker *broker = arg;

	(void)sd_event_source_set_io_events(broker->http_io, events);
}

static const struct rpc_server_table table = {.row = row, .serve = serve,
    .drop = drop, .watch = watch, .queue_messages_max = QUEUE_MESSAGES_MAX,
    .queue_bytes_max = QUEUE_BYTES_MAX, .burst = SERVE_BURST};

void
broker_api_disconnect(struct broker *broker)
{
	broker->http_generation++;
	broker->http_io = sd_event_source_disable_unref(broker->http_io);
	rpc_server_fini(&broker->http);
}

static int
on_ready(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct broker *broker = arg;

	(void)source;
	(void)fd;
	rpc_server_ready(&broker->http, events);
	return 0;
}

int
broker_api_connect(struct broker *broker, int *fd)
{
	int r;

	broker_api_disconnect(broker);
	r = sd_event_add_io(broker->event, &broker->http_io, *fd, EPOLLIN,
	    on_ready, broker);
	if (r >= 0)
		rpc_server_init(&broker->http, &table, take_fd(fd),
		    BROKER_PEER_HTTP, broker);
	return r < 0 ? r : 0;
}
