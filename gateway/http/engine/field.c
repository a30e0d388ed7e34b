// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/field.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "common/json_load.h"
#include "common/parse.h"
#include "gateway/http/engine/field_list.h"

#define MEMBER_SIZE 80

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
		if (depth > FIELD_DEPTH_MAX)
			return true;
	}
	return false;
}

static int
refuse(struct failure *failure, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* About the body as a whole. */
static int
refuse(struct failure *failure, const char *fmt, ...)
{
	char words[FAILURE_TEXT_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof words, fmt, ap);
	va_end(ap);
	return failure_set(failure, 400, "invalid_argument", NULL, "%s",
	    words);
}

int
field_parse(const char *text, size_t size, json_t **ret,
    struct failure *failure)
{
	json_error_t problem = {.text = "out of memory"};
	json_t *body;

	if (size == 0)
		body = json_object();
	else if (is_too_deep(text, size))
		return refuse(failure,
		    "the body nests deeper than %d levels", FIELD_DEPTH_MAX);
	else
		body = json_load_whole(text, size, JSON_REJECT_DUPLICATES,
		    &problem);
	if (body == NULL)
		return refuse(failure,
		    "the body is not JSON: line %d, column %d: %.120s",
		    problem.line, problem.column, problem.text);
	if (!json_is_object(body)) {
		json_decref(body);
		return refuse(failure, "the body is not a JSON object");
	}
	*ret = body;
	return 0;
}

/* The member, or NULL where it is absent or null. */
static const json_t *
member(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_null(value) ? NULL : value;
}

/* Said by a null, which is no word of most fields. */
static bool
is_never(const struct field *field, const json_t *object)
{
	return field->type == FIELD_SECONDS && field->is_nullable &&
	    json_is_null(json_object_get(object, field->name));
}

static int
read_string(const char *name, uint64_t max, const json_t *value,
    const char **ret, struct failure *failure)
{
	const char *text = json_string_value(value);

	if (text == NULL)
		return failure_of_field(failure, name, "not a string");
	if (json_string_length(value) > max)
		return failure_of_field(failure, name,
		    "longer than %" PRIu64 " bytes", max);
	for (const char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return failure_of_field(failure, name,
			    "has control characters");
	*ret = text;
	return 0;
}

/* Any bytes but zero ones. */
static int
read_text(const struct field *field, const json_t *value, const char **ret,
    struct failure *failure)
{
	const char *text = json_string_value(value);

	if (text == NULL || json_string_length(value) > field->max ||
	    strlen(text) != json_string_length(value))
		return failure_of_field(failure, field->name, "must be a "
		    "string of at most %" PRIu64 " bytes, none of them zero",
		    field->max);
	*ret = text;
	return 0;
}

static int
read_name(const char *name, const json_t *value, const char **ret,
    struct failure *failure)
{
	const char *text = json_string_value(value);

	if (text == NULL || !name_is_valid(text))
		return failure_of_field(failure, name,
		    "must be 1 to 63 of a-z, 0-9, \".\", \"_\" and \"-\", "
		    "the first a letter or a digit");
	*ret = text;
	return 0;
}

/* One of the words of a field that has some. */
static int
read_word(const struct field *field, const json_t *value, uint64_t *ret,
    struct failure *failure)
{
	const char *text = json_string_value(value);
	char all[128] = "";

	for (uint64_t i = 0; field->words[i] != NULL; i++) {
		size_t used = strlen(all);

		if (text != NULL && strcmp(text, field->words[i]) == 0) {
			*ret = i;
			return 0;
		}
		snprintf(all + used, sizeof all - used, "%s%s",
		    i > 0 ? ", " : "", field->words[i]);
	}
	return failure_of_field(failure, field->name, "must be one of %s",
	    all);
}

static int
read_number(const char *name, const struct field *field, const json_t *value,
    uint64_t *ret, struct failure *failure)
{
	json_int_t number = json_integer_value(value);

	if (field->words != NULL)
		return read_word(field, value, ret, failure);
	if (!json_is_integer(value) || number < 0 ||
	    (uint64_t)number < field->min || (uint64_t)number > field->max)
		return failure_of_field(failure, name,
		    "must be a whole number from %" PRIu64 " to %" PRIu64,
		    field->min, field->max);
	*ret = (uint64_t)number;
	return 0;
}

static void
name_bytes(const struct field *field, char ret[MEMBER_SIZE])
{
	snprintf(ret, MEMBER_SIZE, "%s_bytes", field->name);
}

/* A number as NAME_bytes or a string as NAME, not both. */
static int
read_size(const struct field *field, const json_t *object, uint64_t *ret,
    struct failure *failure)
{
	char bytes_name[MEMBER_SIZE];
	const json_t *bytes, *size = member(object, field->name);
	const char *text;
	int r;

	name_bytes(field, bytes_name);
	bytes = member(object, bytes_name);
	if (bytes != NULL &&
	    (r = read_number(bytes_name, field, bytes, ret, failure)) < 0)
		return r;
	if (size == NULL)
		return 0;
	if (bytes != NULL)
		return failure_of_field(failure, field->name,
		    "give it or %s, not both", bytes_name);
	text = json_string_value(size);
	if (text == NULL || parse_size(text, ret) < 0 || *ret < field->min ||
	    *ret > field->max)
		return failure_of_field(failure, field->name,
		    "must be a string such as \"512M\" or \"5G\", from "
		    "%" PRIu64 "M to %" PRIu64 "G", field->min >> 20,
		    field->max >> 30);
	return 0;
}

static int
read_millis(const struct field *field, const json_t *value, uint32_t *ret,
    struct failure *failure)
{
	double millis = round(json_number_value(value) * 1000);

	if (!json_is_number(value) || !(millis >= (double)field->min) ||
	    !(millis <= (double)field->max))
		return failure_of_field(failure, field->name,
		    "must be a number of %s from %g to %g", field->text,
		    (double)field->min / 1000, (double)field->max / 1000);
	*ret = (uint32_t)millis;
	return 0;
}

/* Appends "name=value" and its terminator to the packed strings. */
static int
add_variable(const struct field *field, struct field_variables *variables,
    const char *name, const json_t *value, struct failure *failure)
{
	const char *text = json_string_value(value);
	size_t size;

	if (!variable_name_is_valid(name))
		return failure_of_field(failure, field->name,
		    "\"%.60s\" is not a variable's name", name);
	if (text == NULL)
		return failure_of_field(failure, field->name,
		    "%.60s is not a string", name);
	size = strlen(name) + strlen(text) + 2;
	if (variables->count == FIELD_VARIABLES_MAX ||
	    size > FIELD_VARIABLES_SIZE - variables->size)
		return failure_of_field(failure, field->name,
		    "more than %d variables or %d bytes",
		    FIELD_VARIABLES_MAX, FIELD_VARIABLES_SIZE);
	snprintf(variables->data + variables->size, size, "%s=%s", name,
	    text);
	variables->size += (uint32_t)size;
	variables->count++;
	return 0;
}

static int
read_variables(const struct field *field, const json_t *object,
    struct field_variables *ret, struct failure *failure)
{
	json_t *value;
	const char *name;
	int r = 0;

	if (!json_is_object(object))
		return failure_of_field(failure, field->name,
		    "must be an object of strings");
	ret->data = malloc(FIELD_VARIABLES_SIZE);
	if (ret->data == NULL)
		return failure_set(failure, 503, "out_of_resources", NULL,
		    "out of memory");
	json_object_foreach((json_t *)(uintptr_t)object, name, value)
		if ((r = add_variable(field, ret, name, value, failure)) < 0)
			return r;
	return 0;
}

static int
read_words(const struct field *field, const json_t *list,
    struct field_variables *ret, struct failure *failure)
{
	const json_t *value;
	size_t i, size, all = 1;

	if (!json_is_array(list))
		return failure_of_field(failure, field->name,
		    "must be a list of strings");
	json_array_foreach((json_t *)(uintptr_t)list, i, value)
		all += json_string_length(value) + 1;
	ret->data = malloc(MIN(all, field->max));
	if (ret->data == NULL)
		return failure_set(failure, 503, "out_of_resources", NULL,
		    "out of memory");
	json_array_foreach((json_t *)(uintptr_t)list, i, value) {
		if (!json_is_string(value) || strlen(json_string_value(
		    value)) != json_string_length(value))
			return failure_of_field(failure, field->name,
			    "must be a list of strings without zero bytes");
		size = json_string_length(value) + 1;
		if (size > field->max - ret->size)
			return failure_of_field(failure, field->name,
			    "more than %" PRIu64 " bytes", field->max);
		memcpy(ret->data + ret->size, json_string_value(value), size);
		ret->size += (uint32_t)size;
		ret->count++;
	}
	return 0;
}

static int
read_boolean(const struct field *field, const json_t *value, uint32_t *ret,
    struct failure *failure)
{
	if (!json_is_boolean(value))
		return failure_of_field(failure, field->name,
		    "must be true or false");
	*ret = json_is_true(value) ? FIELD_TRUE : FIELD_FALSE;
	return 0;
}

/* A number, or a string of digits where it is past those of JSON. */
static int
read_digits(const struct field *field, const json_t *value,
    struct field_digits *ret, struct failure *failure)
{
	if (!json_is_integer(value))
		return read_string(field->name, FIELD_DIGITS_SIZE - 1, value,
		    &ret->text, failure);
	snprintf(ret->of_number, sizeof ret->of_number,
	    "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	ret->text = ret->of_number;
	return 0;
}

static int
read_seconds(const struct field *field, const json_t *value, uint64_t *ret,
    struct failure *failure)
{
	uint64_t seconds = 0;
	bool is_right = json_is_integer(value) && json_integer_value(value) >=
	    0;

	if (is_right)
		seconds = (uint64_t)json_integer_value(value);
	else if (json_is_string(value))
		is_right = parse_seconds(json_string_value(value),
		    &seconds) == 0;
	if (!is_right || seconds > field->max)
		return failure_of_field(failure, field->name,
		    "must be a number of seconds, or a string such as 5m, 1h "
		    "or 2d, up to %" PRIu64 " seconds; 0 is never",
		    field->max);
	*ret = seconds == 0 ? FIELD_NEVER : seconds;
	return 0;
}

static int
read_value(const struct field *field, const json_t *value, void *ret,
    struct failure *failure)
{
	uint64_t number = 0;
	int r;

	switch (field->type) {
	case FIELD_STRING:
		return read_string(field->name, field->max, value, ret,
		    failure);
	case FIELD_NAME:
		return read_name(field->name, value, ret, failure);
	case FIELD_U32:
		r = read_number(field->name, field, value, &number, failure);
		*(uint32_t *)ret = (uint32_t)number;
		return r;
	case FIELD_U64:
		return read_number(field->name, field, value, ret, failure);
	case FIELD_MILLIS:
		return read_millis(field, value, ret, failure);
	case FIELD_SECONDS:
		return read_seconds(field, value, ret, failure);
	case FIELD_BOOLEAN:
		return read_boolean(field, value, ret, failure);
	case FIELD_VARIABLES:
		return read_variables(field, value, ret, failure);
	case FIELD_WORDS:
		return read_words(field, value, ret, failure);
	case FIELD_TEXT:
		return read_text(field, value, ret, failure);
	case FIELD_DIGITS:
		return read_digits(field, value, ret, failure);
	case FIELD_STRINGS:
		return field_read_strings(field, value, ret, failure);
	case FIELD_JSON:
		return field_read_json(field, value, ret, failure);
	case FIELD_MAP:
		return field_read_map(field, value, ret, failure);
	case FIELD_RANGES:
		return field_read_ranges(field, value, ret, failure);
	case FIELD_OBJECT:
	case FIELD_OBJECTS:
		return field_read_objects(field, value, ret, failure);
	case FIELD_SIZE:
	case FIELD_TIME:
	case N_FIELD_TYPE:
		break;
	}
	return failure_of_field(failure, field->name, "cannot be given");
}

bool
field_has(const struct field_table *table, const char *name)
{
	char bytes_name[MEMBER_SIZE];

	for (size_t i = 0; table != NULL && i < table->n_fields; i++) {
		name_bytes(&table->fields[i], bytes_name);
		if (strcmp(name, table->fields[i].name) == 0 ||
		    (table->fields[i].type == FIELD_SIZE &&
		    strcmp(name, bytes_name) == 0))
			return true;
	}
	return false;
}

bool
field_has_path(const struct field_table *table, const char *path)
{
	char name[MEMBER_SIZE];

	snprintf(name, sizeof name, "%.*s", (int)strcspn(path, ".["), path);
	return field_has(table, name);
}

int
field_read(const struct field_table *table, const json_t *object, void *ret,
    struct failure *failure)
{
	const char *name;
	const json_t *value;
	int r = 0;

	json_object_foreach((json_t *)(uintptr_t)object, name, value)
		if (!field_has(table, name)) {
			char shown[61];

			snprintf(shown, sizeof shown, "%s", name);
			return failure_of_field(failure, shown,
			    "no such field");
		}
	for (size_t i = 0; r == 0 && i < table->n_fields; i++) {
		const struct field *field = &table->fields[i];
		void *at = (uint8_t *)ret + field->offset;

		value = member(object, field->name);
		if (field->type == FIELD_NAME)
			*(const char **)at = "";
		if (field->type == FIELD_SIZE)
			r = read_size(field, object, at, failure);
		else if (is_never(field, object))
			*(uint64_t *)at = FIELD_NEVER;
		else if (value != NULL)
			r = read_value(field, value, at, failure);
		if (r == 0 && field->required != NULL && (value == NULL ||
		    (field->min > 0 && json_is_string(value) &&
		    json_string_length(value) == 0)))
			r = failure_of_field(failure, field->name,
			    "must be given, %s", field->required);
	}
	return r;
}

void
field_fini(const struct field_table *table, void *data)
{
	for (size_t i = 0; table != NULL && i < table->n_fields; i++) {
		const struct field *field = &table->fields[i];
		void *at = (uint8_t *)data + field->offset;

		if (field->type == FIELD_VARIABLES ||
		    field->type == FIELD_WORDS) {
			struct field_variables *variables = at;

			free(variables->data);
			variables->data = NULL;
		}
		field_free_list(field, at);
	}
}
