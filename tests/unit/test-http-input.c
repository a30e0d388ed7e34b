// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/input.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "gateway/http/back/identity.h"

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
};

static int
read_sandbox(const char *text, size_t size, struct input_sandbox *ret,
    json_t **ret_body, struct err *err)
{
	int r = input_parse(text, size, ret_body, err);

	memset(ret, 0, sizeof *ret);
	return r < 0 ? r : input_sandbox_init(*ret_body, ret, err);
}

static void
test_refused(void)
{
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct input_sandbox input;
		struct err err = {0};
		json_t *body = NULL;

		assert(read_sandbox(refused[i].body, strlen(refused[i].body),
		    &input, &body, &err) == -EINVAL);
		if (strncmp(err.text, refused[i].words,
		    strlen(refused[i].words)) != 0) {
			printf("%s: %s\n", refused[i].body, err.text);
			assert(!"words");
		}
		input_sandbox_fini(&input);
		json_decref(body);
	}
}

static void
test_accepted(void)
{
	static const char text[] = "{\"name\":\"web-1\",\"template\":null,"
	    "\"memory\":\"512M\",\"disk_bytes\":1073741824,\"pids\":64,"
	    "\"cpu\":0.5,\"env\":{\"A\":\"1\",\"B\":\"x=y\"}}";
	struct input_sandbox input;
	struct err err = {0};
	json_t *body = NULL;

	assert(read_sandbox(text, strlen(text), &input, &body, &err) == 0);
	assert(strcmp(input.name, "web-1") == 0);
	assert(strcmp(input.template_name, "") == 0);
	assert(input.memory_bytes == 512u << 20 && input.disk_bytes == 1 << 30);
	assert(input.pids == 64 && input.cpu_millis == 500);
	assert(input.env_count == 2 && input.env_size == sizeof "A=1B=x=y" + 1);
	assert(strcmp(input.env, "A=1") == 0);
	assert(strcmp(input.env + 4, "B=x=y") == 0);
	input_sandbox_fini(&input);
	json_decref(body);

	assert(read_sandbox("", 0, &input, &body, &err) == 0);
	assert(input.memory_bytes == 0 && input.env_count == 0);
	json_decref(body);
}

static void
test_depth(void)
{
	char text[4096];
	struct err err = {0};
	json_t *body;

	memset(text, '[', sizeof text);
	assert(input_parse(text, sizeof text, &body, &err) == -EINVAL);
	assert(strstr(err.text, "nests"));
	assert(input_parse("{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[\"}", 30, &body,
	    &err) == 0);
	json_decref(body);
}

int
main(void)
{
	struct err err = {0};
	uint64_t id;

	test_refused();
	test_accepted();
	test_depth();
	assert(input_path_id("17", &id, &err) == 0 && id == 17);
	assert(input_path_id("0", &id, &err) == -ENOENT);
	assert(input_path_id("x", &id, &err) == -ENOENT);

	assert(identity_find_token(NULL, NULL) == NULL);
	assert(strcmp(identity_find_token(NULL, "k"), "k") == 0);
	assert(strcmp(identity_find_token("bearer  t", "k"), "t") == 0);
	assert(strcmp(identity_find_token("Basic eA==", "k"), "") == 0);
	return 0;
}
