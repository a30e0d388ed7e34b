// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/creation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/parse.h"
#include "sandboxd/door/egress.h"
#include "sandboxd/door/lifetimes.h"
#include "sandboxd/recipe/template.h"

/*
 * A limit of 0 is the default, or what this host can give where that is less;
 * one outside its bounds is refused by name, and with whose bound it is.
 */
static int
choose_limit(const char *field, uint64_t asked, uint64_t initial, uint64_t min,
    struct ceiling max, uint64_t *ret, struct err *err)
{
	if (asked == 0)
		asked = initial < max.value ? initial : max.value;
	if (asked < min || asked > max.value)
		return err_set(err, EINVAL,
		    "%s: %llu is not from %llu to %llu, the most that %s one "
		    "sandbox", field, (unsigned long long)asked,
		    (unsigned long long)min, (unsigned long long)max.value,
		    max.is_host ? "this host can give" :
		    "its configuration allows");
	*ret = asked;
	return 0;
}

static int
choose_limits(const struct settings *s, const struct ceilings *ceilings,
    const struct rpc_sandbox_create_req *request, struct sandbox_record *ret,
    struct err *err)
{
	uint64_t pids = 0, cpu = 0;
	int r;

	if ((r = choose_limit("memory_limit_bytes",
	    request->memory_limit_bytes, s->memory_limit_bytes, 32 << 20,
	    ceilings->memory_bytes, &ret->memory_limit_bytes, err)) < 0 ||
	    (r = choose_limit("pids_limit", request->pids_limit,
	    s->pids_limit, 16, ceilings->pids, &pids, err)) < 0 ||
	    (r = choose_limit("cpu_limit_millis", request->cpu_limit_millis,
	    s->cpu_limit_millis, 10, ceilings->cpu_millis, &cpu,
	    err)) < 0 ||
	    (r = choose_limit("disk_limit_bytes", request->disk_limit_bytes,
	    s->disk_limit_bytes, 16 << 20, ceilings->disk_bytes,
	    &ret->disk_limit_bytes, err)) < 0)
		return r;
	ret->pids_limit = (uint32_t)pids;
	ret->cpu_limit_millis = (uint32_t)cpu;
	return 0;
}

static int
check_env(struct rpc_strv env, struct err *err)
{
	const char *entry;

	while ((entry = rpc_strv_next(&env)) != NULL)
		if (strchr(entry, '=') == NULL || entry[0] == '=')
			return err_set(err, EINVAL,
			    "env: an entry is not NAME=value");
	return 0;
}

/* Here the policy is a member of the request. */
static int
check_egress(const struct daemon *daemon, struct rpc_bytes list,
    struct err *err)
{
	struct err inner = {0};

	if (egress_list_check(daemon, list, &inner) == 0)
		return 0;
	return err_set(err, inner.code, "egress.%.200s", inner.text);
}

static int
copy_blob(const void *data, uint32_t size, char **ret, uint32_t *ret_size,
    struct err *err)
{
	if (size == 0)
		return 0;
	if ((*ret = malloc(size)) == NULL)
		return err_set(err, ENOMEM, "no memory");
	memcpy(*ret, data, size);
	*ret_size = size;
	return 0;
}

int
creation_read(const struct peer *peer,
    const struct rpc_sandbox_create_req *request, struct sandbox_record *ret,
    struct err *err)
{
	const struct settings *settings = &peer->daemon->settings;
	char path[TEMPLATE_PATH_SIZE];
	int r;

	if (request->name[0] != '\0' && !name_is_valid(request->name))
		return err_set(err, EINVAL,
		    "name: not [a-z0-9][a-z0-9_.-]{0,62}");
	if ((r = check_env(request->env, err)) < 0 ||
	    (r = check_egress(peer->daemon, request->egress, err)) < 0 ||
	    (r = choose_limits(settings, &peer->daemon->runtime.ceilings,
	    request, ret, err)) < 0 ||
	    (r = lifetimes_read(settings, request->lifetime, ret, err)) < 0)
		return r;
	snprintf(ret->org, sizeof ret->org, "%s", peer->capability.org);
	snprintf(ret->owner, sizeof ret->owner, "%s", peer->capability.owner);
	ret->owner_id = peer->capability.owner_id;
	ret->is_private = request->is_private != 0;
	if (ret->is_private && ret->owner_id == 0)
		return err_set(err, EINVAL,
		    "private: a sandbox without an owner cannot be");
	r = quota_check(&peer->capability.quota, &peer->daemon->sandboxes,
	    ret, err);
	if (r < 0)
		return r;
	snprintf(ret->name, sizeof ret->name, "%s", request->name);
	snprintf(ret->template_name, sizeof ret->template_name, "%.63s",
	    request->template_name[0] != '\0' ? request->template_name :
	    settings->default_template);
	if ((r = template_path(settings->paths.state_dir, ret->template_name,
	    path, err)) < 0)
		return r;
	ret->created_ms = clock_unix_ms();
	ret->is_ephemeral = request->is_ephemeral != 0;
	ret->auto_resume = request->is_resumed_by_hand == 0;
	if ((r = copy_blob(request->env.data, request->env.size, &ret->env,
	    &ret->env_size, err)) < 0)
		return r;
	return copy_blob(request->egress.data, request->egress.size,
	    &ret->egress, &ret->egress_size, err);
}
