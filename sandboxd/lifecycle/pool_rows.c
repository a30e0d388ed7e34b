// SPDX-License-Identifier: Apache-2.0
/* The pool by templates: what is wanted of each, and what there is. */
#include <stdio.h>
#include <string.h>

#include "sandboxd/lifecycle/pool_of.h"

uint32_t
pool_count_of(const struct pool *pool, const char *template_name)
{
	const struct sandbox *sandbox;
	uint32_t n = 0;

	TAILQ_FOREACH(sandbox, &pool->list, pooled.entry)
		n += pool_is_of(sandbox, template_name);
	return n;
}

bool
pool_is_shared(const struct template *template)
{
	return template != NULL && template->is_current &&
	    !template->is_going && template->kept.org[0] == '\0';
}

uint32_t
pool_wanted(const struct daemon *daemon, const char *template_name,
    enum pool_source *ret_source)
{
	const struct template *template = template_current(&daemon->templates,
	    "", template_name);
	enum pool_source source = POOL_NOBODY;
	struct base_mark mark;
	uint32_t wanted = 0;

	if (pool_plan_find(pool_sizes_said(daemon), template_name, &wanted))
		source = POOL_OPERATOR;
	else if (pool_plan_find(&daemon->pool->plan, template_name, &wanted))
		source = POOL_CONFIGURATION;
	else if (pool_is_shared(template) && template->settings.pool_size > 0) {
		source = POOL_TEMPLATE;
		wanted = template->settings.pool_size;
	}
	if (ret_source != NULL)
		*ret_source = source;
	/* The configuration's word is tried, so that a base that is missing is
	 * heard of in the log. */
	if (source == POOL_OPERATOR && template == NULL &&
	    base_mark(daemon->settings.paths.state_dir, template_name, &mark,
	    NULL) < 0)
		return 0;
	return wanted;
}

struct pool_counter *
pool_counter(struct pool *pool, const char *template_name)
{
	struct pool_counter *counter;

	for (size_t i = 0; i < pool->n_counters; i++)
		if (strcmp(pool->counters[i].template_name,
		    template_name) == 0)
			return &pool->counters[i];
	if (pool->n_counters == POOL_ROWS_MAX)
		return NULL;
	counter = &pool->counters[pool->n_counters++];
	snprintf(counter->template_name, sizeof counter->template_name, "%s",
	    template_name);
	return counter;
}

struct gathering {
	const struct daemon *daemon;
	struct pool_row *rows;
	size_t n;
};

static struct pool_row *
row_of(struct gathering *gathering, const char *template_name)
{
	struct pool_row *row;

	for (size_t i = 0; i < gathering->n; i++)
		if (strcmp(gathering->rows[i].template_name,
		    template_name) == 0)
			return &gathering->rows[i];
	if (gathering->n == POOL_ROWS_MAX)
		return NULL;
	row = &gathering->rows[gathering->n++];
	*row = (struct pool_row){.template_name = template_name};
	row->wanted = pool_wanted(gathering->daemon, template_name,
	    &row->source);
	return row;
}

static void
add_plan(struct gathering *gathering, const struct pool_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		row_of(gathering, plan->rows[i].template_name);
}

static void
add_sandboxes(struct gathering *gathering)
{
	const struct sandbox *sandbox;

	TAILQ_FOREACH(sandbox, &gathering->daemon->pool->list, pooled.entry) {
		struct pool_row *row;

		if (pool_is_of(sandbox, ""))
			continue; /* a blank */
		row = row_of(gathering, sandbox->record.template_name);
		if (row != NULL && sandbox->record.state == SANDBOX_POOLED)
			row->waiting++;
		else if (row != NULL)
			row->making++;
	}
}

static void
add_counters(struct gathering *gathering)
{
	const struct pool *pool = gathering->daemon->pool;

	for (size_t i = 0; i < pool->n_counters; i++) {
		const struct pool_counter *counter = &pool->counters[i];
		/* That it was made once is nothing to tell of. */
		struct pool_row *row = counter->claimed + counter->missed ==
		    0 ? NULL : row_of(gathering, counter->template_name);

		if (row != NULL) {
			row->claimed = counter->claimed;
			row->missed = counter->missed;
		}
	}
}

size_t
pool_rows(const struct daemon *daemon, struct pool_row rows[POOL_ROWS_MAX])
{
	const struct template_table *table = &daemon->templates;
	struct gathering gathering = {daemon, rows, 0};

	if (daemon->pool == NULL)
		return 0;
	add_plan(&gathering, pool_sizes_said(daemon));
	add_plan(&gathering, &daemon->pool->plan);
	for (size_t i = 0; i < table->n; i++)
		if (pool_is_shared(table->items[i]) &&
		    table->items[i]->settings.pool_size > 0)
			row_of(&gathering, table->items[i]->kept.name);
	add_sandboxes(&gathering);
	add_counters(&gathering);
	return gathering.n;
}
