// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/registry/reader.h"

#include <errno.h>
#include <stdlib.h>

struct reader {
	struct queue *queue;
	unsigned n_questions;
};

struct read_task {
	struct queue_task task;
	struct reader *reader;
	struct reader_question question;
	unsigned n;
	struct sandbox_record found[]; /* 1, or READER_PAGE */
};

static int
run(struct queue_task *task, struct registry *registry, struct err *err)
{
	struct read_task *t = (struct read_task *)task;
	const struct reader_question *q = &t->question;
	const struct registry_view view = {q->org, q->owner_id, q->reach,
	    q->since_ms};
	int r;

	if (q->is_list) {
		r = registry_list(registry, &view, q->id, t->found,
		    READER_PAGE, err);
		t->n = r > 0 ? (unsigned)r : 0;
		return r < 0 ? r : 0;
	}
	r = registry_find(registry, &view, q->id, t->found, err);
	t->n = r == 0;
	return r;
}

static void
done(struct queue_task *task)
{
	struct read_task *t = (struct read_task *)task;
	const struct reader_question *q = &t->question;

	reader_took(t->reader);
	q->answer(q->owner, q->request_id, t->found, t->n,
	    task->result < 0 ? &task->err : NULL);
	q->release(q->owner);
	free(t);
}

int
reader_start(struct registry *registry, sd_event *event, struct reader **ret,
    struct err *err)
{
	struct reader *reader = calloc(1, sizeof *reader);
	int r;

	if (reader == NULL) {
		registry_close(registry);
		return err_set(err, ENOMEM, "registry: no memory");
	}
	r = queue_start(registry, false, event, &reader->queue, err);
	if (r < 0) {
		free(reader);
		return r;
	}
	*ret = reader;
	return 0;
}

int
reader_submit(struct reader *reader, struct queue_task *task, struct err *err)
{
	int r;

	if (reader->n_questions >= READER_QUESTIONS_MAX)
		return err_set(err, EAGAIN,
		    "%u questions are waiting already", reader->n_questions);
	r = queue_submit(reader->queue, task, err);
	if (r == 0)
		reader->n_questions++;
	return r;
}

void
reader_took(struct reader *reader)
{
	reader->n_questions--;
}

int
reader_ask(struct reader *reader, const struct reader_question *question,
    struct err *err)
{
	const size_t n = question->is_list ? READER_PAGE : 1;
	struct read_task *t = calloc(1, sizeof *t + n * sizeof t->found[0]);
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

void
reader_free(struct reader *reader)
{
	if (reader == NULL)
		return;
	queue_free(reader->queue);
	free(reader);
}
