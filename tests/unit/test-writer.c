// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/registry/writer.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N 200

static char folder[] = "/tmp/test-writer-XXXXXX";
static char path[64];

static struct registry *
open_registry(void)
{
	struct registry *registry;
	struct err err = {0};

	assert(registry_open(path, &registry, &err) == 0);
	return registry;
}

static struct sandbox_record
make_record(unsigned slot)
{
	static char env[] = "A=1";
	struct sandbox_record record = {.org = "acme", .template_name = "base",
	    .slot = slot, .state = SANDBOX_CREATING, .env = env,
	    .env_size = sizeof env};

	snprintf(record.id, sizeof record.id, "sb_%012u", slot);
	return record;
}

/* What was told, in its order. */
static struct told {
	unsigned slot;
	enum writer_what what;
	int code;
} told[3 * N];
static unsigned n_told;

static void
tell(const char *id, enum writer_what what,
    enum registry_durability durability, const struct err *err, void *data)
{
	(void)durability;
	assert(data == told && n_told < 3 * N);
	told[n_told++] = (struct told){(unsigned)atoi(id + 3), what,
	    err != NULL ? err->code : 0};
}

static void
tell_logged(const struct sandbox_record *record, void *data)
{
	(void)record;
	(void)data;
	assert(false);
}

static const struct writer_listener listener = {
    .written = tell, .logged = tell_logged, .data = told};

static struct writer *
start(sd_event *event)
{
	struct writer *writer;
	struct err err = {0};

	n_told = 0;
	assert(writer_start(open_registry(), event, &listener, &writer,
	    &err) == 0);
	return writer;
}

static int
see(struct sandbox_record *record, void *data, struct err *err)
{
	(void)err;
	assert(record->slot < N && record->state == SANDBOX_RUNNING);
	assert(record->pid == (int32_t)record->slot + 1);
	assert(record->env_size == 4 && strcmp(record->env, "A=1") == 0);
	++*(unsigned *)data;
	return 0;
}

static unsigned
count_rows(void)
{
	struct registry *registry = open_registry();
	struct err err = {0};
	unsigned n = 0;

	assert(registry_load(registry, see, &n, &err) == 0);
	registry_close(registry);
	return n;
}

/* Each is told of, in order, once it is there; later ones see earlier ones. */
static void
test_order(sd_event *event)
{
	struct writer *writer = start(event);
	struct err err = {0};

	for (unsigned i = 0; i < N; i++) {
		struct sandbox_record record = make_record(i);

		assert(writer_submit(writer, WRITER_INSERT, &record,
		    REGISTRY_LAZY, &err) == 0);
		record.state = SANDBOX_RUNNING;
		record.pid = (int32_t)i + 1;
		assert(writer_submit(writer, WRITER_UPDATE, &record,
		    i % 7 == 0 ? REGISTRY_DURABLE : REGISTRY_LAZY,
		    &err) == 0);
	}
	while (n_told < 2 * N)
		assert(sd_event_run(event, UINT64_MAX) >= 0);
	for (unsigned i = 0; i < 2 * N; i++)
		assert(told[i].slot == i / 2 && told[i].code == 0 &&
		    told[i].what == (i % 2 == 0 ? WRITER_INSERT :
		    WRITER_UPDATE));
	assert(count_rows() == N);
	writer_free(writer);
	assert(n_told == 2 * N);
}

/* One that fails fails alone, whatever it shares a transaction with. */
static void
test_failure(sd_event *event)
{
	struct writer *writer = start(event);
	struct sandbox_record twin = make_record(1), gone = make_record(2);
	struct err err = {0};

	assert(writer_submit(writer, WRITER_INSERT, &twin, REGISTRY_LAZY,
	    &err) == 0);
	assert(writer_submit(writer, WRITER_BURY, &gone, REGISTRY_DURABLE,
	    &err) == 0);
	while (n_told < 2)
		assert(sd_event_run(event, UINT64_MAX) >= 0);
	assert(told[0].code == EEXIST && told[1].code == 0);
	assert(count_rows() == N - 1);
	writer_free(writer);
}

/* What is waiting when it ends is written, and told of. */
static void
test_flush(sd_event *event)
{
	struct writer *writer = start(event);
	struct err err = {0};

	for (unsigned i = 0; i < N; i++) {
		struct sandbox_record record = make_record(i);

		assert(writer_submit(writer, WRITER_BURY, &record,
		    REGISTRY_LAZY, &err) == 0);
	}
	writer_free(writer);
	assert(n_told == N && count_rows() == 0);
}

int
main(void)
{
	char command[64];
	sd_event *event;

	assert(mkdtemp(folder) != NULL && sd_event_new(&event) >= 0);
	snprintf(path, sizeof path, "%s/registry.db", folder);
	test_order(event);
	test_failure(event);
	test_flush(event);
	sd_event_unref(event);
	snprintf(command, sizeof command, "rm -r %s", folder);
	return system(command);
}
