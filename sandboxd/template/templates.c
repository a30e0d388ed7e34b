// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/template/templates.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "sandboxd/disk/layer.h"
#include "sandboxd/lifecycle/snapshots.h"
#include "sandboxd/recipe/publish.h"
#include "sandboxd/template/base.h"

/* Of an encoded template_kept. */
#define KEPT_BYTES_MAX 68608

/* One that a worker is at. */
struct templates_pending {
	struct templates_pending *next;
	enum job_kind kind;
	char id[SANDBOX_ID_SIZE]; /* of the layer */
	char parent_id[SANDBOX_ID_SIZE];
	char name[NAME_SIZE], org[NAME_SIZE];
	char *data; /* owned: what is kept of one that is published */
	uint32_t size;
	struct templates_asker asker; /* answer NULL: nobody */
};

static void
free_pending(struct templates_pending *pending)
{
	if (pending->asker.release != NULL)
		pending->asker.release(pending->asker.owner);
	free(pending->data);
	free(pending);
}

static const struct templates_pending *
find_pending(const struct daemon *daemon, const char *org, const char *name)
{
	const struct templates_pending *p = daemon->templates_pending;

	while (p != NULL && (strcmp(p->org, org) != 0 ||
	    strcmp(p->name, name) != 0))
		p = p->next;
	return p;
}

static unsigned
count_pending(const struct daemon *daemon, const char *org)
{
	unsigned n = 0;

	for (const struct templates_pending *p = daemon->templates_pending;
	    p != NULL; p = p->next)
		n += org == NULL || (p->kind == JOB_PUBLISH &&
		    strcmp(p->org, org) == 0);
	return n;
}

static int
check_pending(const struct daemon *daemon, const char *org, const char *name,
    struct err *err)
{
	if (find_pending(daemon, org, name) != NULL)
		return err_set(err, EBUSY, "name: %s is being changed by "
		    "somebody else; try again", name);
	if (count_pending(daemon, NULL) >= TEMPLATES_PENDING_MAX)
		return err_set(err, EAGAIN, "templates: %d are being changed; "
		    "try again", TEMPLATES_PENDING_MAX);
	return 0;
}

/* Begins a job, and remembers it; takes over the rest where it succeeds. */
static int
begin(struct daemon *daemon, const struct job *job,
    struct templates_pending *pending, struct err *err)
{
	int r = worker_pool_submit(daemon->workers, job, err);

	if (r < 0)
		return r;
	pending->kind = job->kind;
	pending->next = daemon->templates_pending;
	daemon->templates_pending = pending;
	return 0;
}

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

	pending->data = malloc(KEPT_BYTES_MAX);
	if (pending->data == NULL)
		return err_set(err, ENOMEM, "no memory");
	n = rpc_encode(&rpc_layout_template_kept, kept,
	    (uint8_t *)pending->data, KEPT_BYTES_MAX);
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

static int
check_room(const struct daemon *daemon, const char *org, const char *name,
    struct err *err)
{
	const struct template_table *table = &daemon->templates;
	const uint64_t max = daemon->settings.max_org_templates;

	if (table->n + count_pending(daemon, NULL) >= table->max)
		return err_set(err, ENOSPC, "max_templates: this host keeps "
		    "%zu versions of templates, of all organisations; remove "
		    "one", table->max);
	if (org[0] != '\0' && template_own(table, org, name) == NULL &&
	    count_current(table, org) + count_pending(daemon, org) >= max)
		return err_set(err, EDQUOT, "max_org_templates: organisation "
		    "%s has %llu templates, which is all it may have; remove "
		    "one", org, (unsigned long long)max);
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
		return err_set(err, EBUSY, "%s is creating",
		    sandbox->record.id);
	if ((r = layer_check(daemon->runtime.disks, err)) < 0 ||
	    (r = check_pending(daemon, org, wish->name, err)) < 0)
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
	return begin(sandbox->daemon, job, pending, err);
}

/* The asker of it is released with it, whatever comes. */
static struct templates_pending *
new_pending(const struct templates_asker *asker, struct err *err)
{
	struct templates_pending *pending = calloc(1, sizeof *pending);

	if (pending != NULL && asker != NULL)
		pending->asker = *asker;
	if (pending == NULL && asker != NULL)
		asker->release(asker->owner);
	if (pending == NULL)
		(void)err_set(err, ENOMEM, "no memory");
	return pending;
}

int
templates_publish(struct sandbox *sandbox, const char *org, const char *owner,
    const struct rpc_template_publish_req *wish,
    const struct templates_asker *asker, struct err *err)
{
	struct templates_pending *pending = new_pending(asker, err);
	int r;

	if (pending == NULL)
		return -ENOMEM;
	r = publish(sandbox, org, owner, wish, pending, err);
	if (r < 0)
		free_pending(pending);
	return r;
}

int
templates_withdraw(struct daemon *daemon, struct template *template,
    const struct templates_asker *asker, struct err *err)
{
	struct templates_pending *pending = new_pending(asker, err);
	const struct rpc_template_kept *kept = &template->kept;
	struct job job = {.kind = JOB_WITHDRAW, .n_layers = 1};
	int r;

	if (pending == NULL)
		return -ENOMEM;
	snprintf(pending->id, sizeof pending->id, "%s", kept->id);
	snprintf(pending->name, sizeof pending->name, "%s", kept->name);
	snprintf(pending->org, sizeof pending->org, "%s", kept->org);
	snprintf(job.layers[0], sizeof job.layers[0], "%s", kept->id);
	snprintf(job.org, sizeof job.org, "%s", kept->org);
	template_label(kept->org, kept->name, job.label);
	r = check_pending(daemon, kept->org, kept->name, err);
	if (r == 0)
		r = begin(daemon, &job, pending, err);
	if (r < 0)
		free_pending(pending);
	return r;
}

void
templates_withdraw_all(struct daemon *daemon, const char *org)
{
	for (size_t i = 0; i < daemon->templates.n; i++) {
		struct template *template = daemon->templates.items[i];
		struct err err = {0};

		if (template->is_current &&
		    strcmp(template->kept.org, org) == 0 &&
		    templates_withdraw(daemon, template, NULL, &err) < 0)
			log_error("template stays name=%s org=%s: %s",
			    template->kept.name, org, err.text);
	}
}

static struct templates_pending *
take_pending(struct daemon *daemon, const char *id)
{
	struct templates_pending **p = &daemon->templates_pending, *found;

	while (*p != NULL && strcmp((*p)->id, id) != 0)
		p = &(*p)->next;
	found = *p;
	if (found != NULL)
		*p = found->next;
	return found;
}

/* What its name leads to from now on; NULL: nothing. */
static void
make_current(struct daemon *daemon, const struct templates_pending *pending,
    struct template *template)
{
	struct template *before = template_own(&daemon->templates,
	    pending->org, pending->name);

	if (before != NULL)
		before->is_current = false;
	if (template != NULL)
		template->is_current = true;
	log_info("template %s name=%s org=%s version=%s",
	    template != NULL ? "published" : "withdrawn", pending->name,
	    pending->org, pending->id);
}

static int
published(struct daemon *daemon, struct templates_pending *pending,
    struct template **ret, struct err *err)
{
	int r = template_add(&daemon->templates, pending->data, pending->size,
	    ret, err);

	if (r < 0)
		return r;
	pending->data = NULL;
	make_current(daemon, pending, *ret);
	return 0;
}

static void
finish(struct daemon *daemon, struct templates_pending *pending,
    const struct job_result *result)
{
	struct err err = result->err;
	struct template *template = NULL;

	if (err.code == 0 && pending->kind == JOB_WITHDRAW)
		make_current(daemon, pending, NULL);
	else if (err.code == 0)
		(void)published(daemon, pending, &template, &err);
	if (err.code != 0)
		log_error("template not changed name=%s org=%s: %s",
		    pending->name, pending->org, err.text);
	if (pending->asker.answer != NULL)
		pending->asker.answer(pending->asker.owner,
		    pending->asker.request_id, template,
		    err.code != 0 ? &err : NULL);
}

static void
dropped(struct daemon *daemon, const char *id, const struct err *err)
{
	struct template *template = template_find(&daemon->templates, id);

	if (err->code != 0)
		log_error("template's layer stays until the next start "
		    "version=%s: %s", id, err->text);
	else
		log_info("template's layer deleted version=%s", id);
	if (template != NULL)
		template_remove(&daemon->templates, template);
}

void
templates_job_done(struct daemon *daemon, const struct job *job,
    const struct job_result *result)
{
	struct templates_pending *pending;

	if (job->kind == JOB_DROP_LAYER) {
		dropped(daemon, job->layers[0], &result->err);
	} else {
		pending = take_pending(daemon, job->layers[0]);
		if (pending == NULL)
			return;
		finish(daemon, pending, result);
		free_pending(pending);
	}
	templates_collect(daemon);
}

uint32_t
templates_count_sandboxes(const struct daemon *daemon,
    const struct template *template, const char *org)
{
	uint32_t n = 0;

	for (size_t i = 0; i < daemon->sandboxes.n; i++) {
		const struct sandbox_record *record =
		    &daemon->sandboxes.sorted[i]->record;

		n += strcmp(record->template_version, template->kept.id) == 0 &&
		    (org == NULL || strcmp(record->org, org) == 0);
	}
	return n;
}

static bool
is_used(const struct daemon *daemon, const struct template *template)
{
	const char *id = template->kept.id;

	for (const struct templates_pending *p = daemon->templates_pending;
	    p != NULL; p = p->next)
		if (strcmp(p->parent_id, id) == 0 || strcmp(p->id, id) == 0)
			return true;
	for (const struct snapshot *s = daemon->snapshots; s != NULL;
	    s = s->next)
		if (strcmp(s->record.template_version, id) == 0)
			return true;
	return template->is_current ||
	    template_has_children(&daemon->templates, template) ||
	    templates_count_sandboxes(daemon, template, NULL) > 0;
}

static int
drop_layer(struct daemon *daemon, const char *id, struct err *err)
{
	struct job job = {.kind = JOB_DROP_LAYER, .n_layers = 1};

	snprintf(job.layers[0], sizeof job.layers[0], "%s", id);
	return worker_pool_submit(daemon->workers, &job, err);
}

void
templates_collect(struct daemon *daemon)
{
	if (daemon->is_ending)
		return;
	for (size_t i = 0; i < daemon->templates.n; i++) {
		struct template *template = daemon->templates.items[i];
		struct err err = {0};

		if (template->is_going || is_used(daemon, template))
			continue;
		if (drop_layer(daemon, template->kept.id, &err) < 0)
			log_error("template's layer stays version=%s: %s",
			    template->kept.id, err.text);
		else
			template->is_going = true;
	}
}

uint64_t
templates_disk_bytes(const struct daemon *daemon, const char *org)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < daemon->templates.n; i++)
		if (strcmp(daemon->templates.items[i]->kept.org, org) == 0)
			bytes += daemon->templates.items[i]->kept.disk_bytes;
	return bytes;
}

int
templates_fill_job(const struct daemon *daemon,
    const struct sandbox_record *record, struct job *job, struct err *err)
{
	const struct template *template = template_find(&daemon->templates,
	    record->template_version);

	job->n_layers = 0;
	if (record->template_version[0] == '\0')
		return 0;
	while (template != NULL && job->n_layers < TEMPLATE_LAYERS_MAX) {
		const struct rpc_template_kept *kept = &template->kept;

		snprintf(job->layers[job->n_layers++],
		    sizeof job->layers[0], "%s", kept->id);
		if (kept->parent_id[0] == '\0') {
			snprintf(job->template_name, sizeof job->template_name,
			    "%s", kept->parent);
			snprintf(job->base_version, sizeof job->base_version,
			    "%s", kept->base_version);
			return 0;
		}
		template = template_parent(&daemon->templates, template);
	}
	return err_set(err, ENOENT, "template: the version of %s that it was "
	    "made of is gone", record->template_name);
}

struct loading {
	struct daemon *daemon;
	struct err first;
};

/* One that no record came with, as its making was cut short, or that cannot be
 * read: the first is deleted, the second left to be looked at. */
static void
load_one(const char *id, void *data)
{
	struct loading *loading = data;
	struct daemon *daemon = loading->daemon;
	struct template *template;
	auto_free char *kept = NULL;
	struct err err = {0};
	size_t size;
	int r = layer_read(daemon->runtime.disks, id, PUBLISH_KEPT,
	    KEPT_BYTES_MAX, &kept, &size, &err);

	if (r == -ENOENT)
		r = drop_layer(daemon, id, &err);
	else if (r == 0)
		r = template_add(&daemon->templates, kept, size, &template,
		    &err);
	if (r == 0 && kept != NULL)
		kept = NULL; /* the template's now */
	if (r < 0)
		log_error("layer %s: %s", id, err.text);
	if (r == -ENOMEM && loading->first.code == 0)
		loading->first = err;
}

static void
find_current(const struct daemon *daemon, struct template *template)
{
	char label[TEMPLATE_LABEL_SIZE], id[SANDBOX_ID_SIZE];

	template_label(template->kept.org, template->kept.name, label);
	template->is_current = layer_get_label(daemon->runtime.disks, label,
	    id, sizeof id, NULL) == 0 && strcmp(id, template->kept.id) == 0;
}

int
templates_load(struct daemon *daemon, struct err *err)
{
	struct loading loading = {.daemon = daemon};
	int r = template_table_init(&daemon->templates,
	    daemon->settings.max_templates, err);

	if (r < 0)
		return r;
	r = layer_list(daemon->runtime.disks, load_one, &loading, err);
	if (r == 0 && loading.first.code != 0)
		r = err_set(err, loading.first.code, "%s", loading.first.text);
	for (size_t i = 0; i < daemon->templates.n; i++)
		find_current(daemon, daemon->templates.items[i]);
	return r;
}

void
templates_free(struct daemon *daemon)
{
	struct templates_pending *pending;

	while ((pending = daemon->templates_pending) != NULL) {
		daemon->templates_pending = pending->next;
		free_pending(pending);
	}
	template_table_fini(&daemon->templates);
}
