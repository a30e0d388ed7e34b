// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/pool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>

#include "common/log.h"
#include "sandboxd/host/ceiling.h"
#include "sandboxd/lifecycle/actions.h"
#include "sandboxd/lifecycle/admission.h"
#include "sandboxd/lifecycle/lifecycle.h"
#include "sandboxd/lifecycle/pool_of.h"

static bool
host_is_busy(void)
{
	return host_number("/proc/loadavg", 3) >
	    (uint64_t)POOL_BUSY_FACTOR * (uint64_t)get_nprocs();
}

static void
arm(struct daemon *daemon, uint64_t wait_ms)
{
	if (clock_arm(&daemon->clock, &daemon->pool->timer, wait_ms) < 0)
		log_error("pool: no timer");
}

static void
on_rested(void *data)
{
	struct daemon *daemon = data;
	const uint64_t now_ms = daemon->clock.now_ms(&daemon->clock);

	if (now_ms < daemon->pool->rested_ms + POOL_REST_MAX_MS &&
	    host_is_busy())
		arm(daemon, POOL_REST_STEP_MS);
	else
		pool_review(daemon);
}

int
pool_begin(struct daemon *daemon, struct err *err)
{
	struct pool *pool = calloc(1, sizeof *pool);
	int r;

	if (pool == NULL)
		return err_set(err, ENOMEM, "pool: no memory");
	r = pool_plan_read(daemon->settings.pool, &pool->plan, err);
	if (r < 0) {
		free(pool);
		return r;
	}
	TAILQ_INIT(&pool->list);
	pool->timer = (struct clock_timer){.fire = on_rested, .data = daemon};
	pool->retry_ms = POOL_RETRY_MIN_MS;
	daemon->pool = pool;
	pool_review(daemon);
	return 0;
}

void
pool_free(struct daemon *daemon)
{
	if (daemon->pool == NULL)
		return;
	clock_disarm(&daemon->clock, &daemon->pool->timer);
	free(daemon->pool);
	daemon->pool = NULL;
}

uint32_t
pool_count(const struct daemon *daemon)
{
	return daemon->pool != NULL ? daemon->pool->n : 0;
}

static void
rest(struct daemon *daemon, uint64_t wait_ms)
{
	struct pool *pool = daemon->pool;

	/* One that runs is not put off, or many claims would put it off for
	 * ever. */
	if (pool->timer.due_ms != 0)
		return;
	pool->rested_ms = daemon->clock.now_ms(&daemon->clock);
	arm(daemon, wait_ms);
}

void
pool_claimed(struct daemon *daemon, const struct sandbox_record *record)
{
	struct pool_counter *counter = pool_counter(daemon->pool,
	    record->template_name);

	if (counter != NULL)
		counter->claimed++;
	pool_turns_have(&daemon->pool->turns, record->template_name,
	    record->org);
	rest(daemon, POOL_REST_MS);
}

/* How many others' turn it is before that organisation's. */
static uint32_t
ask(struct daemon *daemon, const char *template_name, const char *org)
{
	return pool_turns_ask(&daemon->pool->turns, template_name, org,
	    daemon->clock.now_ms(&daemon->clock));
}

void
pool_missed(struct daemon *daemon, const struct sandbox_record *record)
{
	const bool is_own = record->template_version[0] != '\0' &&
	    !pool_is_shared(template_find(&daemon->templates,
	    record->template_version));
	struct pool_counter *counter;

	if (daemon->pool == NULL || record->is_nesting || is_own ||
	    pool_wanted(daemon, record->template_name, NULL) == 0)
		return;
	if ((counter = pool_counter(daemon->pool, record->template_name)) !=
	    NULL)
		counter->missed++;
	ask(daemon, record->template_name, record->org);
}

void
pool_blank_claimed(struct daemon *daemon, const struct sandbox_record *record)
{
	pool_turns_have(&daemon->pool->turns, "", record->org);
	rest(daemon, POOL_BLANK_REST_MS);
}

void
pool_made(struct daemon *daemon)
{
	daemon->pool->retry_ms = POOL_RETRY_MIN_MS;
	pool_review(daemon);
}

void
pool_failed(struct daemon *daemon)
{
	struct pool *pool = daemon->pool;

	rest(daemon, pool->retry_ms);
	pool->retry_ms *= 2;
	if (pool->retry_ms > POOL_RETRY_MAX_MS)
		pool->retry_ms = POOL_RETRY_MAX_MS;
}

static void
enter(struct sandbox *sandbox)
{
	struct pool *pool = sandbox->daemon->pool;

	TAILQ_INSERT_TAIL(&pool->list, sandbox, pooled.entry);
	sandbox->pooled.is_in = true;
	pool->n++;
}

void
pool_leave(struct sandbox *sandbox)
{
	struct pool *pool = sandbox->daemon->pool;

	if (!sandbox->pooled.is_in)
		return;
	TAILQ_REMOVE(&pool->list, sandbox, pooled.entry);
	sandbox->pooled.is_in = false;
	pool->n--;
}

bool
pool_is_of(const struct sandbox *sandbox, const char *template_name)
{
	return strcmp(sandbox->record.template_name, template_name) == 0;
}

/* With the limits of a create that asks for none. */
static void
write_record(const struct daemon *daemon, const char *template_name,
    struct sandbox_record *ret)
{
	const struct ceilings *most = &daemon->runtime.ceilings;
	const struct settings *s = &daemon->settings;

	snprintf(ret->template_name, sizeof ret->template_name, "%s",
	    template_name);
	ret->state = template_name[0] == '\0' ? SANDBOX_BLANKING :
	    SANDBOX_POOLING;
	ret->memory_limit_bytes = ceiling_default(s->memory_limit_bytes,
	    most->memory_bytes);
	ret->pids_limit = (uint32_t)ceiling_default(s->pids_limit,
	    most->pids);
	ret->cpu_limit_millis = (uint32_t)ceiling_default(
	    s->cpu_limit_millis, most->cpu_millis);
	ret->disk_limit_bytes = ceiling_default(s->disk_limit_bytes,
	    most->disk_bytes);
}

/* Which it is now: one that was published for everybody, or a base. */
static int
find_template(const struct daemon *daemon, struct sandbox_record *record,
    struct base_mark *ret_mark, struct err *err)
{
	const struct template *template = template_current(&daemon->templates,
	    "", record->template_name);

	if (template == NULL)
		return base_mark(daemon->settings.paths.state_dir,
		    record->template_name, ret_mark, err);
	snprintf(record->template_version, sizeof record->template_version,
	    "%s", template->kept.id);
	return 0;
}

static int
make(struct daemon *daemon, const char *template_name, struct err *err)
{
	const bool is_whole = template_name[0] != '\0';
	struct sandbox_record record = {0};
	struct base_mark mark = {0};
	struct pool_counter *counter;
	struct sandbox *sandbox;
	struct err failure = {0};
	int r;

	write_record(daemon, template_name, &record);
	if ((is_whole &&
	    (r = find_template(daemon, &record, &mark, err)) < 0) ||
	    (r = lifecycle_add(daemon, &record, &sandbox, err)) < 0)
		return r;
	sandbox->pooled.mark = mark;
	enter(sandbox);
	counter = is_whole ? pool_counter(daemon->pool, template_name) : NULL;
	if (counter != NULL)
		counter->made = ++daemon->pool->n_made;
	if (action_submit(sandbox, is_whole ? JOB_CREATE : JOB_BLANK,
	    &failure) < 0)
		daemon->on_event(sandbox, EVENT_JOB_FAILED, &failure);
	return 0;
}

static void
discard(struct sandbox *sandbox, const char *why)
{
	log_debug("pool: id=%s goes: %s", sandbox->record.id, why);
	sandbox->daemon->on_event(sandbox, EVENT_DESTROY, NULL);
}

static bool
is_published(const struct sandbox *sandbox)
{
	return sandbox->record.template_version[0] != '\0';
}

static bool
is_current(const struct sandbox *sandbox)
{
	const struct daemon *daemon = sandbox->daemon;
	const struct sandbox_record *record = &sandbox->record;
	const struct base_mark *mark = &sandbox->pooled.mark;
	const struct template *template;
	struct base_mark now;

	if (is_published(sandbox)) {
		template = template_find(&daemon->templates,
		    record->template_version);
		return template != NULL && template->is_current;
	}
	return base_mark(daemon->settings.paths.state_dir,
	    record->template_name, &now, NULL) == 0 &&
	    now.device == mark->device && now.file == mark->file;
}

static bool
is_idle(const struct sandbox *sandbox)
{
	return sandbox->record.state == SANDBOX_POOLED ||
	    sandbox->record.state == SANDBOX_BLANK;
}

/* One that waits may be the organisation's, beside those of whose turn is
 * before. */
static bool
has_turn(struct daemon *daemon, const char *template_name, const char *org)
{
	uint32_t n_before = ask(daemon, template_name, org);
	const struct sandbox *sandbox;

	if (n_before == 0)
		return true;
	TAILQ_FOREACH(sandbox, &daemon->pool->list, pooled.entry)
		if (is_idle(sandbox) && pool_is_of(sandbox, template_name) &&
		    n_before-- == 0)
			return true;
	return false;
}

struct sandbox *
pool_find(struct daemon *daemon, const struct sandbox_record *record)
{
	struct sandbox *sandbox, *next;

	/* None of them nests: what is inside was made without. */
	if (daemon->pool == NULL || record->is_nesting ||
	    record->disks[0] != '\0')
		return NULL;
	for (sandbox = TAILQ_FIRST(&daemon->pool->list); sandbox != NULL;
	    sandbox = next) {
		next = TAILQ_NEXT(sandbox, pooled.entry);
		if (sandbox->record.state != SANDBOX_POOLED ||
		    !pool_is_of(sandbox, record->template_name))
			continue;
		/* An organisation's own has everybody's name, or the other way
		 * round. */
		if (is_current(sandbox) &&
		    strcmp(sandbox->record.template_version,
		    record->template_version) != 0)
			continue;
		if (is_current(sandbox))
			return has_turn(daemon, record->template_name,
			    record->org) ? sandbox : NULL;
		discard(sandbox, "its template is another now");
	}
	return NULL;
}

struct sandbox *
pool_find_blank(struct daemon *daemon, const struct sandbox_record *record)
{
	struct sandbox *sandbox;

	if (daemon->pool == NULL || record->is_nesting ||
	    daemon->settings.n_blanks == 0 ||
	    !has_turn(daemon, "", record->org))
		return NULL;
	TAILQ_FOREACH(sandbox, &daemon->pool->list, pooled.entry)
		if (sandbox->record.state == SANDBOX_BLANK)
			return sandbox;
	return NULL;
}

/* One that waits and need not; a worker may have the others. */
static struct sandbox *
find_idle(struct pool *pool)
{
	struct sandbox *sandbox;

	TAILQ_FOREACH(sandbox, &pool->list, pooled.entry)
		if (is_idle(sandbox))
			return sandbox;
	return NULL;
}

/* One of a version that is not current any more, which it keeps from being
 * deleted. */
static struct sandbox *
find_stale(struct pool *pool)
{
	struct sandbox *sandbox;

	TAILQ_FOREACH(sandbox, &pool->list, pooled.entry)
		if (sandbox->record.state == SANDBOX_POOLED &&
		    is_published(sandbox) && !is_current(sandbox))
			return sandbox;
	return NULL;
}

static bool
is_making(const struct pool *pool)
{
	struct sandbox *sandbox;

	TAILQ_FOREACH(sandbox, &pool->list, pooled.entry)
		if (!is_idle(sandbox))
			return true;
	return false;
}

/* One that waits though enough others of its template do. */
static struct sandbox *
find_surplus(const struct daemon *daemon)
{
	struct sandbox *sandbox;
	const char *enough = ""; /* a template that was looked at */

	TAILQ_FOREACH(sandbox, &daemon->pool->list, pooled.entry) {
		const char *name = sandbox->record.template_name;

		if (sandbox->record.state != SANDBOX_POOLED ||
		    strcmp(name, enough) == 0)
			continue;
		if (pool_count_of(daemon->pool, name) >
		    pool_wanted(daemon, name, NULL))
			return sandbox;
		enough = name;
	}
	return NULL;
}

static bool
has_too_few(const struct daemon *daemon, const char *name)
{
	return pool_count_of(daemon->pool, name) <
	    pool_wanted(daemon, name, NULL);
}

/* The one of the two that is to be made next: both have too few where they are
 * not NULL, and the turn is that of which none was begun for longer. */
static const char *
earlier(struct pool *pool, const char *one, const char *other)
{
	const struct pool_counter *a, *b;

	if (one == NULL)
		return other;
	a = pool_counter(pool, one);
	b = pool_counter(pool, other);
	return a != NULL && b != NULL && b->made < a->made ? other : one;
}

/* The template that has fewer than it should have whose turn it is, or NULL; of
 * equal ones those that an operator named, then the configuration, then those
 * that say so themselves; where none has, "", for a blank. */
static const char *
find_want(const struct daemon *daemon)
{
	const struct pool_plan *plans[] = {pool_sizes_said(daemon),
	    &daemon->pool->plan};
	const struct template_table *table = &daemon->templates;
	const char *want = NULL, *name;

	for (size_t p = 0; p < sizeof plans / sizeof *plans; p++)
		for (size_t i = 0; i < plans[p]->n; i++) {
			name = plans[p]->rows[i].template_name;
			if (has_too_few(daemon, name))
				want = earlier(daemon->pool, want, name);
		}
	for (size_t i = 0; i < table->n; i++) {
		name = table->items[i]->kept.name;
		if (pool_is_shared(table->items[i]) &&
		    has_too_few(daemon, name))
			want = earlier(daemon->pool, want, name);
	}
	if (want == NULL &&
	    pool_count_of(daemon->pool, "") < daemon->settings.n_blanks)
		return "";
	return want;
}

/* Whether the host can promise so many of the pool what they have: one of it
 * may be somebody's at any moment. */
static bool
can_promise(const struct daemon *daemon, uint32_t n)
{
	struct sandbox_record one = {0};

	write_record(daemon, "", &one);
	return n == 0 || admission_check(daemon, "",
	    n * one.memory_limit_bytes, n * one.disk_limit_bytes, NULL) == 0;
}

static void
fill(struct daemon *daemon)
{
	struct pool *pool = daemon->pool;
	const char *name;
	struct err err = {0};

	if (pool->timer.due_ms != 0 || is_making(pool) ||
	    !worker_pool_has_spare(daemon->workers, WORKER_QUICK) ||
	    (name = find_want(daemon)) == NULL ||
	    !can_promise(daemon, pool->n + 1))
		return;
	if (make(daemon, name, &err) == 0)
		return;
	log_warn("pool: none of template=%s: %s", *name != '\0' ? name : "-",
	    err.text);
	pool_failed(daemon);
}

void
pool_review(struct daemon *daemon)
{
	struct pool *pool = daemon->pool;
	struct sandbox *idle;
	uint32_t others, room;

	if (pool == NULL || daemon->is_ending)
		return;
	if ((idle = find_stale(pool)) != NULL) {
		discard(idle, "its template is another now");
		return;
	}
	if ((idle = find_surplus(daemon)) != NULL) {
		discard(idle, "fewer are wanted");
		return;
	}
	others = (uint32_t)daemon->sandboxes.n - pool->n;
	room = pool_plan_room(daemon->sandboxes.max, others);
	if (pool->n > room || !can_promise(daemon, pool->n)) {
		if ((idle = find_idle(pool)) != NULL)
			discard(idle, "others want its place");
	} else if (pool->n < room) {
		fill(daemon);
	}
}
