// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/input.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/parse.h"

/*
 * Whether brackets nest too deeply for the parser, which recurses. Malformed
 * text may be misjudged here; the parser refuses it anyway.
 */
static bool
is_too_deep(const char *text, size_t size)
{
	bool is_in_string = false;
	unsigned int depth = 0;

	for (size_t i = 0; i < size; i++) {
		if (is_in_string && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			is_in_string = !is_in_string;
		else if (!is_in_string && (text[i] == '{' || text[i] == '['))
			depth++;
		else if (!is_in_string && (text[i] == '}' || text[i] == ']') &&
		    depth > 0)
			depth--;
		if (depth > INPUT_DEPTH_MAX)
			return true;
	}
	return false;
}

int
input_parse(const char *text, size_t size, json_t **ret, struct err *err)
{
	json_error_t problem = {.text = "out of memory"};
	json_t *body;

	if (size == 0)
		body = json_object();
	else if (is_too_deep(text, size))
		return err_set(err, EINVAL,
		    "the body nests deeper than %d levels", INPUT_DEPTH_MAX);
	else
		body = json_loadb(text, size, JSON_REJECT_DUPLICATES,
		    &problem);
	if (body == NULL)
		return err_set(err, EINVAL,
		    "the body is not JSON: line %d, column %d: %.120s",
		    problem.line, problem.column, problem.text);
	if (!json_is_object(body)) {
		json_decref(body);
		return err_set(err, EINVAL, "the body is not a JSON object");
	}
	*ret = body;
	return 0;
}

int
input_check_names(const json_t *body, const char *const *names, size_t n,
    struct err *err)
{
	const char *name;
	const json_t *value;

	json_object_foreach((json_t *)(uintptr_t)body, name, value) {
		bool is_known = false;

		for (size_t i = 0; i < n; i++)
			if (strcmp(name, names[i]) == 0)
				is_known = true;
		if (!is_known)
			return err_set(err, EINVAL, "%.60s: no such field",
			    name);
	}
	return 0;
}

/* The member, or NULL where it is absent or null. */
static const json_t *
member(const json_t *body, const char *name)
{
	const json_t *value = json_object_get(body, name);

	return json_is_null(value) ? NULL : value;
}

int
input_string(const json_t *body, const char *name, size_t max,
    const char **ret, struct err *err)
{
	const json_t *value = member(body, name);
	const char *text;

	*ret = NULL;
	if (value == NULL)
		return 0;
	text = json_string_value(value);
	if (text == NULL)
		return err_set(err, EINVAL, "%s: not a string", name);
	if (json_string_length(value) > max)
		return err_set(err, EINVAL, "%s: longer than %zu bytes", name,
		    max);
	for (const char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return err_set(err, EINVAL,
			    "%s: has control characters", name);
	*ret = text;
	return 0;
}

/* A name as name_is_valid has it, or "" where it is absent. */
static int
read_name(const json_t *body, const char *name, const char **ret,
    struct err *err)
{
	const json_t *value = member(body, name);
	const char *text = json_string_value(value);

	*ret = "";
	if (value == NULL)
		return 0;
	if (text == NULL || !name_is_valid(text))
		return err_set(err, EINVAL,
		    "%s: must be 1 to 63 of a-z, 0-9, \".\", \"_\" and \"-\", "
		    "the first a letter or a digit", name);
	*ret = text;
	return 0;
}

int
input_number(const json_t *body, const char *name, uint64_t min, uint64_t max,
    uint64_t *ret, struct err *err)
{
	const json_t *value = member(body, name);
	json_int_t number;

	*ret = 0;
	if (value == NULL)
		return 0;
	number = json_integer_value(value);
	if (!json_is_integer(value) || number < 0 ||
	    (uint64_t)number < min || (uint64_t)number > max)
		return err_set(err, EINVAL,
		    "%s: must be a whole number from %llu to %llu", name,
		    (unsigned long long)min, (unsigned long long)max);
	*ret = (uint64_t)number;
	return 0;
}

/*
 * A size in bytes given as NAME_bytes (a number) or NAME (a string with K, M,
 * G or T), not both; 0 where neither is there.
 */
static int
read_size(const json_t *body, const char *name, uint64_t min, uint64_t max,
    uint64_t *ret_bytes, struct err *err)
{
	char bytes_name[64];
	const char *text;
	int r;

	snprintf(bytes_name, sizeof bytes_name, "%s_bytes", name);
	r = input_number(body, bytes_name, min, max, ret_bytes, err);
	if (r < 0)
		return r;
	if (member(body, name) == NULL)
		return 0;
	if (member(body, bytes_name) != NULL)
		return err_set(err, EINVAL, "%s: give it or %s, not both", name,
		    bytes_name);
	text = json_string_value(member(body, name));
	if (text == NULL || parse_size(text, ret_bytes) < 0 ||
	    *ret_bytes < min || *ret_bytes > max)
		return err_set(err, EINVAL,
		    "%s: must be a string such as \"512M\" or \"5G\", from "
		    "%lluM to %lluG", name, (unsigned long long)(min >> 20),
		    (unsigned long long)(max >> 30));
	return 0;
}

/* CPUs, a number that may have a fraction, as thousandths. */
static int
input_cpu(const json_t *body, uint64_t *ret_millis, struct err *err)
{
	const json_t *value = member(body, "cpu");
	double millis;

	*ret_millis = 0;
	if (value == NULL)
		return 0;
	millis = round(json_number_value(value) * 1000);
	if (!json_is_number(value) || !(millis >= INPUT_CPU_MIN_MILLIS) ||
	    !(millis <= INPUT_CPU_MAX_MILLIS))
		return err_set(err, EINVAL,
		    "cpu: must be a number of CPUs from 0.1 to %d",
		    INPUT_CPU_MAX_MILLIS / 1000);
	*ret_millis = (uint64_t)millis;
	return 0;
}

static bool
is_variable_name(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz_0123456789";

	return *name != '\0' && (*name < '0' || *name > '9') &&
	    name[strspn(name, allowed)] == '\0';
}

/* Appends "name=value" and its terminator to the packed strings. */
static int
add_variable(struct input_sandbox *input, const char *name,
    const json_t *value, struct err *err)
{
	const char *text = json_string_value(value);
	size_t size;

	if (!is_variable_name(name))
		return err_set(err, EINVAL,
		    "env: \"%.60s\" is not a variable's name", name);
	if (text == NULL)
		return err_set(err, EINVAL, "env: %.60s is not a string", name);
	size = strlen(name) + strlen(text) + 2;
	if (input->env_count == INPUT_ENV_COUNT_MAX ||
	    size > INPUT_ENV_SIZE_MAX - input->env_size)
		return err_set(err, EINVAL,
		    "env: more than %d variables or %d bytes",
		    INPUT_ENV_COUNT_MAX, INPUT_ENV_SIZE_MAX);
	snprintf(input->env + input->env_size, size, "%s=%s", name, text);
	input->env_size += (uint32_t)size;
	input->env_count++;
	return 0;
}

static int
input_env(const json_t *body, struct input_sandbox *input, struct err *err)
{
	json_t *env = json_object_get(body, "env"), *value;
	const char *name;

	if (env == NULL || json_is_null(env))
		return 0;
	if (!json_is_object(env))
		return err_set(err, EINVAL,
		    "env: must be an object of strings");
	input->env = malloc(INPUT_ENV_SIZE_MAX);
	if (input->env == NULL)
		return err_set(err, ENOMEM, "out of memory");
	json_object_foreach(env, name, value) {
		int r = add_variable(input, name, value, err);

		if (r < 0)
			return r;
	}
	return 0;
}

int
input_boolean(const json_t *body, const char *name, bool *ret,
    struct err *err)
{
	const json_t *value = json_object_get(body, name);

	if (value != NULL && !json_is_null(value) && !json_is_boolean(value))
		return err_set(err, EINVAL, "%s: must be true or false", name);
	*ret = json_is_true(value);
	return 0;
}

int
input_sandbox_init(const json_t *body, struct input_sandbox *ret,
    struct err *err)
{
	static const char *const names[] = {"template", "name", "memory",
	    "memory_bytes", "pids", "cpu", "disk", "disk_bytes", "env",
	    "ephemeral"};
	int r;

	memset(ret, 0, sizeof *ret);
	if ((r = input_check_names(body, names, sizeof names / sizeof *names,
	    err)) < 0 ||
	    (r = read_name(body, "template", &ret->template_name, err)) < 0 ||
	    (r = read_name(body, "name", &ret->name, err)) < 0 ||
	    (r = read_size(body, "memory", INPUT_MEMORY_MIN,
	    INPUT_MEMORY_MAX, &ret->memory_bytes, err)) < 0 ||
	    (r = read_size(body, "disk", INPUT_DISK_MIN, INPUT_DISK_MAX,
	    &ret->disk_bytes, err)) < 0 ||
	    (r = input_number(body, "pids", INPUT_PIDS_MIN, INPUT_PIDS_MAX,
	    &ret->pids, err)) < 0 ||
	    (r = input_cpu(body, &ret->cpu_millis, err)) < 0 ||
	    (r = input_boolean(body, "ephemeral", &ret->is_ephemeral,
	    err)) < 0)
		return r;
	return input_env(body, ret, err);
}

void
input_sandbox_fini(struct input_sandbox *input)
{
	free(input->env);
	input->env = NULL;
}

int
input_path_id(const char *param, uint64_t *ret, struct err *err)
{
	if (parse_u64(param, ret) < 0 || *ret == 0)
		return err_set(err, ENOENT, "%s: no such id", param);
	return 0;
}

int
input_public_key(const json_t *body, const char **ret_line,
    const char **ret_name, struct err *err)
{
	static const char *const names[] = {"public_key", "name"};
	int r = input_check_names(body, names, 2, err);

	if (r < 0 || (r = input_string(body, "public_key",
	    INPUT_KEY_SIZE_MAX - 1, ret_line, err)) < 0 ||
	    (r = input_string(body, "name", INPUT_KEY_NAME_MAX, ret_name,
	    err)) < 0)
		return r;
	if (*ret_line == NULL)
		return err_set(err, EINVAL,
		    "public_key: must be given, a line such as "
		    "\"ssh-ed25519 AAAA... name\"");
	return 0;
}
