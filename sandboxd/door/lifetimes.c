// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/lifetimes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sandboxd/lifecycle/lifetime.h"

/* Ten years: what is longer is a mistake, and adds up to no time. */
#define SECONDS_MAX 315360000

/* `most` 0 = there is no maximum; then "never" may be wished too. */
static int
choose(const char *field, uint64_t wish_s, const char *setting,
    uint64_t most_s, uint64_t *seconds, struct err *err)
{
	if (wish_s == 0)
		wish_s = *seconds != 0 ? *seconds : most_s;
	if (wish_s == RPC_NEVER && most_s != 0)
		return err_set(err, EINVAL,
		    "%s: never is more than %s, %llu s", field, setting,
		    (unsigned long long)most_s);
	if (wish_s == RPC_NEVER)
		wish_s = 0;
	if (most_s == 0) {
		setting = "ten years";
		most_s = SECONDS_MAX;
	}
	if (wish_s > most_s)
		return err_set(err, EINVAL, "%s: %llu s is more than %s, %llu "
		    "s", field, (unsigned long long)wish_s, setting,
		    (unsigned long long)most_s);
	*seconds = wish_s;
	return 0;
}

static int
check_order(const char *field, uint64_t ttl_s, uint64_t hard_ttl_s,
    struct err *err)
{
	if (ttl_s != 0 && hard_ttl_s != 0 && ttl_s > hard_ttl_s)
		return err_set(err, EINVAL,
		    "%s: %llu s is more than its hard_ttl, %llu s", field,
		    (unsigned long long)ttl_s,
		    (unsigned long long)hard_ttl_s);
	return 0;
}

static int
choose_expiry(const char *wish, const struct sandbox_record *record,
    char on_expiry[sizeof record->on_expiry], struct err *err)
{
	const char *expiry = *wish != '\0' ? wish : on_expiry;

	if (*expiry == '\0')
		expiry = lifetime_expiry_name(LIFETIME_PAUSE);
	if (lifetime_expiry_parse(expiry) < 0)
		return err_set(err, EINVAL, "on_expiry: \"%s\" is not pause, "
		    "suspend, clean or destroy", expiry);
	snprintf(on_expiry, sizeof record->on_expiry, "%s", expiry);
	return 0;
}

static int
choose_all(const struct settings *settings,
    const struct rpc_sandbox_lifetime *wish, struct sandbox_record *record,
    struct err *err)
{
	uint64_t ttl_s = record->ttl_s, hard_ttl_s = record->hard_ttl_s;
	uint64_t idle_s = record->idle_timeout_s;
	char on_expiry[sizeof record->on_expiry];
	int r;

	snprintf(on_expiry, sizeof on_expiry, "%s", record->on_expiry);
	if ((r = choose("hard_ttl", wish->hard_ttl_s, "hard_ttl_max",
	    settings->hard_ttl_max_s, &hard_ttl_s, err)) < 0 ||
	    (r = choose("ttl", wish->ttl_s, "ttl_max", settings->ttl_max_s,
	    &ttl_s, err)) < 0 ||
	    (r = choose("idle_timeout", wish->idle_timeout_s, "", 0, &idle_s,
	    err)) < 0)
		return r;
	/* A ttl that nobody wished gives way. */
	if (wish->ttl_s == 0 && record->ttl_s == 0 && hard_ttl_s != 0 &&
	    ttl_s > hard_ttl_s)
		ttl_s = hard_ttl_s;
	if ((r = check_order("ttl", ttl_s, hard_ttl_s, err)) < 0 ||
	    (r = choose_expiry(wish->on_expiry, record, on_expiry, err)) < 0)
		return r;
	record->ttl_s = ttl_s;
	record->hard_ttl_s = hard_ttl_s;
	record->idle_timeout_s = idle_s;
	snprintf(record->on_expiry, sizeof record->on_expiry, "%s",
	    on_expiry);
	return 0;
}

int
lifetimes_read(const struct settings *settings, struct rpc_bytes bytes,
    struct sandbox_record *record, struct err *err)
{
	struct rpc_sandbox_lifetime wish = {.on_expiry = ""};

	if (bytes.size > 0 && rpc_decode(&rpc_layout_sandbox_lifetime,
	    bytes.data, bytes.size, &wish, NULL) < 0)
		return err_set(err, EINVAL, "lifetime: malformed");
	return choose_all(settings, &wish, record, err);
}

int
lifetimes_check(const struct settings *settings,
    const struct sandbox_record *record, uint64_t duration_s, struct err *err)
{
	uint64_t unused_s = record->ttl_s;
	int r = choose("duration", duration_s, "ttl_max", settings->ttl_max_s,
	    &unused_s, err);

	return r < 0 ? r : check_order("duration", unused_s,
	    record->hard_ttl_s, err);
}
