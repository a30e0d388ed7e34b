// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/api/ssh_cas.h"

#include <errno.h>
#include <string.h>

#include "common/clock.h"
#include "common/parse.h"
#include "gateway/broker/ending.h"
#include "keys/ca.h"
#include "keys/revocation.h"

static int
put_ca(void *arg, const struct ca *ca)
{
	const struct rpc_ssh_ca_info info = {.id = (uint64_t)ca->id,
	    .name = ca->name, .algorithm = ca->algorithm,
	    .fingerprint = ca->fingerprint,
	    .created_ms = (uint64_t)ca->created_ms};

	return rpc_list_add(arg, &rpc_layout_ssh_ca_info, &info);
}

int
api_ssh_ca_add(struct api_context *context, const void *data)
{
	const struct rpc_ssh_ca_add_req *request = data;
	struct api_record record;
	struct ca ca;
	int r = api_permit(context, request->identity, ACTION_ADMINISTER);

	api_record_init(&record);
	if (r == 0)
		r = ca_add(context->broker->store, context->who.org,
		    request->name, request->line, clock_unix_ms(), &ca,
		    &context->err);
	if (r == 0)
		r = put_ca(&record.list, &ca);
	if (r < 0)
		return r;
	api_audit(context, "ssh_ca_add", "key", ca.fingerprint);
	return api_reply(context, &(struct rpc_ssh_ca_add_rep){
	    rpc_list_bytes(&record.list)});
}

static int
list_cas(struct api_context *context, struct rpc_list *records)
{
	return ca_list(context->broker->store, context->who.org, put_ca,
	    records, &context->err);
}

int
api_ssh_ca_list(struct api_context *context, const void *data)
{
	const struct rpc_ssh_ca_list_req *request = data;
	auto_api_list struct rpc_list list = {0};
	int r = api_list(context, request->identity, ACTION_SEE,
	    list_cas, &list);

	return r < 0 ? r : api_reply(context, &(struct rpc_ssh_ca_list_rep){
	    list.count, rpc_list_bytes(&list)});
}

int
api_ssh_ca_remove(struct api_context *context, const void *data)
{
	const struct rpc_ssh_ca_remove_req *request = data;
	int r = api_permit(context, request->identity, ACTION_ADMINISTER);

	if (r == 0)
		r = ca_remove(context->broker->store, context->who.org,
		    (int64_t)request->id, &context->err);
	if (r == 0)
		broker_end(context->broker, &(struct broker_ending){
		    .credential = CREDENTIAL_CERTIFICATE,
		    .credential_id = (int64_t)request->id,
		    .words = "The authority of your certificate was removed"});
	return r < 0 ? r : api_removed(context, "ssh_ca_remove", "ca",
	    request->id);
}

static int
put_revocation(void *arg, const struct revocation *revocation)
{
	const struct rpc_ssh_revocation_info info = {
	    .id = (uint64_t)revocation->id,
	    .kind = revocation_kind_name(revocation->kind),
	    .ca = revocation->ca, .value = revocation->value,
	    .created_ms = (uint64_t)revocation->created_ms};

	return rpc_list_add(arg, &rpc_layout_ssh_revocation_info, &info);
}

static int
add_revocation(struct api_context *context,
    const struct rpc_ssh_revocation_add_req *request, struct revocation *ret)
{
	struct store *store = context->broker->store;
	const char *org = context->who.org;
	struct err *err = &context->err;
	uint64_t serial;

	if (strcmp(request->kind, revocation_kind_name(REVOCATION_KEY_ID)) ==
	    0)
		return revocation_add_key_id(store, org, request->value,
		    clock_unix_ms(), ret, err);
	if (strcmp(request->kind,
	    revocation_kind_name(REVOCATION_FINGERPRINT)) == 0)
		return revocation_add_fingerprint(store, org, request->value,
		    clock_unix_ms(), ret, err);
	if (strcmp(request->kind, revocation_kind_name(REVOCATION_SERIAL)) !=
	    0)
		return err_set(err, EINVAL,
		    "kind: serial, key-id or fingerprint");
	if (parse_u64(request->value, &serial) < 0)
		return err_set(err, EINVAL, "serial: decimal digits, 1 to "
		    "18446744073709551615");
	return revocation_add_serial(store, org, (int64_t)request->ca_id,
	    serial, clock_unix_ms(), ret, err);
}

int
api_ssh_revocation_add(struct api_context *context, const void *data)
{
	const struct rpc_ssh_revocation_add_req *request = data;
	struct api_record record;
	struct revocation revocation;
	int r = api_permit(context, request->identity, ACTION_ADMINISTER);

	api_record_init(&record);
	if (r == 0)
		r = add_revocation(context, request, &revocation);
	if (r == 0)
		r = put_revocation(&record.list, &revocation);
	if (r < 0)
		return r;
	api_audit(context, "ssh_revocation_add",
	    revocation_kind_name(revocation.kind), revocation.value);
	broker_end_revoked(context->broker, context->who.org,
	    "Your key or certificate was revoked");
	return api_reply(context, &(struct rpc_ssh_revocation_add_rep){
	    rpc_list_bytes(&record.list)});
}

static int
list_revocations(struct api_context *context, struct rpc_list *records)
{
	return revocation_list(context->broker->store, context->who.org,
	    put_revocation, records, &context->err);
}

int
api_ssh_revocation_list(struct api_context *context, const void *data)
{
	const struct rpc_ssh_revocation_list_req *request = data;
	auto_api_list struct rpc_list list = {0};
	int r = api_list(context, request->identity, ACTION_SEE,
	    list_revocations, &list);

	return r < 0 ? r : api_reply(context,
	    &(struct rpc_ssh_revocation_list_rep){list.count,
	    rpc_list_bytes(&list)});
}

int
api_ssh_revocation_remove(struct api_context *context, const void *data)
{
	const struct rpc_ssh_revocation_remove_req *request = data;
	int r = api_permit(context, request->identity, ACTION_ADMINISTER);

	if (r == 0)
		r = revocation_remove(context->broker->store,
		    context->who.org, (int64_t)request->id, &context->err);
	return r < 0 ? r : api_removed(context, "ssh_revocation_remove",
	    "revocation", request->id);
}
