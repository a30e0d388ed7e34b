// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/native/start.h"

#include <string.h>

bool
start_check(struct exchange *exchange, const struct start_wish *wish)
{
	struct failure failure;

	if ((wish->command == NULL) != (wish->argv.count == 0))
		return true;
	failure_of_field(&failure, "command", "give it or argv, not both");
	exchange_fail(exchange, &failure);
	return false;
}

static const char *
or_empty(const char *text)
{
	return text != NULL ? text : "";
}

void
start_request(const struct start_wish *wish,
    struct rpc_process_start_req *ret)
{
	*ret = (struct rpc_process_start_req){
	    .kind = wish->command != NULL ? INIT_SPAWN_COMMAND :
		INIT_SPAWN_ARGV,
	    .user = or_empty(wish->user),
	    .command = or_empty(wish->command),
	    .argv = {wish->argv.data, wish->argv.size, wish->argv.count},
	    .cwd = or_empty(wish->cwd),
	    .env = {wish->env.data, wish->env.size, wish->env.count},
	    .term = "",
	    .tag = or_empty(wish->tag),
	    .timeout_ms = wish->timeout_ms,
	};
}
