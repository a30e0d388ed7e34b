// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/api/exposures.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "gateway/broker/api/tokens.h"
#include "gateway/broker/proxy/proxy.h"
#include "keys/service.h"

#define URL_SIZE 512

/* One list being made. */
struct listing {
	const struct broker *broker;
	struct rpc_list *records;
	const char *sandbox_id;
};

/* A token for one sandbox is for no other, whatever its user reaches. */
static int
permit(struct api_context *context, uint64_t identity, const char *sandbox_id,
    enum action action)
{
	int r = api_permit(context, identity, action);

	if (r == 0 && !sandbox_id_is_valid(sandbox_id))
		r = err_set(&context->err, ENOENT, "no such sandbox");
	if (r == 0 && context->who.sandbox_id[0] != '\0' &&
	    strcmp(context->who.sandbox_id, sandbox_id) != 0)
		r = err_set(&context->err, ENOENT, "no such sandbox");
	return r < 0 ? r : api_check_sandbox(context, sandbox_id);
}

static int
put_service(void *arg, const struct service *service)
{
	const struct listing *listing = arg;
	char url[URL_SIZE];
	const struct rpc_service_info info = {
	    .sandbox_id = service->sandbox_id, .name = service->name,
	    .port = service->port, .auth = service->auth,
	    .header = service->header, .methods = service->methods,
	    .prefix = service->prefix, .timeout_s = service->timeout_s,
	    .rate = service->rate, .burst = service->burst,
	    .has_resume = service->has_resume,
	    .created_ms = (uint64_t)service->created_ms, .url = url};

	proxy_conf_url(&listing->broker->proxy_settings, service->name,
	    service->sandbox_id, url, sizeof url);
	return rpc_list_add(listing->records, &rpc_layout_service_info,
	    &info);
}

static int
put_preview(void *arg, const struct preview *preview)
{
	const struct listing *listing = arg;
	char url[URL_SIZE], port[16];
	const struct rpc_preview_info info = {.id = (uint64_t)preview->id,
	    .sandbox_id = preview->sandbox_id, .port = preview->port,
	    .created_ms = (uint64_t)preview->created_ms,
	    .expires_ms = (uint64_t)preview->expires_ms, .url = url};

	snprintf(port, sizeof port, "%u", preview->port);
	proxy_conf_url(&listing->broker->proxy_settings, port,
	    preview->sandbox_id, url, sizeof url);
	return rpc_list_add(listing->records, &rpc_layout_preview_info,
	    &info);
}

static int
read_service(const struct rpc_service_info *info, struct service *ret,
    struct err *err)
{
	*ret = (struct service){.port = info->port,
	    .auth = (enum service_auth)info->auth,
	    .timeout_s = info->timeout_s, .rate = info->rate,
	    .burst = info->burst, .has_resume = info->has_resume != 0};
	if (snprintf(ret->name, sizeof ret->name, "%s", info->name) >=
	    (int)sizeof ret->name)
		return err_set(err, EINVAL, "name: at most %d characters",
		    SERVICE_NAME_MAX);
	snprintf(ret->sandbox_id, sizeof ret->sandbox_id, "%s",
	    info->sandbox_id);
	snprintf(ret->header, sizeof ret->header, "%s", info->header);
	snprintf(ret->methods, sizeof ret->methods, "%s", info->methods);
	snprintf(ret->prefix, sizeof ret->prefix, "%s", info->prefix);
	return 0;
}

int
api_service_put(struct api_context *context, const void *data)
{
	const struct rpc_service_put_req *request = data;
	struct rpc_bytes list = request->service;
	const struct rpc_bytes *sha256 = &request->sha256;
	struct rpc_service_info info;
	struct api_record record;
	const struct listing listing = {context->broker, &record.list, NULL};
	struct service service;
	int64_t old_id = 0;
	int r;

	if (!rpc_list_next(&rpc_layout_service_info, &list, &info) ||
	    (sha256->size != 0 && sha256->size != SERVICE_SHA256_BYTES))
		return err_set(&context->err, EBADMSG, "malformed service");
	api_record_init(&record);
	r = permit(context, request->identity, info.sandbox_id, ACTION_EXEC);
	if (r == 0)
		r = read_service(&info, &service, &context->err);
	if (r == 0)
		r = service_put(context->broker->store, &service,
		    sha256->size != 0 ? sha256->data : NULL, clock_unix_ms(),
		    &old_id, &context->err);
	if (r == 0)
		r = put_service((void *)(uintptr_t)&listing, &service);
	if (r < 0)
		return r;
	if (old_id != 0)
		broker_proxy_end(context->broker, (uint64_t)old_id, 0);
	api_audit_two(context, "service_put", "sandbox", service.sandbox_id,
	    "service", service.name);
	return api_reply(context, &(struct rpc_service_put_rep){
	    rpc_list_bytes(&record.list)});
}

static int
list_services(struct api_context *context, struct rpc_list *records)
{
	const struct rpc_exposure_list_req *request = context->request;
	struct listing listing = {context->broker, records,
	    request->sandbox_id};

	return service_list(context->broker->store, request->sandbox_id,
	    put_service, &listing, &context->err);
}

static int
list_previews(struct api_context *context, struct rpc_list *records)
{
	const struct rpc_exposure_list_req *request = context->request;
	struct listing listing = {context->broker, records,
	    request->sandbox_id};

	return preview_list(context->broker->store, request->sandbox_id,
	    clock_unix_ms(), put_preview, &listing, &context->err);
}

static int
list(struct api_context *context, const struct rpc_exposure_list_req *request,
    int (*each)(struct api_context *context, struct rpc_list *records),
    struct rpc_list *ret)
{
	int r = permit(context, request->identity, request->sandbox_id,
	    ACTION_SEE);

	return r < 0 ? r : api_list(context, request->identity, ACTION_SEE,
	    each, ret);
}

int
api_service_list(struct api_context *context, const void *data)
{
	auto_api_list struct rpc_list records = {0};
	int r = list(context, data, list_services, &records);

	return r < 0 ? r : api_reply(context, &(struct rpc_service_list_rep){
	    records.count, rpc_list_bytes(&records)});
}

int
api_preview_list(struct api_context *context, const void *data)
{
	auto_api_list struct rpc_list records = {0};
	int r = list(context, data, list_previews, &records);

	return r < 0 ? r : api_reply(context, &(struct rpc_preview_list_rep){
	    records.count, rpc_list_bytes(&records)});
}

int
api_preview_create(struct api_context *context, const void *data)
{
	const struct rpc_preview_create_req *request = data;
	struct api_record record;
	const struct listing listing = {context->broker, &record.list, NULL};
	char text[TOKEN_SIZE] = "";
	struct preview preview;
	int r = permit(context, request->identity, request->sandbox_id,
	    ACTION_EXEC);

	api_record_init(&record);
	if (r == 0 && context->who.user_id == 0)
		r = err_set(&context->err, EINVAL, "user: say whose, as in "
		    "--user NAME");
	if (r == 0)
		r = preview_create(context->broker->store,
		    context->who.user_id, request->sandbox_id, request->port,
		    request->ttl_ms, clock_unix_ms(), text, &preview,
		    &context->err);
	if (r == 0)
		r = put_preview((void *)(uintptr_t)&listing, &preview);
	if (r < 0)
		return r;
	api_audit(context, "preview_create", "sandbox", preview.sandbox_id);
	r = api_reply(context, &(struct rpc_preview_create_rep){text,
	    rpc_list_bytes(&record.list)});
	sodium_memzero(text, sizeof text);
	return r;
}

int
api_preview_renew(struct api_context *context, const void *data)
{
	const struct rpc_preview_renew_req *request = data;
	struct api_record record;
	const struct listing listing = {context->broker, &record.list, NULL};
	struct preview preview;
	int r = permit(context, request->identity, request->sandbox_id,
	    ACTION_EXEC);

	api_record_init(&record);
	if (r == 0)
		r = preview_renew(context->broker->store,
		    context->who.user_id, request->sandbox_id,
		    (int64_t)request->preview_id, request->ttl_ms,
		    clock_unix_ms(), &preview, &context->err);
	if (r == 0)
		r = put_preview((void *)(uintptr_t)&listing, &preview);
	if (r < 0)
		return r;
	api_audit(context, "preview_renew", "sandbox", preview.sandbox_id);
	return api_reply(context, &(struct rpc_preview_create_rep){"",
	    rpc_list_bytes(&record.list)});
}

int
api_exposure_remove(struct api_context *context, const void *data)
{
	const struct rpc_exposure_remove_req *request = data;
	struct store *store = context->broker->store;
	const bool is_service = *request->service != '\0';
	int64_t id = (int64_t)request->preview_id;
	int r = permit(context, request->identity, request->sandbox_id,
	    ACTION_EXEC);

	if (r == 0)
		r = is_service ? service_remove(store, request->sandbox_id,
		    request->service, &id, &context->err) :
		    preview_remove(store, request->sandbox_id, id,
		    &context->err);
	if (r < 0)
		return r;
	broker_proxy_end(context->broker, is_service ? (uint64_t)id : 0,
	    is_service ? 0 : (uint64_t)id);
	api_audit_two(context, is_service ? "service_remove" :
	    "preview_remove", "sandbox", request->sandbox_id, "service",
	    request->service);
	return api_reply(context, &(struct rpc_exposure_remove_rep){});
}
