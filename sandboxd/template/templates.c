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
#include "sandboxd/template/pending.h"

int
templates_withdraw(struct daemon *daemon, struct template *template,
    const struct templates_asker *asker, struct err *err)
{
	struct templates_pending *pending = pending_new(asker, err);
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
	r = pending_check(daemon, kept->org, kept->name, err);
	if (r == 0)
		r = pending_begin(daemon, &job, pending, err);
	if (r < 0)
		pending_free(pending);
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
		pending = pending_take(daemon, job->layers[0]);
		if (pending == NULL)
			return;
		finish(daemon, pending, result);
		pending_free(pending);
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
	    TEMPLATE_KEPT_BYTES_MAX, &kept, &size, &err);

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
		pending_free(pending);
	}
	template_table_fini(&daemon->templates);
}
