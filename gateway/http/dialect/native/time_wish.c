// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/native/time_wish.h"

#include <errno.h>

int
time_wish_encode(const struct time_wish *time,
    uint8_t buffer[TIME_WISH_BYTES], struct rpc_bytes *ret, struct err *err)
{
	struct rpc_sandbox_lifetime lifetime = {.ttl_s = time->ttl_s,
	    .hard_ttl_s = time->hard_ttl_s,
	    .idle_timeout_s = time->idle_timeout_s,
	    .on_expiry = time->on_expiry != NULL ? time->on_expiry : ""};
	ptrdiff_t n;

	if (time->ttl_s != 0 && time->timeout_s != 0)
		return err_set(err, EINVAL,
		    "timeout: is a ttl; give one of them");
	if (time->timeout_s != 0) {
		lifetime.ttl_s = time->timeout_s;
		if (time->on_expiry == NULL)
			lifetime.on_expiry = "destroy";
	}
	if (lifetime.ttl_s == 0 && lifetime.hard_ttl_s == 0 &&
	    lifetime.idle_timeout_s == 0 && time->on_expiry == NULL)
		return 0;
	n = rpc_encode(&rpc_layout_sandbox_lifetime, &lifetime, buffer,
	    TIME_WISH_BYTES);
	if (n < 0)
		return err_set(err, (int)-n, "on_expiry: too long");
	*ret = (struct rpc_bytes){buffer, (uint32_t)n};
	return 0;
}
