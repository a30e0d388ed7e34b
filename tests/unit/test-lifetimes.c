// SPDX-License-Identifier: Apache-2.0
/* How long may be wished for: the lower of what host and organisation say, and
 * whose it is. */
#include "sandboxd/door/lifetimes.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static struct settings settings;
static struct capability capability = {.org = "acme"};
static struct sandbox_record record;
static struct err err;

/* Of the record as it is. */
static int
change(const struct rpc_sandbox_lifetime *lifetime)
{
	uint8_t buffer[128];
	ptrdiff_t n = rpc_encode(&rpc_layout_sandbox_lifetime, lifetime,
	    buffer, sizeof buffer);

	assert(n > 0);
	err = (struct err){0};
	return lifetimes_read(&settings, &capability,
	    (struct rpc_bytes){buffer, (uint32_t)n}, &record, &err);
}

static int
wish(uint64_t ttl_s, uint64_t hard_ttl_s)
{
	const struct rpc_sandbox_lifetime lifetime = {.ttl_s = ttl_s,
	    .hard_ttl_s = hard_ttl_s, .on_expiry = ""};

	record = (struct sandbox_record){0};
	return change(&lifetime);
}

/* A change of something else leaves what expiry does as it is. */
static void
test_expiry(void)
{
	const struct rpc_sandbox_lifetime idle = {.idle_timeout_s = 7,
	    .on_expiry = ""};
	const struct rpc_sandbox_lifetime clean = {.on_expiry = "clean"};
	const struct rpc_sandbox_lifetime wrong = {.on_expiry = "explode"};

	assert(wish(60, 0) == 0 && strcmp(record.on_expiry, "pause") == 0);
	strcpy(record.on_expiry, "destroy");
	assert(change(&idle) == 0 && record.idle_timeout_s == 7 &&
	    record.ttl_s == 60 && strcmp(record.on_expiry, "destroy") == 0);
	assert(change(&clean) == 0 && strcmp(record.on_expiry, "clean") == 0);
	assert(change(&wrong) == -EINVAL &&
	    strcmp(record.on_expiry, "clean") == 0);
}

int
main(void)
{
	test_expiry();
	assert(wish(0, 0) == 0 && record.ttl_s == 0);
	assert(wish(RPC_NEVER, RPC_NEVER) == 0 && record.ttl_s == 0);
	settings.ttl_max_s = 3600;
	settings.hard_ttl_max_s = 86400;
	assert(wish(0, 0) == 0 && record.ttl_s == 3600 &&
	    record.hard_ttl_s == 86400);
	assert(wish(3601, 0) == -EINVAL);
	assert(strcmp(err.text,
	    "ttl: 3601 s is more than ttl_max, 3600 s, of this host") == 0);
	/* An organisation's is asked for where it is the lower. */
	capability.quota.ttl_s = 7200;
	assert(wish(3600, 0) == 0 && wish(7200, 0) == -EINVAL);
	capability.quota.ttl_s = 600;
	capability.quota.hard_ttl_s = 900;
	assert(wish(0, 0) == 0 && record.ttl_s == 600 &&
	    record.hard_ttl_s == 900);
	assert(wish(RPC_NEVER, 0) == -EINVAL);
	assert(strcmp(err.text, "ttl: never is more than max_ttl, 600 s, of "
	    "organisation acme") == 0);
	assert(wish(0, 901) == -EINVAL);
	assert(strcmp(err.text, "hard_ttl: 901 s is more than max_hard_ttl, "
	    "900 s, of organisation acme") == 0);
	assert(wish(600, 900) == 0);
	assert(lifetimes_check(&settings, &capability, &record, 601,
	    &err) == -EINVAL);
	assert(lifetimes_check(&settings, &capability, &record, 600,
	    &err) == 0);
	/* The host's stands where an organisation has none. */
	settings.ttl_max_s = 0;
	capability.quota.ttl_s = 0;
	assert(wish(RPC_NEVER, 0) == 0 && record.ttl_s == 0);
	return 0;
}
