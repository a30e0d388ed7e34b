// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/template/publication.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/fd.h"
#include "sandboxd/disk/layer.h"
#include "sandboxd/recipe/publish.h"
#include "sandboxd/template/base.h"
#include "sandboxd/template/pending.h"

/* One in three parts: what is kept, and the log after it. */
static void
fill_publication(struct job *job, const struct sandbox *sandbox,
    const struct templates_pending *pending, struct rpc_bytes log)
{
	job->kind = JOB_PUBLISH;
	snprintf(job->id, sizeof job->id, "%s", sandbox->record.id);
	snprintf(job->org, sizeof job->org, "%s", sandbox->record.org);
	snprintf(job->layers[0], sizeof job->layers[0], "%s", pending->id);
	job->n_layers = 1;
	template_label(pending->org, pending->name, job->label);
	memcpy(job->blob, pending->data, pending->size);
	if (log.size > 0)
		memcpy(job->blob + pending->size, log.data, log.size);
	job->kept_size = pending->size;
	job->blob_size = pending->size + log.size;
}

/* Its version: as a sandbox's id, with another beginning. */
static void
make_id(const struct template_table *table, char id[SANDBOX_ID_SIZE])
{
	do {
		sandbox_make_id(id);
		memcpy(id, "tv", 2);
	} while (template_find(table, id) != NULL);
}

static int
encode(struct templates_pending *pending, const struct rpc_template_kept *kept,
    struct err *err)
{
	ptrdiff_t n;

	pending->data = malloc(TEMPLATE_KEPT_BYTES_MAX);
	if (pending->data == NULL)
		return err_set(err, ENOMEM, "no memory");
	n = rpc_encode(&rpc_layout_template_kept, kept,
	    (uint8_t *)pending->data, TEMPLATE_KEPT_BYTES_MAX);
	if (n < 0)
		return err_set(err, (int)-n, "template: too large to keep");
	pending->size = (uint32_t)n;
	return 0;
}

/* What lies below it, and so what a sandbox of it lies on. */
static int
find_parent(const struct daemon *daemon, const struct sandbox_record *record,
    char version[BASE_VERSION_SIZE], struct err *err)
{
	const struct template *parent;

	version[0] = '\0';
	if (record->template_version[0] == '\0')
		return base_version(daemon->settings.paths.state_dir,
		    record->template_name, version, err);
	parent = template_find(&daemon->templates, record->template_version);
	if (parent == NULL)
		return err_set(err, ENOENT, "template: the version that %s "
		    "was made of is gone", record->id);
	if (template_depth(&daemon->templates, parent) >= TEMPLATE_LAYERS_MAX)
		return err_set(err, EINVAL, "template: %d layers lie below "
		    "%s, and more may not", TEMPLATE_LAYERS_MAX, record->id);
	return 0;
}

static int
fill_pending(const struct sandbox *sandbox, const char *owner,
    const struct rpc_template_publish_req *wish,
    struct templates_pending *pending, struct err *err)
{
	const struct sandbox_record *record = &sandbox->record;
	const struct daemon *daemon = sandbox->daemon;
	char version[BASE_VERSION_SIZE];
	const struct rpc_template_kept kept = {.id = pending->id,
	    .name = pending->name, .org = pending->org,
	    .parent_id = record->template_version,
	    .parent = record->template_name, .base_version = version,
	    .owner = owner, .created_ms = clock_unix_ms(),
	    .disk_bytes = record->disk_limit_bytes,
	    .settings = wish->settings};
	int r = find_parent(daemon, record, version, err);

	make_id(&daemon->templates, pending->id);
	snprintf(pending->parent_id, sizeof pending->parent_id, "%s",
	    record->template_version);
	return r < 0 ? r : encode(pending, &kept, err);
}

static unsigned
count_current(const struct template_table *table, const char *org)
{
	unsigned n = 0;

	for (size_t i = 0; i < table->n; i++)
		n += table->items[i]->is_current &&
		    strcmp(table->items[i]->kept.org, org) == 0;
	return n;
}

unsigned
publication_count(const struct daemon *daemon, const char *org)
{
	return count_current(&daemon->templates, org) +
	    pending_count(daemon, org);
}

static int
check_room(const struct daemon *daemon, const char *org, const char *name,
    struct err *err)
{
	const struct template_table *table = &daemon->templates;
	const uint64_t max = daemon->settings.max_org_templates;

	if (table->n + pending_count(daemon, NULL) >= table->max) {
		err_set(err, ENOSPC, "max_templates: this host keeps "
		    "%zu versions of templates, of all organisations; remove "
		    "one", table->max);
		return err_cause(err, "max_templates");
	}
	if (org[0] != '\0' && template_own(table, org, name) == NULL &&
	    publication_count(daemon, org) >= max) {
		err_set(err, EDQUOT, "max_org_templates: organisation "
		    "%s has %llu templates, which is all it may have; remove "
		    "one", org, (unsigned long long)max);
		return err_cause(err, "max_org_templates");
	}
	return 0;
}

static int
check_wish(const struct sandbox *sandbox, const char *org,
    const struct rpc_template_publish_req *wish, struct err *err)
{
	const struct daemon *daemon = sandbox->daemon;
	char path[TEMPLATE_PATH_SIZE];
	int r;

	if (!name_is_valid(wish->name))
		return err_set(err, EINVAL,
		    "name: not [a-z0-9][a-z0-9_.-]{0,62}");
	if (base_path(daemon->settings.paths.state_dir, wish->name, path,
	    NULL) == 0)
		return err_set(err, EEXIST, "name: %s is a base, which no "
		    "template replaces", wish->name);
	if (sandbox->record.state == SANDBOX_CREATING)
		return sandbox_refuse(sandbox, err);
	if ((r = layer_check(daemon->runtime.disks, err)) < 0 ||
	    (r = pending_check(daemon, org, wish->name, err)) < 0)
		return r;
	return check_room(daemon, org, wish->name, err);
}

static int
publish(struct sandbox *sandbox, const char *org, const char *owner,
    const struct rpc_template_publish_req *wish,
    struct templates_pending *pending, struct err *err)
{
	auto_free struct job *job = calloc(1, sizeof *job);
	int r = check_wish(sandbox, org, wish, err);

	if (r < 0)
		return r;
	if (job == NULL)
		return err_set(err, ENOMEM, "no memory");
	snprintf(pending->name, sizeof pending->name, "%s", wish->name);
	snprintf(pending->org, sizeof pending->org, "%s", org);
	r = fill_pending(sandbox, owner, wish, pending, err);
	if (r < 0)
		return r;
	fill_publication(job, sandbox, pending, wish->log);
	return pending_begin(sandbox->daemon, job, pending, err);
}

int
publication_start(struct sandbox *sandbox, const char *org, const char *owner,
    const struct rpc_template_publish_req *wish,
    const struct templates_asker *asker, struct err *err)
{
	struct templates_pending *pending = pending_new(asker, err);
	int r;

	if (pending == NULL)
		return -ENOMEM;
	r = publish(sandbox, org, owner, wish, pending, err);
	if (r < 0)
		pending_free(pending);
	return r;
}
