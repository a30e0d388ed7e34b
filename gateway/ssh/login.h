// SPDX-License-Identifier: Apache-2.0
/* What the broker said with its yes (auth_publickey of broker.def). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/parse.h"
#include "gateway/protocol/broker_calls.h"

struct login {
	enum broker_login kind;
	char sandbox_id[SANDBOX_ID_SIZE];
	char user[64];	   /* in the sandbox; "" = its default */
	char terminal[64]; /* that shells attach to; "" = their own */
	char notice[512];  /* for standard error, once; "" = none */
	uint32_t rights;   /* enum rpc_right */
	bool takes_over, is_recorded;
	bool is_why; /* what the sandbox is refused is to be said */
};
