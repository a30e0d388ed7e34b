// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/registry/event_reader.h"

#include <errno.h>
#include <stdlib.h>

#include "sandboxd/registry/event_log.h"

struct event_task {
	struct queue_task task;
	struct reader *reader;
	struct event_question question;
	unsigned n;
	uint64_t last_id;
	struct event found[]; /* one more than was asked for */
};

/* Whether it is remembered that there was such a sandbox. */
static int
find(struct registry *registry, const struct registry_view *view,
    const char *sandbox_id, struct err *err)
{
	struct sandbox_record record = {0};
	int r = registry_find(registry, view, sandbox_id, &record, err);

	sandbox_record_fini(&record);
	return r;
}

static int
run(struct queue_task *task, struct registry *registry, struct err *err)
{
	struct event_task *t = (struct event_task *)task;
	const struct event_question *q = &t->question;
	const struct registry_view view = {q->org, q->owner_id, q->reach,
	    q->since_ms};
	const struct registry_view ever = {q->org, q->owner_id, q->reach, 0};
	const struct event_query query = {q->is_feed ? NULL : &view,
	    q->sandbox_id, q->after_id, q->kinds, q->is_newest,
	    q->is_usage, q->limit + 1};
	int r = event_log_read(registry, &query, t->found, &t->last_id, err);

	t->n = r > 0 ? (unsigned)r : 0;
	if (r == 0 && q->sandbox_id[0] != '\0' && !q->is_known)
		r = find(registry, &ever, q->sandbox_id, err);
	return r < 0 ? r : 0;
}

static void
done(struct queue_task *task)
{
	struct event_task *t = (struct event_task *)task;
	const struct event_question *q = &t->question;
	const bool has_more = t->n > q->limit;
	/* The one too many is the oldest of the newest, and else the last. */
	const struct event *first = t->found +
	    (has_more && q->is_newest ? 1 : 0);

	reader_took(t->reader);
	q->answer(q->owner, q->request_id, first, has_more ? q->limit : t->n,
	    has_more, t->last_id, task->result < 0 ? &task->err : NULL);
	q->release(q->owner);
	free(t);
}

int
event_reader_ask(struct reader *reader, const struct event_question *question,
    struct err *err)
{
	struct event_task *t = calloc(1, sizeof *t +
	    (question->limit + 1) * sizeof t->found[0]);
	int r = 0;

	if (t == NULL)
		r = err_set(err, ENOMEM, "no memory");
	if (r == 0) {
		t->task = (struct queue_task){.run = run, .done = done};
		t->reader = reader;
		t->question = *question;
		r = reader_submit(reader, &t->task, err);
	}
	if (r < 0) {
		question->release(question->owner);
		free(t);
	}
	return r;
}
