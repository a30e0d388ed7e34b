// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/template/template.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"

int
template_table_init(struct template_table *table, size_t max, struct err *err)
{
	*table = (struct template_table){.max = max,
	    .items = calloc(max, sizeof(struct template *))};
	return table->items != NULL ? 0 :
	    err_set(err, ENOMEM, "table of %zu templates", max);
}

static void
free_template(struct template *template)
{
	free(template->data);
	free(template);
}

void
template_table_fini(struct template_table *table)
{
	for (size_t i = 0; i < table->n; i++)
		free_template(table->items[i]);
	free(table->items);
	*table = (struct template_table){0};
}

static int
compare(const struct template *a, const struct template *b)
{
	int order = strcmp(a->kept.name, b->kept.name);

	if (order == 0)
		order = strcmp(a->kept.org, b->kept.org);
	if (order != 0)
		return order;
	return a->kept.created_ms < b->kept.created_ms ? -1 : 1;
}

static int
decode(struct template *template, const char *data, size_t size)
{
	int r = rpc_decode(&rpc_layout_template_kept, (const uint8_t *)data,
	    size, &template->kept, NULL);

	return r < 0 ? r : rpc_decode_kept(&rpc_layout_template_settings,
	    template->kept.settings.data, template->kept.settings.size,
	    &template->settings);
}

static void
insert(struct template_table *table, struct template *template)
{
	size_t i = table->n++;

	for (; i > 0 && compare(template, table->items[i - 1]) < 0; i--)
		table->items[i] = table->items[i - 1];
	table->items[i] = template;
}

int
template_add(struct template_table *table, char *data, size_t size,
    struct template **ret, struct err *err)
{
	struct template *template;
	int r;

	if (table->n == table->max)
		return err_set(err, ENOSPC, "max_templates: %zu are kept, and "
		    "more may not be; remove one", table->max);
	template = calloc(1, sizeof *template);
	if (template == NULL)
		return err_set(err, ENOMEM, "no memory");
	r = decode(template, data, size);
	if (r < 0) {
		free(template);
		return err_set(err, -r, "not the record of a template");
	}
	template->data = data;
	insert(table, template);
	*ret = template;
	return 0;
}

void
template_remove(struct template_table *table, struct template *template)
{
	size_t i = 0;

	while (table->items[i] != template)
		i++;
	memmove(&table->items[i], &table->items[i + 1],
	    (table->n - i - 1) * sizeof(struct template *));
	table->n--;
	free_template(template);
}

struct template *
template_find(const struct template_table *table, const char *id)
{
	for (size_t i = 0; i < table->n; i++)
		if (strcmp(table->items[i]->kept.id, id) == 0)
			return table->items[i];
	return NULL;
}

struct template *
template_own(const struct template_table *table, const char *org,
    const char *name)
{
	for (size_t i = 0; i < table->n; i++) {
		struct template *template = table->items[i];

		if (template->is_current &&
		    strcmp(template->kept.org, org) == 0 &&
		    strcmp(template->kept.name, name) == 0)
			return template;
	}
	return NULL;
}

struct template *
template_current(const struct template_table *table, const char *org,
    const char *name)
{
	struct template *own = template_own(table, org, name);

	return own != NULL ? own : template_own(table, "", name);
}

struct template *
template_named(const struct template_table *table, const char *org,
    const char *name)
{
	struct template *template = template_current(table, org, name);
	const struct rpc_template_kept *kept;

	if (template != NULL || (template = template_find(table, name)) == NULL)
		return template;
	kept = &template->kept;
	return !template->is_going && (kept->org[0] == '\0' ||
	    strcmp(kept->org, org) == 0) &&
	    template_own(table, kept->org, kept->name) != NULL ? template :
	    NULL;
}

const struct template *
template_parent(const struct template_table *table,
    const struct template *template)
{
	if (template->kept.parent_id[0] == '\0')
		return NULL;
	return template_find(table, template->kept.parent_id);
}

bool
template_has_children(const struct template_table *table,
    const struct template *template)
{
	for (size_t i = 0; i < table->n; i++)
		if (strcmp(table->items[i]->kept.parent_id,
		    template->kept.id) == 0)
			return true;
	return false;
}

unsigned
template_depth(const struct template_table *table,
    const struct template *template)
{
	unsigned depth = 0;

	for (; template != NULL && depth <= TEMPLATE_LAYERS_MAX; depth++)
		template = template_parent(table, template);
	return depth;
}

/* Fills in what has not been said. */
static void
inherit(struct rpc_template_settings *to,
    const struct rpc_template_settings *from)
{
	if (to->user[0] == '\0')
		to->user = from->user;
	if (to->workdir[0] == '\0')
		to->workdir = from->workdir;
	if (to->entrypoint.count == 0)
		to->entrypoint = from->entrypoint;
	if (to->memory_limit_bytes == 0)
		to->memory_limit_bytes = from->memory_limit_bytes;
	if (to->pids_limit == 0)
		to->pids_limit = from->pids_limit;
	if (to->cpu_limit_millis == 0)
		to->cpu_limit_millis = from->cpu_limit_millis;
	if (to->disk_limit_bytes == 0)
		to->disk_limit_bytes = from->disk_limit_bytes;
	if (to->lifetime.size == 0)
		to->lifetime = from->lifetime;
	if (to->egress.size == 0)
		to->egress = from->egress;
}

int
template_settings(const struct template_table *table,
    const struct template *template, struct rpc_template_settings *ret,
    char **ret_env, struct err *err)
{
	size_t max = template_depth(table, template) *
	    sizeof(char) * 16384, at = max;
	char *env = malloc(max + 1);

	if (env == NULL)
		return err_set(err, ENOMEM, "no memory");
	*ret = (struct rpc_template_settings){.user = "", .workdir = ""};
	for (; template != NULL; template = template_parent(table, template)) {
		const struct rpc_strv *own = &template->settings.env;

		inherit(ret, &template->settings);
		if (own->size > at)
			break;
		at -= own->size;
		if (own->size > 0)
			memcpy(env + at, own->data, own->size);
		ret->env.count += own->count;
	}
	memmove(env, env + at, max - at);
	ret->env.data = env;
	ret->env.size = (uint32_t)(max - at);
	*ret_env = env;
	return 0;
}

static bool
is_clean(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

int
template_settings_check(const struct rpc_template_settings *settings,
    struct err *err)
{
	struct rpc_strv env = settings->env;
	const char *entry;

	if (!is_clean(settings->user) || strchr(settings->user, '/') != NULL)
		return err_set(err, EINVAL, "user: not a name, nor a uid and "
		    "a gid such as 1000:1000");
	if (settings->workdir[0] != '\0' && (settings->workdir[0] != '/' ||
	    !is_clean(settings->workdir)))
		return err_set(err, EINVAL, "workdir: not an absolute path");
	if (settings->entrypoint.count > 0 &&
	    settings->entrypoint.data[0] == '\0')
		return err_set(err, EINVAL, "entrypoint: its first word is "
		    "empty");
	while ((entry = rpc_strv_next(&env)) != NULL)
		if (strchr(entry, '=') == NULL || entry[0] == '=')
			return err_set(err, EINVAL,
			    "env: an entry is not NAME=value");
	return 0;
}

void
template_label(const char *org, const char *name,
    char label[TEMPLATE_LABEL_SIZE])
{
	snprintf(label, TEMPLATE_LABEL_SIZE, "%s@%s", org, name);
}
