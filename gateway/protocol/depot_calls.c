// SPDX-License-Identifier: Apache-2.0
#include "gateway/protocol/depot_calls.h"

#define RPC_TABLE "gateway/protocol/depot.def"
#include "common/rpc_define.h"
