// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/registry/writer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandboxd/registry/event_log.h"

struct writer {
	struct queue *queue;
	struct writer_listener listener;
};

struct write_task {
	struct queue_task task;
	struct writer *writer;
	enum writer_what what;
	struct sandbox_record record;
	struct event *events;
};

static int
write_row(struct queue_task *task, struct registry *registry, struct err *err)
{
	struct write_task *w = (struct write_task *)task;

	switch (w->what) {
	case WRITER_INSERT:
		return registry_insert(registry, &w->record, task->durability,
		    err);
	case WRITER_UPDATE:
		return registry_update(registry, &w->record, task->durability,
		    err);
	case WRITER_EGRESS:
		return registry_set_egress(registry, &w->record,
		    task->durability, err);
	case WRITER_BURY:
		return registry_bury(registry, &w->record, task->durability,
		    err);
	case WRITER_SWEEP:
		return registry_sweep(registry, w->record.ended_ms, err);
	case WRITER_DELETE:
		return registry_delete(registry, w->record.id,
		    task->durability, err);
	case WRITER_EVENTS:
		return 0;
	}
	return 0;
}

static int
run(struct queue_task *task, struct registry *registry, struct err *err)
{
	struct write_task *w = (struct write_task *)task;
	int r;

	if (w->events == NULL)
		return write_row(task, registry, err);
	r = registry_part_begin(registry, err);
	if (r < 0)
		return r;
	/* A burial leaves what comes after it to nobody. */
	for (struct event *e = w->events; e != NULL && r == 0; e = e->next)
		r = event_log_add(registry, e, err);
	if (r == 0)
		r = write_row(task, registry, err);
	return registry_part_end(registry, r, err);
}

static void
done(struct queue_task *task)
{
	struct write_task *w = (struct write_task *)task;
	const struct writer_listener *listener = &w->writer->listener;

	if (w->events != NULL && task->result == 0)
		listener->logged(&w->record, listener->data);
	listener->written(w->record.id, w->what, task->durability,
	    task->result < 0 ? &task->err : NULL, listener->data);
	event_free_all(&w->events);
	sandbox_record_fini(&w->record);
	free(w);
}

int
writer_start(struct registry *registry, sd_event *event,
    const struct writer_listener *listener, struct writer **ret,
    struct err *err)
{
	struct writer *writer = calloc(1, sizeof *writer);
	int r;

	if (writer == NULL) {
		registry_close(registry);
		return err_set(err, ENOMEM, "registry: no memory");
	}
	writer->listener = *listener;
	r = queue_start(registry, true, event, &writer->queue, err);
	if (r < 0) {
		free(writer);
		return r;
	}
	*ret = writer;
	return 0;
}

/* A blob of the caller's becomes one of ours; one not to be written NULL. */
static int
copy_blob(char **blob, uint32_t *size, bool is_written)
{
	char *copy = NULL;

	if (!is_written)
		*size = 0;
	if (*size > 0 && (copy = malloc(*size)) == NULL) {
		*blob = NULL;
		return -ENOMEM;
	}
	if (*size > 0)
		memcpy(copy, *blob, *size);
	*blob = copy;
	return 0;
}

static int
copy_record(struct write_task *w, const struct sandbox_record *record,
    struct err *err)
{
	const bool is_new = w->what == WRITER_INSERT;
	int r, env;

	w->record = *record;
	env = copy_blob(&w->record.env, &w->record.env_size, is_new);
	r = copy_blob(&w->record.egress, &w->record.egress_size,
	    is_new || w->what == WRITER_EGRESS);
	return env < 0 || r < 0 ?
	    err_set(err, ENOMEM, "registry: no memory") : 0;
}

int
writer_submit_with(struct writer *writer, enum writer_what what,
    const struct sandbox_record *record, enum registry_durability durability,
    struct event **events, struct err *err)
{
	struct write_task *w = calloc(1, sizeof *w);
	int r;

	if (w == NULL)
		return err_set(err, ENOMEM, "registry: no memory");
	w->task = (struct queue_task){.run = run, .done = done,
	    .durability = durability};
	w->writer = writer;
	w->what = what;
	r = copy_record(w, record, err);
	w->events = *events;
	if (r == 0)
		r = queue_submit(writer->queue, &w->task, err);
	if (r < 0) {
		sandbox_record_fini(&w->record);
		free(w);
	} else {
		*events = NULL;
	}
	return r;
}

struct snapshot_task {
	struct queue_task task;
	struct writer *writer;
	bool is_gone;
	struct snapshot_record record;
};

static int
run_snapshot(struct queue_task *task, struct registry *registry,
    struct err *err)
{
	struct snapshot_task *s = (struct snapshot_task *)task;

	return s->is_gone ?
	    registry_delete_snapshot(registry, s->record.id, err) :
	    registry_insert_snapshot(registry, &s->record, err);
}

static void
snapshot_done(struct queue_task *task)
{
	struct snapshot_task *s = (struct snapshot_task *)task;
	const struct writer_listener *listener = &s->writer->listener;

	listener->snapshot_written(s->record.id, s->is_gone,
	    task->result < 0 ? &task->err : NULL, listener->data);
	free(s);
}

int
writer_submit_snapshot(struct writer *writer, bool is_gone,
    const struct snapshot_record *record, struct err *err)
{
	struct snapshot_task *s = calloc(1, sizeof *s);
	int r;

	if (s == NULL)
		return err_set(err, ENOMEM, "registry: no memory");
	*s = (struct snapshot_task){.task = {.run = run_snapshot,
	    .done = snapshot_done, .durability = REGISTRY_DURABLE},
	    .writer = writer, .is_gone = is_gone, .record = *record};
	r = queue_submit(writer->queue, &s->task, err);
	if (r < 0)
		free(s);
	return r;
}

struct ceiling_task {
	struct queue_task task;
	struct writer *writer;
	char org[sizeof((struct sandbox_record *)NULL)->org];
	bool is_operators;
	uint32_t size;
	uint8_t policy[];
};

static int
run_ceiling(struct queue_task *task, struct registry *registry,
    struct err *err)
{
	const struct ceiling_task *c = (const struct ceiling_task *)task;
	const struct ceiling_record record = {.org = c->org,
	    .policy = {c->policy, c->size}, .is_operators = c->is_operators};

	return registry_set_ceiling(registry, &record, err);
}

static void
ceiling_done(struct queue_task *task)
{
	struct ceiling_task *c = (struct ceiling_task *)task;
	const struct writer_listener *listener = &c->writer->listener;

	listener->ceiling_written(c->org, task->result < 0 ? &task->err : NULL,
	    listener->data);
	free(c);
}

int
writer_submit_ceiling(struct writer *writer,
    const struct ceiling_record *record, struct err *err)
{
	const uint32_t size = record->policy.size;
	struct ceiling_task *c = calloc(1, sizeof *c + size);
	int r;

	if (c == NULL)
		return err_set(err, ENOMEM, "registry: no memory");
	c->task = (struct queue_task){.run = run_ceiling, .done = ceiling_done,
	    .durability = REGISTRY_DURABLE};
	c->writer = writer;
	c->is_operators = record->is_operators;
	c->size = size;
	snprintf(c->org, sizeof c->org, "%s", record->org);
	if (size > 0)
		memcpy(c->policy, record->policy.data, size);
	r = queue_submit(writer->queue, &c->task, err);
	if (r < 0)
		free(c);
	return r;
}

struct pool_size_task {
	struct queue_task task;
	struct writer *writer;
	char template_name[sizeof((struct sandbox_record *)NULL)
	    ->template_name];
	uint32_t wanted;
};

static int
run_pool_size(struct queue_task *task, struct registry *registry,
    struct err *err)
{
	const struct pool_size_task *p = (const struct pool_size_task *)task;

	return registry_set_pool_size(registry, p->template_name, p->wanted,
	    err);
}

static void
pool_size_done(struct queue_task *task)
{
	struct pool_size_task *p = (struct pool_size_task *)task;
	const struct writer_listener *listener = &p->writer->listener;

	listener->pool_size_written(task->result < 0 ? &task->err : NULL,
	    listener->data);
	free(p);
}

int
writer_submit_pool_size(struct writer *writer, const char *template_name,
    uint32_t wanted, struct err *err)
{
	struct pool_size_task *p = calloc(1, sizeof *p);
	int r;

	if (p == NULL)
		return err_set(err, ENOMEM, "registry: no memory");
	p->task = (struct queue_task){.run = run_pool_size,
	    .done = pool_size_done, .durability = REGISTRY_DURABLE};
	p->writer = writer;
	p->wanted = wanted;
	snprintf(p->template_name, sizeof p->template_name, "%s",
	    template_name);
	r = queue_submit(writer->queue, &p->task, err);
	if (r < 0)
		free(p);
	return r;
}

int
writer_submit(struct writer *writer, enum writer_what what,
    const struct sandbox_record *record, enum registry_durability durability,
    struct err *err)
{
	struct event *none = NULL;

	return writer_submit_with(writer, what, record, durability, &none,
	    err);
}

int
writer_sweep(struct writer *writer, uint64_t before_ms, struct err *err)
{
	const struct sandbox_record record = {.ended_ms = before_ms};

	return writer_submit(writer, WRITER_SWEEP, &record, REGISTRY_LAZY,
	    err);
}

void
writer_free(struct writer *writer)
{
	if (writer == NULL)
		return;
	queue_free(writer->queue);
	free(writer);
}
