// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker_calls.h"

#define RPC_TABLE "gateway/broker.def"
#include "common/rpc_define.h"
