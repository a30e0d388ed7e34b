// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/pool.h"

#include <errno.h>
#include <stdlib.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/parse.h"
#include "sandboxd/door/later.h"
#include "sandboxd/lifecycle/pool.h"
#include "sandboxd/lifecycle/pool_plan.h"

/* As rpc.def has it. */
#define ROWS_BYTES_MAX 65536

int
answer_pool_list(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	auto_free struct pool_row *rows = calloc(POOL_ROWS_MAX, sizeof *rows);
	auto_free uint8_t *buffer = malloc(ROWS_BYTES_MAX);
	struct rpc_list list = {.data = buffer, .size = ROWS_BYTES_MAX};
	struct rpc_pool_list_rep reply;
	size_t n;

	(void)data;
	if (rows == NULL || buffer == NULL)
		return err_set(err, ENOMEM, "no memory");
	n = pool_rows(peer->daemon, rows);
	for (size_t i = 0; i < n; i++) {
		const struct rpc_pool_row row = {
		    .template_name = rows[i].template_name,
		    .wanted = rows[i].wanted, .source = rows[i].source,
		    .waiting = rows[i].waiting, .making = rows[i].making,
		    .claimed = rows[i].claimed, .missed = rows[i].missed};

		if (rpc_list_add(&list, &rpc_layout_pool_row, &row) < 0)
			return err_set(err, EMSGSIZE, "too many templates");
	}
	reply.rows = rpc_list_bytes(&list);
	peer_reply(peer, &rpc_call_pool_list, id, &reply, NULL, 0);
	return 0;
}

static bool
is_there(const struct daemon *daemon, const char *name)
{
	struct base_mark mark;

	return name_is_valid(name) &&
	    (template_current(&daemon->templates, "", name) != NULL ||
	    base_mark(daemon->settings.paths.state_dir, name, &mark,
	    NULL) == 0);
}

int
answer_pool_set(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_pool_set_req *request = data;
	const uint32_t wanted = request->is_reset != 0 ? POOL_UNSAID :
	    request->wanted;

	/* One that is gone can be reset. */
	if (!name_is_valid(request->template_name) ||
	    (wanted != POOL_UNSAID && !is_there(peer->daemon,
	    request->template_name)))
		return err_set(err, ENOENT, "template: there is no \"%.63s\" "
		    "for every organisation", request->template_name);
	if (wanted != POOL_UNSAID && wanted > POOL_WANTED_MAX)
		return err_set(err, EINVAL, "size: %u is more than %d", wanted,
		    POOL_WANTED_MAX);
	log_info("pool size asked for template=%s wanted=%d audit=%s",
	    request->template_name, wanted == POOL_UNSAID ? -1 : (int)wanted,
	    peer_audit(peer));
	return pool_set_later(peer, id, request->template_name, wanted, err);
}
