// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/creation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/parse.h"
#include "sandboxd/door/creates.h"
#include "sandboxd/door/egress.h"
#include "sandboxd/door/kept_disks.h"
#include "sandboxd/door/lifetimes.h"
#include "sandboxd/door/limits.h"
#include "sandboxd/door/snapshots.h"
#include "sandboxd/lifecycle/admission.h"
#include "sandboxd/lifecycle/kept_disks.h"
#include "sandboxd/lifecycle/org_disk.h"
#include "sandboxd/template/base.h"
#include "sandboxd/template/base_terms.h"
#include "sandboxd/template/templates.h"

/* As rpc.def has it, of init_setup. */
#define ENV_BYTES_MAX 65536

static int
choose_limits(const struct daemon *daemon,
    const struct rpc_template_settings *of_template,
    const struct rpc_sandbox_create_req *request, struct sandbox_record *ret,
    struct err *err)
{
	const struct limits_wish wish = {.size = request->size,
	    .memory_bytes = request->memory_limit_bytes,
	    .pids = request->pids_limit,
	    .cpu_millis = request->cpu_limit_millis,
	    .disk_bytes = request->disk_limit_bytes};
	const struct limits_wish otherwise = {.size = "",
	    .memory_bytes = of_template->memory_limit_bytes,
	    .pids = of_template->pids_limit,
	    .cpu_millis = of_template->cpu_limit_millis,
	    .disk_bytes = of_template->disk_limit_bytes};

	return limits_choose(&daemon->settings, &daemon->runtime.ceilings,
	    &wish, &otherwise, NULL, ret, err);
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

/* One more of its organisation's creates: the last thing that is asked. */
static int
count(const struct peer *peer, struct err *err)
{
	const struct capability *capability = &peer->capability;

	return creates_take(&peer->daemon->creates, capability->org,
	    capability->quota.creates_per_minute, clock_monotonic_ms(), err);
}

/* Whether there is room for it, its organisation's first; `but` is a snapshot
 * that is not counted, or NULL. */
static int
admit(const struct peer *peer, const struct sandbox_record *record,
    const struct snapshot *but, struct err *err)
{
	const struct daemon *daemon = peer->daemon;
	uint64_t of_disks;
	int r = kept_disks_check(daemon, record, &of_disks, err);

	if (r == 0)
		r = quota_check(&peer->capability.quota, &daemon->sandboxes,
		    record, org_disk_beside(daemon, record->org) -
		    (but != NULL ? but->record.bytes : 0), of_disks, err);
	return r < 0 ? r : admission_check(peer->daemon, "",
	    record->memory_limit_bytes, record->disk_limit_bytes, err);
}

/* What is the maker's of a record, whatever it is made from. */
static int
set_owner(const struct peer *peer, bool is_private,
    const struct snapshot *but, struct sandbox_record *ret, struct err *err)
{
	const struct capability *capability = &peer->capability;

	snprintf(ret->org, sizeof ret->org, "%s", capability->org);
	snprintf(ret->owner, sizeof ret->owner, "%s", capability->owner);
	ret->owner_id = capability->owner_id;
	ret->is_private = is_private;
	ret->created_ms = clock_unix_ms();
	if (ret->is_private && ret->owner_id == 0)
		return err_set(err, EINVAL,
		    "private: a sandbox without an owner cannot be");
	return admit(peer, ret, but, err);
}

/* A template by its name or a version's id, or a snapshot's by its name or id
 * behind "@": whose version that is, too. */
static int
choose_origin(const struct peer *peer, const char *wanted,
    struct sandbox_record *ret, struct sandbox_source *ret_source,
    struct err *err)
{
	const struct snapshot *snapshot;
	const struct template *template;

	if (wanted[0] != '@') {
		snprintf(ret->template_name, sizeof ret->template_name,
		    "%.63s", wanted[0] != '\0' ? wanted :
		    peer->daemon->settings.default_template);
		template = template_named(&peer->daemon->templates,
		    peer->capability.org, ret->template_name);
		if (template == NULL)
			return 0;
		snprintf(ret->template_name, sizeof ret->template_name, "%s",
		    template->kept.name);
		snprintf(ret->template_version, sizeof ret->template_version,
		    "%s", template->kept.id);
		return 0;
	}
	if ((snapshot = snapshots_seen(peer, wanted + 1, err)) == NULL)
		return err_wrap(err, "snapshot");
	memcpy(ret->template_name, snapshot->record.template_name,
	    sizeof ret->template_name);
	memcpy(ret->template_version, snapshot->record.template_version,
	    sizeof ret->template_version);
	memcpy(ret->forked_from, snapshot->record.id,
	    sizeof ret->forked_from);
	memcpy(ret_source->id, snapshot->record.id, sizeof ret_source->id);
	ret_source->limit_bytes = snapshot->record.disk_limit_bytes;
	return 0;
}

/* Without a wish, and at the least, as large as what it is a copy of. */
static int
choose_disk(uint64_t wanted_bytes, const struct sandbox_source *source,
    struct sandbox_record *ret, struct err *err)
{
	if (wanted_bytes == 0 && source->id[0] != '\0')
		ret->disk_limit_bytes = source->limit_bytes;
	if (ret->disk_limit_bytes < source->limit_bytes)
		return err_set(err, EINVAL, "disk_limit_bytes: %llu is less "
		    "than the %llu of the snapshot",
		    (unsigned long long)wanted_bytes,
		    (unsigned long long)source->limit_bytes);
	return 0;
}

static int
check_name(const char *name, struct err *err)
{
	if (name[0] != '\0' && !name_is_valid(name))
		return err_set(err, EINVAL,
		    "name: not [a-z0-9][a-z0-9_.-]{0,62}");
	return 0;
}

/* The template's, and then the request's: the last of a name counts. */
static int
join_env(struct rpc_strv first, struct rpc_strv last,
    struct sandbox_record *ret, struct err *err)
{
	const uint32_t size = first.size + last.size;

	if (size > ENV_BYTES_MAX)
		return err_set(err, EINVAL, "env: %u bytes with the "
		    "template's, and at most %d may be", size, ENV_BYTES_MAX);
	if (size == 0)
		return 0;
	if ((ret->env = malloc(size)) == NULL)
		return err_set(err, ENOMEM, "no memory");
	if (first.size > 0)
		memcpy(ret->env, first.data, first.size);
	if (last.size > 0)
		memcpy(ret->env + first.size, last.data, last.size);
	ret->env_size = size;
	return 0;
}

/* What its template says; ret_env is what of it is to be freed. */
static int
read_template(const struct daemon *daemon, const struct sandbox_record *record,
    struct rpc_template_settings *ret, char **ret_env, struct err *err)
{
	const struct template *template;
	char path[TEMPLATE_PATH_SIZE];

	*ret = (struct rpc_template_settings){0};
	if (record->template_version[0] == '\0')
		return base_path(daemon->settings.paths.state_dir,
		    record->template_name, path, err);
	template = template_find(&daemon->templates, record->template_version);
	if (template == NULL)
		return err_set(err, ENOENT, "template: the version of %s that "
		    "it was made of is gone", record->template_name);
	return template_settings(&daemon->templates, template, ret, ret_env,
	    err);
}

/* Its time: what the template says, and over it what the request does. */
static int
choose_times(const struct peer *peer, struct rpc_bytes of_template,
    struct rpc_bytes wish, struct sandbox_record *ret, struct err *err)
{
	const struct settings *settings = &peer->daemon->settings;
	int r = 0;

	if (of_template.size > 0)
		r = lifetimes_read(settings, &peer->capability, of_template,
		    ret, err);
	return r < 0 ? r : lifetimes_read(settings, &peer->capability, wish,
	    ret, err);
}

/* By its maker's wish or its template's, under the operator's word. */
static int
choose_nesting(const struct settings *settings, bool is_asked,
    struct sandbox_record *ret, struct err *err)
{
	struct base_terms terms = {.is_nesting = false};
	int r = ret->template_version[0] != '\0' ? 0 :
	    base_terms_read(settings->paths.state_dir, ret->template_name,
	    &terms, err);

	if (r < 0)
		return r;
	ret->is_nesting = is_asked || terms.is_nesting;
	if (ret->is_nesting && !settings->allow_nesting)
		return err_set(err, EPERM, "nesting: %s%s%sthe operator does "
		    "not allow it (allow_nesting of [sandboxd] is no)",
		    is_asked ? "" : "asked for by template ",
		    is_asked ? "" : ret->template_name, is_asked ? "" : ", ");
	return 0;
}

int
creation_read(const struct peer *peer,
    const struct rpc_sandbox_create_req *request, struct sandbox_record *ret,
    struct sandbox_source *ret_source, struct err *err)
{
	struct rpc_template_settings template;
	auto_free char *template_env = NULL;
	struct rpc_bytes egress = {0};
	auto_free uint8_t *room = NULL;
	int r;

	snprintf(ret->disks, sizeof ret->disks, "%s", request->disks);
	if ((r = check_name(request->name, err)) < 0 ||
	    (r = check_env(request->env, err)) < 0 ||
	    (r = kept_disks_permit(peer, request->disks, err)) < 0 ||
	    (r = check_egress(peer->daemon, request->egress, err)) < 0 ||
	    (r = choose_origin(peer, request->template_name, ret, ret_source,
	    err)) < 0 ||
	    (r = read_template(peer->daemon, ret, &template, &template_env,
	    err)) < 0 ||
	    (r = choose_limits(peer->daemon, &template, request, ret,
	    err)) < 0 ||
	    (r = choose_disk(request->disk_limit_bytes, ret_source, ret,
	    err)) < 0 ||
	    (r = choose_times(peer, template.lifetime, request->lifetime, ret,
	    err)) < 0 ||
	    (r = choose_nesting(&peer->daemon->settings,
	    request->is_nesting != 0, ret, err)) < 0 ||
	    (r = set_owner(peer, request->is_private != 0, NULL, ret,
	    err)) < 0)
		return r;
	if ((r = policy_merge(request->egress, template.egress, &egress,
	    err)) < 0)
		return r;
	room = (uint8_t *)(uintptr_t)egress.data;
	snprintf(ret->name, sizeof ret->name, "%s", request->name);
	snprintf(ret->metadata, sizeof ret->metadata, "%s",
	    request->metadata);
	snprintf(ret->request_key, sizeof ret->request_key, "%s",
	    request->request_key);
	snprintf(ret->request_body, sizeof ret->request_body, "%s",
	    request->request_body);
	ret->is_ephemeral = request->is_ephemeral != 0;
	ret->auto_resume = request->is_resumed_by_hand == 0;
	if ((r = join_env(template.env, request->env, ret, err)) < 0 ||
	    (r = copy_blob(egress.data, egress.size, &ret->egress,
	    &ret->egress_size, err)) < 0)
		return r;
	return count(peer, err);
}

/* What a fork has of its source: what was wished for it, and nothing of what
 * has become of it. */
static void
inherit(const struct sandbox_record *from, struct sandbox_record *ret)
{
	kept_disks_inherit(from, ret);
	ret->memory_limit_bytes = from->memory_limit_bytes;
	ret->pids_limit = from->pids_limit;
	ret->cpu_limit_millis = from->cpu_limit_millis;
	ret->disk_limit_bytes = from->disk_limit_bytes;
	ret->is_ephemeral = from->is_ephemeral;
	ret->is_nesting = from->is_nesting;
	ret->auto_resume = from->auto_resume;
	ret->ttl_s = from->ttl_s;
	ret->hard_ttl_s = from->hard_ttl_s;
	ret->idle_timeout_s = from->idle_timeout_s;
	memcpy(ret->on_expiry, from->on_expiry, sizeof ret->on_expiry);
	memcpy(ret->template_name, from->template_name,
	    sizeof ret->template_name);
	memcpy(ret->metadata, from->metadata, sizeof ret->metadata);
	memcpy(ret->template_version, from->template_version,
	    sizeof ret->template_version);
	memcpy(ret->forked_from, from->id, sizeof ret->forked_from);
}

/* The disk as it is, or a snapshot of it, which is no more than that for as
 * long as forks are made of it: so it does not count beside them. */
static int
choose_source(const struct peer *peer, const struct sandbox_record *from,
    const char *wanted, const struct snapshot **ret_snapshot,
    struct sandbox_source *ret, struct err *err)
{
	const struct snapshot *snapshot;

	*ret_snapshot = NULL;
	memcpy(ret->id, from->id, sizeof ret->id);
	ret->limit_bytes = from->disk_limit_bytes;
	if (wanted[0] == '\0')
		return 0;
	snapshot = snapshots_seen(peer, wanted, err);
	if (snapshot == NULL)
		return -ENOENT;
	if (strcmp(snapshot->record.sandbox, from->id) != 0 ||
	    strcmp(snapshot->record.template_version,
	    from->template_version) != 0 ||
	    snapshot->record.disk_limit_bytes > from->disk_limit_bytes)
		return err_set(err, EINVAL, "snapshot: not of %s", from->id);
	memcpy(ret->id, snapshot->record.id, sizeof ret->id);
	ret->limit_bytes = snapshot->record.disk_limit_bytes;
	*ret_snapshot = snapshot;
	return 0;
}

static int
check_source(const struct sandbox *source, struct err *err)
{
	const struct sandbox_record *from = &source->record;

	if (source->resize.is_applying)
		return sandbox_refuse(source, err);
	if (from->state == SANDBOX_CREATING ||
	    from->state == SANDBOX_SETTING_UP)
		return sandbox_refuse(source, err);
	return 0;
}

int
creation_fork(const struct peer *peer, const struct sandbox *source,
    const struct rpc_sandbox_fork_req *request, struct sandbox_record *ret,
    struct sandbox_source *ret_source, struct err *err)
{
	const struct sandbox_record *from = &source->record;
	const struct snapshot *snapshot;
	int r = check_source(source, err);

	if (r < 0)
		return r;
	inherit(from, ret);
	if ((r = disk_check_copies(peer->daemon->runtime.disks, err)) < 0 ||
	    (r = check_name(request->name, err)) < 0 ||
	    (r = choose_source(peer, from, request->snapshot, &snapshot,
	    ret_source, err)) < 0 ||
	    (r = set_owner(peer, from->is_private, snapshot, ret, err)) < 0)
		return r;
	snprintf(ret->name, sizeof ret->name, "%s", request->name);
	snprintf(ret->request_key, sizeof ret->request_key, "%s",
	    request->request_key);
	snprintf(ret->request_body, sizeof ret->request_body, "%s",
	    request->request_body);
	if ((r = copy_blob(from->env, from->env_size, &ret->env,
	    &ret->env_size, err)) < 0 ||
	    (r = copy_blob(from->egress, from->egress_size, &ret->egress,
	    &ret->egress_size, err)) < 0)
		return r;
	return count(peer, err);
}
