// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/native/ssh_cas.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "gateway/http/engine/input.h"
#include "gateway/protocol/broker_calls.h"

#define KEY_ID_MAX   255
#define SERIAL_SIZE  24
#define ANY_OF_THESE "serial and ca, key_id, or fingerprint: give one"

static json_t *
ca_to_json(const void *arg)
{
	const struct rpc_ssh_ca_info *info = arg;

	return json_pack("{s:I, s:s, s:s, s:s, s:o}",
	    "id", (json_int_t)info->id, "name", info->name,
	    "algorithm", info->algorithm, "fingerprint", info->fingerprint,
	    "created_at", json_timestamp(info->created_ms));
}

const struct collection ssh_cas = {.member = "ssh_cas",
    .list = &rpc_call_ssh_ca_list, .remove = &rpc_call_ssh_ca_remove,
    .record = &rpc_layout_ssh_ca_info, .to_json = ca_to_json};

int
ssh_cas_add(struct request *request, struct reply *reply, struct err *err)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_ssh_ca_add_req add = {.identity = request->identity};
	struct rpc_ssh_ca_add_rep added;
	json_t *body;
	int r = input_public_key(request->body, &add.line, &add.name, err);

	if (r == 0)
		r = request_ask_broker(request, &rpc_call_ssh_ca_add, &add,
		    &added, &message, err);
	if (r == 0)
		r = collection_decode(&ssh_cas, added.ca, &body, err);
	return r < 0 ? r : reply_set(reply, 201, body, err);
}

static json_t *
revocation_to_json(const void *arg)
{
	const struct rpc_ssh_revocation_info *info = arg;

	return json_pack("{s:I, s:s, s:s, s:o, s:o}",
	    "id", (json_int_t)info->id, "kind", info->kind,
	    "value", info->value, "ca", json_string_or_null(info->ca),
	    "created_at", json_timestamp(info->created_ms));
}

const struct collection ssh_revocations = {.member = "ssh_revocations",
    .list = &rpc_call_ssh_revocation_list,
    .remove = &rpc_call_ssh_revocation_remove,
    .record = &rpc_layout_ssh_revocation_info,
    .to_json = revocation_to_json};

/* A serial as a number, or as a string where it is past those of JSON. */
static int
read_serial(const json_t *body, char text[SERIAL_SIZE], const char **ret,
    struct err *err)
{
	const json_t *value = json_object_get(body, "serial");

	if (!json_is_integer(value))
		return input_string(body, "serial", SERIAL_SIZE - 1, ret, err);
	snprintf(text, SERIAL_SIZE, "%" JSON_INTEGER_FORMAT,
	    json_integer_value(value));
	*ret = text;
	return 0;
}

/* Exactly one of the three kinds. */
static int
read_revocation(const json_t *body, char text[SERIAL_SIZE],
    struct rpc_ssh_revocation_add_req *ret, struct err *err)
{
	static const char *const names[] = {"serial", "ca", "key_id",
	    "fingerprint"};
	const char *serial = NULL, *key_id = NULL, *fingerprint = NULL;
	int r = input_check_names(body, names, 4, err);

	if (r < 0 || (r = read_serial(body, text, &serial, err)) < 0 ||
	    (r = input_number(body, "ca", 1, INT64_MAX, &ret->ca_id, err)) <
	    0 || (r = input_string(body, "key_id", KEY_ID_MAX, &key_id,
	    err)) < 0 || (r = input_string(body, "fingerprint", KEY_ID_MAX,
	    &fingerprint, err)) < 0)
		return r;
	if ((serial != NULL) + (key_id != NULL) + (fingerprint != NULL) != 1)
		return err_set(err, EINVAL, ANY_OF_THESE);
	if ((serial != NULL) != (ret->ca_id != 0))
		return err_set(err, EINVAL, "ca: the id of a CA, with serial "
		    "and only with it");
	ret->kind = serial != NULL ? "serial" :
	    key_id != NULL ? "key-id" : "fingerprint";
	ret->value = serial != NULL ? serial :
	    key_id != NULL ? key_id : fingerprint;
	return 0;
}

int
ssh_revocations_add(struct request *request, struct reply *reply,
    struct err *err)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_ssh_revocation_add_req add = {
	    .identity = request->identity};
	struct rpc_ssh_revocation_add_rep added;
	char text[SERIAL_SIZE];
	json_t *body;
	int r = read_revocation(request->body, text, &add, err);

	if (r == 0)
		r = request_ask_broker(request, &rpc_call_ssh_revocation_add,
		    &add, &added, &message, err);
	if (r == 0)
		r = collection_decode(&ssh_revocations, added.revocation,
		    &body, err);
	return r < 0 ? r : reply_set(reply, 201, body, err);
}
