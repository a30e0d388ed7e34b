// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/native/sandboxes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/parse.h"
#include "common/rpc_calls.h"
#include "gateway/http/back/endpoint.h"
#include "gateway/http/engine/input.h"
#include "gateway/http/native/sandbox_json.h"

#define PAGES_MAX 1024 /* of a list; sandboxd chooses their size */

static int
reply_sandbox(struct request *request, struct reply *reply,
    unsigned int status, struct rpc_bytes packed, struct err *err)
{
	struct rpc_sandbox_info info;
	char host[ENDPOINT_HOST_SIZE];
	uint32_t port;
	int r;

	if (rpc_decode(&rpc_layout_sandbox_info, packed.data, packed.size,
	    &info, NULL) < 0)
		return err_set(err, EBADMSG, "malformed sandbox record");
	r = endpoint_get(request->endpoint, host, &port, err);
	if (r < 0)
		return r;
	return reply_set(reply, status, sandbox_to_json(&info, host, port),
	    err);
}

/* Ids that cannot exist are refused here, in the words sandboxd would use. */
static int
check_id(const char *id, struct err *err)
{
	if (!sandbox_id_is_valid(id))
		return err_set(err, ENOENT, "%s: no such sandbox", id);
	return 0;
}

int
sandboxes_create(struct request *request, struct reply *reply, struct err *err)
{
	auto_rpc_message struct rpc_message message = {0};
	__attribute__((cleanup(input_sandbox_fini))) struct input_sandbox
	    input = {0};
	struct rpc_sandbox_create_req create = {0};
	struct rpc_sandbox_create_rep created;
	int r = input_sandbox_init(request->body, &input, err);

	if (r < 0)
		return r;
	create.name = input.name;
	create.template_name = input.template_name;
	create.memory_limit_bytes = input.memory_bytes;
	create.pids_limit = (uint32_t)input.pids;
	create.cpu_limit_millis = (uint32_t)input.cpu_millis;
	create.disk_limit_bytes = input.disk_bytes;
	create.env = (struct rpc_strv){input.env, input.env_size,
	    input.env_count};
	create.is_ephemeral = input.is_ephemeral;
	r = request_ask_sandboxd(request, &rpc_call_sandbox_create, &create,
	    &created, &message, err);
	if (r < 0)
		return r;
	return reply_sandbox(request, reply, 201, created.sandbox, err);
}

int
sandboxes_get(struct request *request, struct reply *reply, struct err *err)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_sandbox_recall_req get = {.id = request->param};
	struct rpc_sandbox_recall_rep got;
	int r = check_id(request->param, err);

	if (r < 0)
		return r;
	r = request_ask_sandboxd(request, &rpc_call_sandbox_recall, &get,
	    &got, &message, err);
	if (r < 0)
		return r;
	return reply_sandbox(request, reply, 200, got.sandbox, err);
}

/* Asks for a page of what lives, or of what has been destroyed. */
static int
ask_page(struct request *request, const char *after, bool is_destroyed,
    struct rpc_sandbox_list_rep *ret, struct rpc_message *message,
    struct err *err)
{
	const struct rpc_sandbox_list_req alive = {.after = after};
	const struct rpc_tombstone_list_req destroyed = {.after = after};
	struct rpc_tombstone_list_rep rep;
	int r;

	if (!is_destroyed)
		return request_ask_sandboxd(request, &rpc_call_sandbox_list,
		    &alive, ret, message, err);
	r = request_ask_sandboxd(request, &rpc_call_tombstone_list,
	    &destroyed, &rep, message, err);
	if (r == 0)
		*ret = (struct rpc_sandbox_list_rep){.count = rep.count,
		    .more = rep.more, .sandboxes = rep.sandboxes};
	return r;
}

/*
 * One page: adds the sandboxes after `after` to list, and moves `after` on.
 * Returns 1 where there are more, 0 at the end, else -errno.
 */
static int
add_page(struct request *request, json_t *list, bool is_destroyed,
    char after[SANDBOX_ID_SIZE], const char *host, uint32_t port,
    struct err *err)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_sandbox_list_rep rep;
	struct rpc_sandbox_info info;
	size_t offset = 0, used;
	int r = ask_page(request, after, is_destroyed, &rep, &message, err);

	if (r < 0)
		return r;
	for (uint32_t i = 0; i < rep.count; i++) {
		if (rpc_decode(&rpc_layout_sandbox_info,
		    rep.sandboxes.data + offset, rep.sandboxes.size - offset,
		    &info, &used) < 0)
			return err_set(err, EBADMSG, "malformed list");
		offset += used;
		if (json_array_append_new(list,
		    sandbox_to_json(&info, host, port)) < 0)
			return err_set(err, ENOMEM, "out of memory");
		snprintf(after, SANDBOX_ID_SIZE, "%s", info.id);
	}
	return rep.more && rep.count > 0;
}

int
sandboxes_list(struct request *request, struct reply *reply, struct err *err)
{
	char host[ENDPOINT_HOST_SIZE], after[SANDBOX_ID_SIZE] = "";
	const char *destroyed = request_query(request, "destroyed");
	const bool is_destroyed = strcmp(destroyed, "1") == 0;
	json_t *list;
	uint32_t port;
	int r;

	if (destroyed[0] != '\0' && !is_destroyed &&
	    strcmp(destroyed, "0") != 0)
		return err_set(err, EINVAL, "destroyed: must be 0 or 1");
	r = endpoint_get(request->endpoint, host, &port, err);
	if (r < 0)
		return r;
	list = json_array();
	if (list == NULL)
		return err_set(err, ENOMEM, "out of memory");
	r = 1;
	for (int page = 0; r > 0 && page < PAGES_MAX; page++)
		r = add_page(request, list, is_destroyed, after, host, port,
		    err);
	if (r < 0) {
		json_decref(list);
		return r;
	}
	return reply_set(reply, 200, json_pack("{s:o}", "sandboxes", list),
	    err);
}

int
sandboxes_destroy(struct request *request, struct reply *reply,
    struct err *err)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_sandbox_destroy_req destroy = {.id = request->param};
	struct rpc_sandbox_destroy_rep destroyed;
	int r = check_id(request->param, err);

	if (r < 0)
		return r;
	r = request_ask_sandboxd(request, &rpc_call_sandbox_destroy, &destroy,
	    &destroyed, &message, err);
	if (r < 0)
		return r;
	return reply_set(reply, 204, NULL, err);
}
