// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/field.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/http/back/identity.h"
#include "gateway/http/dialect/native/native.h"

/* Bodies of a create that are refused, and how the words begin. */
static const struct {
	const char *body, *words;
} refused[] = {
    {"[]", "the body is not a JSON object"},
    {"{", "the body is not JSON"},
    {"{\"name\":\"a\",\"name\":\"b\"}", "the body is not JSON"},
    {"{\"name\":\"a\\u0000b\"}", "the body is not JSON"},
    {"{\"name\":\"\xff\"}", "the body is not JSON"},
    {"{\"nmae\":\"a\"}", "nmae: no such field"},
    {"{\"name\":\"A\"}", "name: must be"},
    {"{\"name\":\"../x\"}", "name: must be"},
    {"{\"name\":7}", "name: must be"},
    {"{\"ephemeral\":1}", "ephemeral: must be true or false"},
    {"{\"template\":\"-x\"}", "template: must be"},
    {"{\"memory\":512}", "memory: must be"},
    {"{\"memory\":\"1\"}", "memory: must be"},
    {"{\"memory\":\"512M\",\"memory_bytes\":1073741824}", "memory: give"},
    {"{\"memory_bytes\":-1}", "memory_bytes: must be"},
    {"{\"memory_bytes\":1.5}", "memory_bytes: must be"},
    {"{\"memory_bytes\":99999999999999999999}", "the body is not JSON"},
    {"{\"disk\":\"99999T\"}", "disk: must be"},
    {"{\"pids\":1}", "pids: must be"},
    {"{\"cpu\":0}", "cpu: must be"},
    {"{\"cpu\":-1}", "cpu: must be"},
    {"{\"cpu\":1e300}", "cpu: must be"},
    {"{\"cpu\":\"1\"}", "cpu: must be"},
    {"{\"env\":[]}", "env: must be"},
    {"{\"env\":{\"A B\":\"x\"}}", "env: \"A B\""},
    {"{\"env\":{\"1A\":\"x\"}}", "env: \"1A\""},
    {"{\"env\":{\"\":\"x\"}}", "env: \"\""},
    {"{\"env\":{\"A=\":\"x\"}}", "env: \"A=\""},
    {"{\"env\":{\"A\":1}}", "env: A is not a string"},
    {"{\"metadata\":[]}", "metadata: must be an object of strings"},
    {"{\"metadata\":{\"\":\"x\"}}", "metadata: has a name"},
    {"{\"metadata\":{\"a\":{}}}", "metadata: a is not a string"},
};

/* Reads a body by a table into zeroed memory, which is the caller's. */
static int
read_body(const struct field_table *table, const char *text, void **ret,
    json_t **ret_body, struct failure *failure)
{
	int r = field_parse(text, strlen(text), ret_body, failure);

	*ret = calloc(1, table->struct_size);
	assert(*ret != NULL);
	return r < 0 ? r : field_read(table, *ret_body, *ret, failure);
}

static void
release(const struct field_table *table, void *data, json_t *body)
{
	field_fini(table, data);
	free(data);
	json_decref(body);
}

static void
refuse(const struct field_table *table, const char *text, const char *words)
{
	struct failure failure = {0};
	json_t *body = NULL;
	size_t n;
	void *data;

	assert(read_body(table, text, &data, &body, &failure) == -EINVAL);
	assert(failure.status == 400);
	assert(strcmp(failure.code, "invalid_argument") == 0);
	if (strncmp(failure.message, words, strlen(words)) != 0) {
		printf("%s: %s\n", text, failure.message);
		assert(!"words");
	}
	/* The field is told apart from the words, not read out of them. */
	n = strncmp(words, "the body", 8) == 0 ? 0 : strcspn(words, ":");
	assert(strlen(failure.field) == n &&
	    memcmp(failure.field, words, n) == 0);
	release(table, data, body);
}

static void
test_refused(void)
{
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		refuse(&native_sandbox_wish, refused[i].body,
		    refused[i].words);
	refuse(&native_key_wish, "{}", "public_key: must be given, a line");
	refuse(&native_token_wish, "{\"name\":\"\"}",
	    "name: must be given, 1 to 63 bytes");
	refuse(&native_token_wish, "{\"name\":\"a\",\"ttl_seconds\":0}",
	    "ttl_seconds: must be a whole number from 1 to ");
	refuse(&native_access_wish, "{\"scope\":\"a\\tb\"}",
	    "scope: has control characters");
	refuse(&native_org_wish, "{\"recording\":1}",
	    "recording: must be true or false");
}

struct all {
	const char *string, *name;
	uint32_t u32, millis, boolean, kind;
	uint64_t size, time;
	struct field_digits digits;
	struct field_variables variables;
	struct rpc_strv strings;
};
static const char *const kinds[] = {"none", "some", NULL};
#define AT(field) offsetof(struct all, field)
static const struct field all_fields[] = {
    {"string", FIELD_STRING, AT(string), 0, 8, .is_nullable = true},
    {"name", FIELD_NAME, AT(name)},
    {"u32", FIELD_U32, AT(u32), 1, 100},
    {"millis", FIELD_MILLIS, AT(millis), 100, 2000, "things"},
    {"boolean", FIELD_BOOLEAN, AT(boolean)},
    {"size", FIELD_SIZE, AT(size), 1024, 1 << 30},
};
FIELD_TABLE(all_table, struct all, all_fields);
static const struct field printed_fields[] = {
    {"string", FIELD_STRING, AT(string), .is_nullable = true},
    {"name", FIELD_NAME, AT(name)},
    {"u32", FIELD_U32, AT(u32), .group = "of"},
    {"millis", FIELD_MILLIS, AT(millis), .group = "of"},
    {"boolean", FIELD_BOOLEAN, AT(boolean)},
    {"kind", FIELD_U32, AT(kind), .words = kinds},
    {"size", FIELD_SIZE, AT(size)},
    {"time", FIELD_TIME, AT(time)},
    {"strings", FIELD_STRINGS, AT(strings)},
};
FIELD_TABLE(printed_table, struct all, printed_fields);

static void
test_accepted(void)
{
	static const char text[] = "{\"name\":\"web-1\",\"string\":null,"
	    "\"size\":\"512M\",\"u32\":64,\"millis\":0.5,"
	    "\"boolean\":false}";
	struct failure failure;
	json_t *body = NULL;
	struct all *all;
	void *data;

	assert(read_body(&all_table, text, &data, &body, &failure) == 0);
	all = data;
	assert(strcmp(all->name, "web-1") == 0 && all->string == NULL);
	assert(all->size == 512u << 20 && all->u32 == 64);
	assert(all->millis == 500 && all->boolean == FIELD_FALSE);
	release(&all_table, data, body);

	assert(read_body(&all_table, "{\"size_bytes\":4096}", &data, &body,
	    &failure) == 0);
	all = data;
	assert(strcmp(all->name, "") == 0 && all->size == 4096);
	assert(all->u32 == 0 && all->boolean == FIELD_UNSAID);
	release(&all_table, data, body);
}

static void
test_more_types(void)
{
	static const struct field fields[] = {
	    {"digits", FIELD_DIGITS, AT(digits)},
	    {"variables", FIELD_VARIABLES, AT(variables)},
	};
	static FIELD_TABLE(table, struct all, fields);
	static const char text[] = "{\"digits\":5,"
	    "\"variables\":{\"A\":\"1\",\"B\":\"x=y\"}}";
	struct failure failure;
	json_t *body = NULL;
	struct all *all;
	void *data;

	assert(read_body(&table, text, &data, &body, &failure) == 0);
	all = data;
	assert(strcmp(all->digits.text, "5") == 0);
	assert(all->variables.count == 2);
	assert(all->variables.size == sizeof "A=1B=x=y" + 1);
	assert(strcmp(all->variables.data, "A=1") == 0);
	assert(strcmp(all->variables.data + 4, "B=x=y") == 0);
	release(&table, data, body);
	assert(read_body(&table, "{\"digits\":\"18446744073709551615\"}",
	    &data, &body, &failure) == 0);
	all = data;
	assert(strcmp(all->digits.text, "18446744073709551615") == 0);
	release(&table, data, body);
}

static void
test_printed(void)
{
	const struct all all = {.string = "", .name = "n", .u32 = 7,
	    .millis = 1500, .boolean = 1, .kind = 1, .size = 4096,
	    .time = 1769903999123, .strings = {"a\0b", 4, 2}};
	json_t *object = field_print(&printed_table, &all);
	char *text = json_dumps(object, JSON_COMPACT);

	assert(strcmp(text, "{\"string\":null,\"name\":\"n\","
	    "\"of\":{\"u32\":7,\"millis\":1.5},\"boolean\":true,"
	    "\"kind\":\"some\",\"size_bytes\":4096,"
	    "\"time\":\"2026-01-31T23:59:59.123Z\","
	    "\"strings\":[\"a\",\"b\"]}") == 0);
	free(text);
	json_decref(object);
	/* A number that has no word, and bytes that are not UTF-8. */
	assert(field_print(&printed_table, &(struct all){.string = "",
	    .name = "n", .kind = 2}) == NULL);
	assert(field_print(&printed_table, &(struct all){.string = "\xff",
	    .name = "n"}) == NULL);
}

static void
test_depth(void)
{
	char text[4096];
	struct failure failure;
	json_t *body;

	memset(text, '[', sizeof text);
	assert(field_parse(text, sizeof text, &body, &failure) == -EINVAL);
	assert(strstr(failure.message, "nests"));
	assert(field_parse("{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[\"}", 30, &body,
	    &failure) == 0);
	json_decref(body);
}

/* What a time of a body becomes. */
static uint64_t
seconds(const struct field_table *table, const char *name, const char *text)
{
	struct failure failure;
	uint64_t ret = 0;
	json_t *body;
	void *wish;

	assert(read_body(table, text, &wish, &body, &failure) == 0);
	for (size_t i = 0; i < table->n_fields; i++)
		if (strcmp(table->fields[i].name, name) == 0)
			ret = *(uint64_t *)((uint8_t *)wish +
			    table->fields[i].offset);
	release(table, wish, body);
	return ret;
}

/* A null is never, where it has a meaning; and what is absent is not said. */
static void
test_never(void)
{
	static const char *const times[] = {"ttl", "hard_ttl", "idle_timeout"};
	const struct field_table *const tables[] = {&native_sandbox_wish,
	    &native_sandbox_change};
	char text[64];

	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		for (size_t j = 0; j < sizeof times / sizeof *times; j++) {
			snprintf(text, sizeof text, "{\"%s\":null}", times[j]);
			assert(seconds(tables[i], times[j], text) ==
			    FIELD_NEVER);
			snprintf(text, sizeof text, "{\"%s\":0}", times[j]);
			assert(seconds(tables[i], times[j], text) ==
			    FIELD_NEVER);
			assert(seconds(tables[i], times[j], "{}") == 0);
		}
	assert(seconds(&native_sandbox_change, "timeout",
	    "{\"timeout\":null}") == FIELD_NEVER);
	assert(seconds(&native_sandbox_wish, "timeout",
	    "{\"timeout\":null}") == 0);
	assert(seconds(&native_refresh, "duration", "{\"duration\":null}") ==
	    0);
}

int
main(void)
{
	test_refused();
	test_never();
	test_accepted();
	test_more_types();
	test_printed();
	test_depth();

	assert(identity_find_token(NULL, NULL, NULL) == NULL);
	assert(strcmp(identity_find_token(NULL, "k", NULL), "k") == 0);
	assert(strcmp(identity_find_token(NULL, "k", "a"), "k") == 0);
	assert(strcmp(identity_find_token(NULL, NULL, "a"), "a") == 0);
	assert(strcmp(identity_find_token(NULL, "e2b_k", NULL), "k") == 0);
	assert(strcmp(identity_find_token("bearer  t", "k", "a"), "t") == 0);
	assert(strcmp(identity_find_token("Basic eA==", "k", NULL), "") == 0);
	assert(strcmp(identity_find_token("Basic eA==", NULL, "a"), "a") == 0);
	assert(strcmp(identity_find_token("Digest eA==", NULL, "a"), "") == 0);
	return 0;
}
