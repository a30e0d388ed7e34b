// SPDX-License-Identifier: Apache-2.0
/*
 * From a body's bytes to a struct and back to JSON. Where memory is short a
 * good body is refused, in words, and nothing is half read. The parser's
 * allocations are ours (common/json_load.c).
 */
#include <assert.h>
#include <string.h>

#include "gateway/http/engine/field.h"
#include "tests/fault/fault.h"

struct wish {
	const char *name, *key;
	uint64_t memory_bytes;
	uint32_t cpu_millis, is_ephemeral;
	struct field_variables env;
	struct field_digits id;
};

static const struct field rows[] = {
    {.name = "name", .type = FIELD_NAME, .offset = offsetof(struct wish,
	name)},
    {.name = "public_key", .type = FIELD_STRING, .offset = offsetof(
	struct wish, key), .max = 4096},
    {.name = "memory", .type = FIELD_SIZE, .offset = offsetof(struct wish,
	memory_bytes), .min = 1, .max = 1ull << 40},
    {.name = "cpu", .type = FIELD_MILLIS, .offset = offsetof(struct wish,
	cpu_millis), .min = 100, .max = 100000},
    {.name = "ephemeral", .type = FIELD_BOOLEAN, .offset = offsetof(
	struct wish, is_ephemeral)},
    {.name = "env", .type = FIELD_VARIABLES, .offset = offsetof(struct wish,
	env)},
    {.name = "id", .type = FIELD_DIGITS, .offset = offsetof(struct wish,
	id)},
};
static FIELD_TABLE(wish, struct wish, rows);

static const char good[] = "{\"name\":\"a\",\"public_key\":"
    "\"ssh-ed25519 AAAA\",\"memory\":\"512M\",\"cpu\":1.5,"
    "\"env\":{\"A\":\"1\",\"B\":\"\"},\"ephemeral\":true,\"id\":17}";

static bool
succeeded(int r, const struct failure *failure)
{
	assert(r == 0 || (r < 0 && fault_happened() &&
	    failure->status >= 400 && failure->message[0] != '\0'));
	return r == 0;
}

static void
read_good(void)
{
	struct wish read = {0};
	struct failure failure = {0};
	json_t *body = NULL;

	if (succeeded(field_parse(good, sizeof good - 1, &body, &failure),
	    &failure) && succeeded(field_read(&wish, body, &read, &failure),
	    &failure)) {
		assert(strcmp(read.name, "a") == 0);
		assert(strcmp(read.key, "ssh-ed25519 AAAA") == 0);
		assert(read.memory_bytes == 512ull << 20);
		assert(read.cpu_millis == 1500);
		assert(read.is_ephemeral == FIELD_TRUE);
		assert(read.env.count == 2 && read.env.size == 7);
		assert(memcmp(read.env.data, "A=1\0B=", 7) == 0);
		assert(strcmp(read.id.text, "17") == 0);
	}
	field_fini(&wish, &read);
	json_decref(body);
}

/* What is printed is whole, or is not there. */
static void
print(void)
{
	static const struct field out_rows[] = {
	    {.name = "name", .type = FIELD_STRING, .offset = offsetof(
		struct wish, name)},
	    {.name = "memory", .type = FIELD_SIZE, .offset = offsetof(
		struct wish, memory_bytes), .group = "limits"},
	    {.name = "cpu", .type = FIELD_MILLIS, .offset = offsetof(
		struct wish, cpu_millis), .group = "limits"},
	};
	static FIELD_TABLE(out, struct wish, out_rows);
	const struct wish data = {.name = "a", .memory_bytes = 1,
	    .cpu_millis = 1500};
	json_t *object = field_print(&out, &data), *limits;

	assert(object != NULL || fault_happened());
	if (object == NULL)
		return;
	limits = json_object_get(object, "limits");
	assert(strcmp(json_string_value(json_object_get(object, "name")),
	    "a") == 0);
	assert(json_integer_value(json_object_get(limits, "memory_bytes")) ==
	    1);
	assert(json_object_size(object) == 2 && json_object_size(limits) == 2);
	json_decref(object);
}

/* A field that is refused is, whatever else fails. */
static void
refuse(void)
{
	static const char unknown[] = "{\"nmae\":\"a\"}";
	struct wish read = {0};
	struct failure failure = {0};
	json_t *body = NULL;

	if (succeeded(field_parse(unknown, sizeof unknown - 1, &body,
	    &failure), &failure)) {
		assert(field_read(&wish, body, &read, &failure) < 0);
		assert(failure.status == 400 || fault_happened());
	}
	field_fini(&wish, &read);
	json_decref(body);
}

int
main(void)
{
	fault_run("read", read_good);
	fault_run("print", print);
	fault_run("refuse", refuse);
	return 0;
}
