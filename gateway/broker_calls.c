// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker_calls.h"

#define RPC_TABLE "gateway/broker.def"
#include "common/rpc_define.h"

static const struct rpc_call *const broker_calls[] = {
#define RPC_CALL(number, name, ...) &rpc_call_##name,
#define RPC_EVENT(number, name, ...) &rpc_call_##name,
#include "gateway/broker.def"
};

const struct rpc_call *
rpc_find_broker_call(uint16_t number)
{
	for (size_t i = 0; i < sizeof broker_calls / sizeof *broker_calls; i++)
		if (broker_calls[i]->number == number)
			return broker_calls[i];
	return NULL;
}
