// SPDX-License-Identifier: Apache-2.0
#include "common/rpc_calls.h"

#define RPC_TABLE "common/rpc.def"
#include "common/rpc_define.h"
#define RPC_TABLE "common/init.def"
#include "common/rpc_define.h"
#define RPC_TABLE "common/inside.def"
#include "common/rpc_define.h"
#define RPC_TABLE "common/names.def"
#include "common/rpc_define.h"

static const struct rpc_call *const sandboxd_calls[] = {
#define RPC_CALL(number, name, ...) &rpc_call_##name,
#define RPC_EVENT(number, name, ...) &rpc_call_##name,
#include "common/rpc.def"
};

static const struct rpc_call *const init_calls[] = {
#define RPC_CALL(number, name, ...) &rpc_call_##name,
#define RPC_EVENT(number, name, ...) &rpc_call_##name,
#include "common/init.def"
};

static const struct rpc_call *const inside_calls[] = {
#define RPC_EVENT(number, name, ...) &rpc_call_##name,
#include "common/inside.def"
};

static const struct rpc_call *
find(const struct rpc_call *const *calls, size_t n, uint16_t number)
{
	for (size_t i = 0; i < n; i++)
		if (calls[i]->number == number)
			return calls[i];
	return NULL;
}

const struct rpc_call *
rpc_find_sandboxd_call(uint16_t number)
{
	return find(sandboxd_calls, sizeof sandboxd_calls /
	    sizeof *sandboxd_calls, number);
}

const struct rpc_call *
rpc_find_init_call(uint16_t number)
{
	return find(init_calls, sizeof init_calls / sizeof *init_calls, number);
}

const struct rpc_call *
rpc_find_inside_call(uint16_t number)
{
	return find(inside_calls, sizeof inside_calls / sizeof *inside_calls,
	    number);
}
