// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/lifetimes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sandboxd/lifecycle/lifetime.h"

/* Ten years: what is longer is a mistake, and adds up to no time. */
#define SECONDS_MAX 315360000

/* The most that may be wished, and who says so. */
struct cap {
	uint64_t most_s; /* 0 = there is none; then "never" may be wished too */
	const char *name;
	const char *org; /* NULL = the host */
};

static struct cap
lower(uint64_t host_s, const char *host_name, uint64_t org_s,
    const char *org_name, const struct capability *capability)
{
	if (org_s != 0 && (host_s == 0 || org_s < host_s))
		return (struct cap){org_s, org_name, capability->org};
	return (struct cap){host_s, host_name, NULL};
}

static struct cap
cap_of_ttl(const struct settings *settings,
    const struct capability *capability)
{
	return lower(settings->ttl_max_s, "ttl_max", capability->quota.ttl_s,
	    "max_ttl", capability);
}

static struct cap
cap_of_hard_ttl(const struct settings *settings,
    const struct capability *capability)
{
	return lower(settings->hard_ttl_max_s, "hard_ttl_max",
	    capability->quota.hard_ttl_s, "max_hard_ttl", capability);
}

static int
refuse(const char *field, const char *wish, const struct cap *cap,
    struct err *err)
{
	return err_set(err, EINVAL, "%s: %s is more than %s, %llu s, of %s%s",
	    field, wish, cap->name, (unsigned long long)cap->most_s,
	    cap->org != NULL ? "organisation " : "this host",
	    cap->org != NULL ? cap->org : "");
}

static int
choose(const char *field, uint64_t wish_s, const struct cap *cap,
    uint64_t *seconds, struct err *err)
{
	static const struct cap endless = {SECONDS_MAX, "ten years", NULL};
	char wish[32];

	if (wish_s == 0)
		wish_s = *seconds != 0 ? *seconds : cap->most_s;
	if (wish_s == RPC_NEVER && cap->most_s != 0)
		return refuse(field, "never", cap, err);
	if (wish_s == RPC_NEVER)
		wish_s = 0;
	if (cap->most_s == 0)
		cap = &endless;
	snprintf(wish, sizeof wish, "%llu s", (unsigned long long)wish_s);
	if (wish_s > cap->most_s)
		return refuse(field, wish, cap, err);
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

/* What was chosen stays where nothing is wished. */
static int
choose_expiry(const char *wish, const struct sandbox_record *record,
    char on_expiry[sizeof record->on_expiry], struct err *err)
{
	if (*wish == '\0' && *on_expiry != '\0')
		return 0;
	if (*wish == '\0')
		wish = lifetime_expiry_name(LIFETIME_PAUSE);
	if (lifetime_expiry_parse(wish) < 0)
		return err_set(err, EINVAL, "on_expiry: \"%s\" is not pause, "
		    "suspend, clean or destroy", wish);
	snprintf(on_expiry, sizeof record->on_expiry, "%s", wish);
	return 0;
}

static int
choose_all(const struct cap *ttl, const struct cap *hard_ttl,
    const struct rpc_sandbox_lifetime *wish, struct sandbox_record *record,
    struct err *err)
{
	static const struct cap none = {0};
	uint64_t ttl_s = record->ttl_s, hard_ttl_s = record->hard_ttl_s;
	uint64_t idle_s = record->idle_timeout_s;
	char on_expiry[sizeof record->on_expiry];
	int r;

	snprintf(on_expiry, sizeof on_expiry, "%s", record->on_expiry);
	if ((r = choose("hard_ttl", wish->hard_ttl_s, hard_ttl, &hard_ttl_s,
	    err)) < 0 ||
	    (r = choose("ttl", wish->ttl_s, ttl, &ttl_s, err)) < 0 ||
	    (r = choose("idle_timeout", wish->idle_timeout_s, &none, &idle_s,
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
lifetimes_read(const struct settings *settings,
    const struct capability *capability, struct rpc_bytes bytes,
    struct sandbox_record *record, struct err *err)
{
	const struct cap ttl = cap_of_ttl(settings, capability);
	const struct cap hard_ttl = cap_of_hard_ttl(settings, capability);
	struct rpc_sandbox_lifetime wish = {.on_expiry = ""};

	if (bytes.size > 0 && rpc_decode(&rpc_layout_sandbox_lifetime,
	    bytes.data, bytes.size, &wish, NULL) < 0)
		return err_set(err, EINVAL, "lifetime: malformed");
	return choose_all(&ttl, &hard_ttl, &wish, record, err);
}

int
lifetimes_check(const struct settings *settings,
    const struct capability *capability, const struct sandbox_record *record,
    uint64_t duration_s, struct err *err)
{
	const struct cap cap = cap_of_ttl(settings, capability);
	uint64_t unused_s = record->ttl_s;
	int r = choose("duration", duration_s, &cap, &unused_s, err);

	return r < 0 ? r : check_order("duration", unused_s,
	    record->hard_ttl_s, err);
}
