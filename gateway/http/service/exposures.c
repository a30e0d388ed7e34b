// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/exposures.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/http/back/identity.h"

#define RECORD_SIZE 2048

static const struct err out_of_memory = {ENOMEM, "out of memory"};
static const struct err malformed = {EBADMSG, "malformed record"};

/* A question, and whom to tell; of its kind alone one of these is set. */
struct asking {
	exposures_service_done *service_done;
	exposures_preview_done *preview_done;
	exposures_list_done *services_done, *previews_done;
	exposures_done *done;
	void *arg;
};

static void
end_service(const struct asking *asking, const struct rpc_service_put_rep *rep,
    const struct err *err)
{
	struct rpc_service_info info;
	struct rpc_bytes list = rep != NULL ? rep->service :
	    (struct rpc_bytes){0};

	if (err == NULL && !rpc_list_next(&rpc_layout_service_info, &list,
	    &info))
		err = &malformed;
	asking->service_done(asking->arg, err == NULL ? &info : NULL, err);
}

static void
end_preview(const struct asking *asking,
    const struct rpc_preview_create_rep *rep, const struct err *err)
{
	struct rpc_preview_info info;
	struct rpc_bytes list = rep != NULL ? rep->preview :
	    (struct rpc_bytes){0};

	if (err == NULL && !rpc_list_next(&rpc_layout_preview_info, &list,
	    &info))
		err = &malformed;
	asking->preview_done(asking->arg, err == NULL ? rep->token : NULL,
	    err == NULL ? &info : NULL, err);
}

static void
on_reply(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct asking *asking = arg;
	const struct rpc_service_list_rep *services = data;
	const struct rpc_preview_list_rep *previews = data;
	const struct rpc_bytes none = {0};

	(void)message;
	if (asking->service_done != NULL)
		end_service(asking, data, err);
	else if (asking->preview_done != NULL)
		end_preview(asking, data, err);
	else if (asking->services_done != NULL)
		asking->services_done(asking->arg, err == NULL ?
		    services->services : none, err);
	else if (asking->previews_done != NULL)
		asking->previews_done(asking->arg, err == NULL ?
		    previews->previews : none, err);
	else
		asking->done(asking->arg, err);
}

static void
ask(struct identity *who, const struct rpc_call *call, const void *request,
    const struct asking *asking)
{
	struct asking *kept = malloc(sizeof *kept);

	if (kept == NULL) {
		/* on_reply frees what it is given. */
		if (asking->service_done != NULL)
			asking->service_done(asking->arg, NULL,
			    &out_of_memory);
		else if (asking->preview_done != NULL)
			asking->preview_done(asking->arg, NULL, NULL,
			    &out_of_memory);
		else if (asking->services_done != NULL)
			asking->services_done(asking->arg,
			    (struct rpc_bytes){0}, &out_of_memory);
		else if (asking->previews_done != NULL)
			asking->previews_done(asking->arg,
			    (struct rpc_bytes){0}, &out_of_memory);
		else
			asking->done(asking->arg, &out_of_memory);
		return;
	}
	*kept = *asking;
	identity_ask_broker(who, call, request, on_reply, kept);
}

void
exposures_put_service_hash(struct identity *who,
    const struct rpc_service_info *service, const uint8_t *sha256,
    exposures_service_done *done, void *arg)
{
	uint8_t record[RECORD_SIZE];
	struct rpc_list list = {.data = record, .size = sizeof record};
	struct rpc_service_put_req request = {
	    .identity = identity_number(who)};
	struct err err = {EINVAL, "the service is too long"};

	if (rpc_list_add(&list, &rpc_layout_service_info, service) < 0) {
		done(arg, NULL, &err);
		return;
	}
	request.service = rpc_list_bytes(&list);
	if (sha256 != NULL)
		request.sha256 = (struct rpc_bytes){sha256,
		    crypto_hash_sha256_BYTES};
	ask(who, &rpc_call_service_put, &request,
	    &(struct asking){.service_done = done, .arg = arg});
}

void
exposures_put_service(struct identity *who,
    const struct rpc_service_info *service, const char *secret,
    exposures_service_done *done, void *arg)
{
	uint8_t sha256[crypto_hash_sha256_BYTES];

	if (secret != NULL)
		crypto_hash_sha256(sha256, (const uint8_t *)secret,
		    strlen(secret));
	exposures_put_service_hash(who, service, secret != NULL ? sha256 :
	    NULL, done, arg);
}

void
exposures_list_services(struct identity *who, const char *sandbox_id,
    exposures_list_done *done, void *arg)
{
	const struct rpc_exposure_list_req request = {identity_number(who),
	    sandbox_id};

	ask(who, &rpc_call_service_list, &request,
	    &(struct asking){.services_done = done, .arg = arg});
}

void
exposures_create_preview(struct identity *who, const char *sandbox_id,
    uint32_t port, uint64_t ttl_ms, exposures_preview_done *done, void *arg)
{
	const struct rpc_preview_create_req request = {identity_number(who),
	    sandbox_id, port, ttl_ms};

	ask(who, &rpc_call_preview_create, &request,
	    &(struct asking){.preview_done = done, .arg = arg});
}

void
exposures_renew_preview(struct identity *who, const char *sandbox_id,
    uint64_t preview_id, uint64_t ttl_ms, exposures_preview_done *done,
    void *arg)
{
	const struct rpc_preview_renew_req request = {identity_number(who),
	    sandbox_id, preview_id, ttl_ms};

	ask(who, &rpc_call_preview_renew, &request,
	    &(struct asking){.preview_done = done, .arg = arg});
}

void
exposures_list_previews(struct identity *who, const char *sandbox_id,
    exposures_list_done *done, void *arg)
{
	const struct rpc_exposure_list_req request = {identity_number(who),
	    sandbox_id};

	ask(who, &rpc_call_preview_list, &request,
	    &(struct asking){.previews_done = done, .arg = arg});
}

void
exposures_remove(struct identity *who, const char *sandbox_id,
    const char *service, uint64_t preview_id, exposures_done *done, void *arg)
{
	const struct rpc_exposure_remove_req request = {identity_number(who),
	    sandbox_id, service, preview_id};

	ask(who, &rpc_call_exposure_remove, &request,
	    &(struct asking){.done = done, .arg = arg});
}
