// SPDX-License-Identifier: Apache-2.0
#include "gateway/protocol/broker_calls.h"

#define RPC_TABLE "gateway/protocol/broker.def"
#include "common/rpc_define.h"
