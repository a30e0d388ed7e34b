// SPDX-License-Identifier: Apache-2.0
/* The ceiling of the caller's organisation: a policy like a sandbox's. */
#include <stdlib.h>

#include "gateway/http/dialect/native/egress_list.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/service/egress.h"

void
native_get_ceiling(struct exchange *exchange)
{
	egress_ceiling_get(exchange_who(exchange), native_egress_got,
	    exchange);
}

static void
on_set(void *arg, const struct err *err)
{
	if (err != NULL)
		exchange_fail_err(arg, err);
	else
		native_get_ceiling(arg);
}

void
native_set_ceiling(struct exchange *exchange)
{
	struct rpc_bytes list = {0};
	struct failure failure;

	if (egress_wish_make(exchange_input(exchange), "", &list,
	    &failure) < 0)
		exchange_fail(exchange, &failure);
	else
		egress_ceiling_set(exchange_who(exchange), list, on_set,
		    exchange);
	free((void *)(uintptr_t)list.data);
}

void
native_reset_ceiling(struct exchange *exchange)
{
	egress_ceiling_set(exchange_who(exchange), (struct rpc_bytes){0},
	    exchange_done, exchange);
}
