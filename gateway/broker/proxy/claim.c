// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/proxy/claim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "gateway/broker/proxy/proxy.h"
#include "gateway/broker/quota.h"
#include "keys/role.h"
#include "keys/service.h"
#include "keys/user.h"

/* Beside those of gateway/broker/ending.c, which are small. */
#define TAG_SERVICE (0x40ull << 56)
#define TAG_PREVIEW (0x41ull << 56)

/* One that sandboxd is asked a capability for. */
struct claim {
	struct broker *broker;
	uint64_t generation;
	uint32_t id;
	struct service service; /* id 0 = none, its port alone is asked for */
	struct preview preview; /* id 0 = none was needed */
	enum broker_shown shown;
};

uint64_t
broker_proxy_tag(uint64_t service_id, uint64_t preview_id)
{
	return preview_id != 0 ? TAG_PREVIEW | preview_id :
	    TAG_SERVICE | service_id;
}

/* The same for all: what there is, those who may not are not told. */
static int
refuse(struct err *err)
{
	return err_set(err, EACCES, "there is no such service, or what opens "
	    "it was not shown");
}

static void
reply(const struct claim *claim, const char *wants, int cap_fd)
{
	const struct service *service = &claim->service;

	rpc_server_reply(&claim->broker->proxy, &rpc_call_proxy_claim,
	    claim->id, &(struct rpc_proxy_claim_rep){.wants = wants,
	    .shown = claim->shown, .header = service->header,
	    .service_id = (uint64_t)service->id,
	    .preview_id = (uint64_t)claim->preview.id, .port = service->port,
	    .methods = service->methods, .prefix = service->prefix,
	    .timeout_s = service->timeout_s, .rate = service->rate,
	    .burst = service->burst, .has_resume = service->has_resume,
	    .expires_ms = (uint64_t)claim->preview.expires_ms}, &cap_fd,
	    cap_fd >= 0 ? 1 : 0);
}

/* Whoever made the preview still may what it lets others do. */
static int
check_maker(const struct claim *claim, const struct sandbox_owner *owner,
    struct err *err)
{
	const int64_t user_id = claim->preview.user_id;
	enum relation relation = RELATION_SHARED;
	struct standing standing;
	struct user user;

	if (user_get(claim->broker->store, user_id, &user, err) < 0 ||
	    strcmp(user.org, owner->org) != 0)
		return refuse(err);
	if (owner->owner_id == user_id)
		relation = RELATION_OWN;
	else if (owner->is_private)
		relation = RELATION_PRIVATE;
	standing = (struct standing){.role = user.role,
	    .is_own_only = user.is_own_only};
	return role_permits(&standing, ACTION_EXEC, relation) ? 0 :
	    refuse(err);
}

/* What is asked for: a service, or its port; -EACCES for a name there is not.
 * A port that is no service's is for previews alone. */
static int
find_service(struct claim *claim, const struct rpc_proxy_claim_req *request,
    struct err *err)
{
	struct service *service = &claim->service;
	int r = service_find(claim->broker->store, request->sandbox_id,
	    request->service, request->port, service, err);

	if (r != -ENOENT)
		return r;
	*service = (struct service){.port = request->port,
	    .auth = SERVICE_PREVIEW, .has_resume = true};
	return *request->service == '\0' ? 0 : refuse(err);
}

/* 1 = it opens, 0 = not without the header, -EACCES. */
static int
judge(struct claim *claim, const struct rpc_proxy_claim_req *request,
    const struct sandbox_owner *owner, struct err *err)
{
	const struct service *service = &claim->service;
	struct store *store = claim->broker->store;
	int r;

	if (*request->preview != '\0') {
		r = preview_verify(store, request->preview,
		    request->sandbox_id, service->port, clock_unix_ms(),
		    &claim->preview, err);
		if (r < 0)
			return r;
		if (r > 0) {
			claim->shown = BROKER_SHOWN_PREVIEW;
			r = check_maker(claim, owner, err);
			return r < 0 ? r : 1;
		}
	}
	switch (service->auth) {
	case SERVICE_PUBLIC:
		claim->shown = BROKER_SHOWN_NOTHING;
		return 1;
	case SERVICE_BEARER:
		claim->shown = BROKER_SHOWN_BEARER;
		return service_is_secret(store, service, request->bearer) ?
		    1 : refuse(err);
	case SERVICE_HEADER:
		claim->shown = BROKER_SHOWN_HEADER;
		if (*request->header_value == '\0')
			return 0;
		return service_is_secret(store, service,
		    request->header_value) ? 1 : refuse(err);
	case SERVICE_PREVIEW:
	case N_SERVICE_AUTH:
		break;
	}
	return refuse(err);
}

/* Whether what let it in is there still, after sandboxd was asked. */
static int
check_still(const struct claim *claim, struct err *err)
{
	struct store *store = claim->broker->store;
	struct service now;

	if (claim->service.id == 0)
		return 0;
	if (service_find(store, claim->service.sandbox_id,
	    claim->service.name, 0, &now, err) < 0 ||
	    now.id != claim->service.id)
		return refuse(err);
	return 0;
}

static void
on_capability(void *arg, int cap_fd, const struct err *failure)
{
	auto_free struct claim *claim = arg;
	auto_close int fd = cap_fd;
	struct broker *broker = claim->broker;
	struct err err = {0};

	if (claim->generation != broker->proxy_generation)
		return;
	if (failure != NULL)
		err = *failure;
	else
		(void)check_still(claim, &err);
	/* It went while it was asked about. */
	if (err.code == ENOENT)
		(void)refuse(&err);
	if (err.code == 0)
		reply(claim, "", fd);
	else
		rpc_server_error(&broker->proxy, rpc_call_proxy_claim.number,
		    claim->id, &err);
}

/* A preview's capability is its maker's, and ends with it; a service's is
 * nobody's in particular. */
static int
open_sandbox(const struct claim *decided,
    const struct rpc_proxy_claim_req *request,
    const struct sandbox_owner *owner, struct err *err)
{
	struct broker *broker = decided->broker;
	const struct preview *preview = &decided->preview;
	const uint64_t now_ms = clock_unix_ms();
	char audit[160];
	struct rpc_cap_open_req cap = {.org = owner->org,
	    .sandbox_id = owner->id, .audit = audit,
	    .rights = RPC_RIGHT_LIST | RPC_RIGHT_ATTACH | RPC_RIGHT_FORWARD,
	    .owner = "", .owner_id = (uint64_t)preview->user_id,
	    .reach = RPC_REACH_ALL,
	    .tag = broker_proxy_tag((uint64_t)decided->service.id,
		(uint64_t)preview->id)};
	struct claim *claim;
	int r;

	if (preview->id != 0)
		cap.ttl_ms = (uint64_t)preview->expires_ms > now_ms ?
		    (uint64_t)preview->expires_ms - now_ms : 1;
	broker_quota_fill(broker, &cap);
	snprintf(audit, sizeof audit, "service %s%s%u for %s", request->service,
	    *request->service != '\0' ? " port " : "port ",
	    decided->service.port, request->peer);
	claim = malloc(sizeof *claim);
	if (claim == NULL)
		return err_set(err, ENOMEM, "out of memory");
	*claim = *decided;
	r = sandboxd_client_cap_open(broker->sandboxd, &cap,
	    BROKER_API_WAIT_MS, on_capability, claim, err);
	if (r < 0)
		free(claim);
	return r;
}

int
broker_proxy_claim(struct broker *broker, uint32_t id,
    const struct rpc_proxy_claim_req *request, struct err *err)
{
	struct claim claim = {.broker = broker, .id = id,
	    .generation = broker->proxy_generation};
	const struct sandbox_owner *owner;
	int r;

	if (!sandbox_index_is_current(broker->sandboxes))
		return err_set(err, EAGAIN, "sandboxd is not running; try "
		    "again");
	owner = sandbox_index_find(broker->sandboxes, request->sandbox_id);
	r = find_service(&claim, request, err);
	if (r == 0)
		r = owner == NULL ? refuse(err) : judge(&claim, request,
		    owner, err);
	if (r < 0)
		return r;
	if (r == 0) {
		reply(&claim, claim.service.header, -1);
		return 0;
	}
	return open_sandbox(&claim, request, owner, err);
}
