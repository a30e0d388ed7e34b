// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/field_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/parse.h"

#define RANGE_DIGITS_MAX 10

static int
refuse_memory(struct failure *failure)
{
	return failure_set(failure, 503, "out_of_resources", NULL,
	    "out of memory");
}

/* Whether it is an array of as many as the field may have. */
static int
check_array(const struct field *field, const json_t *value,
    struct failure *failure)
{
	if (!json_is_array(value))
		return failure_of_field(failure, field->name,
		    "must be an array");
	if (json_array_size(value) < field->min)
		return failure_of_field(failure, field->name,
		    "has fewer than %" PRIu64 "; leave it out", field->min);
	if (json_array_size(value) > field->max)
		return failure_of_field(failure, field->name,
		    "has more than %" PRIu64, field->max);
	return 0;
}

static int
add_string(const struct field *field, struct rpc_strv *strv, char *data,
    const json_t *value, struct failure *failure)
{
	const char *text = json_string_value(value);
	size_t size;

	if (text == NULL)
		return failure_of_field(failure, field->name,
		    "has what is not a string");
	size = strlen(text) + 1;
	if (size > FIELD_STRINGS_SIZE - strv->size)
		return failure_of_field(failure, field->name,
		    "longer than %d bytes", FIELD_STRINGS_SIZE);
	memcpy(data + strv->size, text, size);
	strv->size += (uint32_t)size;
	strv->count++;
	return 0;
}

int
field_read_strings(const struct field *field, const json_t *value,
    struct rpc_strv *ret, struct failure *failure)
{
	int r = check_array(field, value, failure);
	const json_t *item;
	char *data;
	size_t i;

	if (r < 0)
		return r;
	data = malloc(FIELD_STRINGS_SIZE);
	if (data == NULL)
		return refuse_memory(failure);
	*ret = (struct rpc_strv){.data = data};
	json_array_foreach(value, i, item)
		if ((r = add_string(field, ret, data, item, failure)) < 0)
			return r;
	return 0;
}

/* "20-25", or "20". */
static int
parse_range(const char *text, struct field_range *ret)
{
	char first[RANGE_DIGITS_MAX + 1];
	const size_t n = strcspn(text, "-");
	uint64_t from, to;

	if (n >= sizeof first)
		return -1;
	memcpy(first, text, n);
	first[n] = '\0';
	if (parse_u64(first, &from) < 0 || from > UINT32_MAX)
		return -1;
	to = from;
	if (text[n] == '-' && (parse_u64(text + n + 1, &to) < 0 ||
	    to > UINT32_MAX))
		return -1;
	*ret = (struct field_range){(uint32_t)from, (uint32_t)to};
	return 0;
}

static int
read_range(const json_t *value, struct field_range *ret)
{
	json_int_t number = json_integer_value(value);

	if (json_is_string(value))
		return parse_range(json_string_value(value), ret);
	if (!json_is_integer(value) || number < 0 || number > UINT32_MAX)
		return -1;
	*ret = (struct field_range){(uint32_t)number, (uint32_t)number};
	return 0;
}

int
field_read_ranges(const struct field *field, const json_t *value,
    struct field_ranges *ret, struct failure *failure)
{
	int r = check_array(field, value, failure);
	const json_t *item;
	size_t i;

	if (r < 0)
		return r;
	ret->items = calloc(json_array_size(value) + 1, sizeof *ret->items);
	if (ret->items == NULL)
		return refuse_memory(failure);
	json_array_foreach(value, i, item) {
		if (read_range(item, &ret->items[i]) < 0)
			return failure_of_field(failure, field->name,
			    "must be whole numbers, and ranges such as "
			    "\"8000-8010\"");
		ret->count++;
	}
	return 0;
}

/* Says which of the objects the failure is in. */
static void
wrap(const struct field *field, size_t i, struct failure *failure)
{
	const struct failure inner = *failure;
	char at[FAILURE_FIELD_SIZE];

	if (inner.field[0] == '\0')
		return;
	if (field->type == FIELD_OBJECT)
		snprintf(at, sizeof at, "%s", field->name);
	else
		snprintf(at, sizeof at, "%s[%zu]", field->name, i);
	snprintf(failure->field, sizeof failure->field, "%.31s.%.31s", at,
	    inner.field);
	snprintf(failure->message, sizeof failure->message, "%.31s.%.200s",
	    at, inner.message);
}

int
field_read_objects(const struct field *field, const json_t *value,
    struct field_objects *ret, struct failure *failure)
{
	const struct field_table *table = field->table;
	const bool is_one = field->type == FIELD_OBJECT;
	const size_t n = is_one ? 1 : json_array_size(value);
	int r = is_one ? 0 : check_array(field, value, failure);

	if (r < 0)
		return r;
	ret->items = calloc(n + 1, table->struct_size);
	if (ret->items == NULL)
		return refuse_memory(failure);
	for (size_t i = 0; i < n; i++) {
		const json_t *item = is_one ? value : json_array_get(value, i);
		void *at = (uint8_t *)ret->items + i * table->struct_size;

		if (!json_is_object(item))
			return failure_of_field(failure, field->name,
			    is_one ? "must be an object" :
			    "must be an array of objects");
		ret->count++;
		if ((r = field_read(table, item, at, failure)) < 0) {
			wrap(field, i, failure);
			return r;
		}
	}
	return 0;
}

static int
check_entry(const struct field *field, const char *name, const json_t *value,
    struct failure *failure)
{
	const size_t n = strlen(name);

	if (n == 0 || n > FIELD_MAP_NAME_MAX)
		return failure_of_field(failure, field->name,
		    "has a name that is not from 1 to %d bytes long",
		    FIELD_MAP_NAME_MAX);
	if (!json_is_string(value) || strlen(json_string_value(value)) !=
	    json_string_length(value))
		return failure_of_field(failure, field->name,
		    "%.60s is not a string without zero bytes", name);
	return 0;
}

static int
write_json(const struct field *field, const json_t *value, size_t flags,
    char **ret, struct failure *failure)
{
	*ret = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | flags);
	if (*ret == NULL)
		return refuse_memory(failure);
	if (strlen(*ret) > field->max)
		return failure_of_field(failure, field->name,
		    "longer than %" PRIu64 " bytes of JSON", field->max);
	return 0;
}

int
field_read_json(const struct field *field, const json_t *value, char **ret,
    struct failure *failure)
{
	return write_json(field, value, 0, ret, failure);
}

int
field_read_map(const struct field *field, const json_t *value, char **ret,
    struct failure *failure)
{
	const char *name;
	const json_t *item;
	int r;

	if (!json_is_object(value))
		return failure_of_field(failure, field->name,
		    "must be an object of strings");
	json_object_foreach((json_t *)(uintptr_t)value, name, item)
		if ((r = check_entry(field, name, item, failure)) < 0)
			return r;
	return write_json(field, value, JSON_SORT_KEYS, ret, failure);
}

static void
free_objects(const struct field_table *table, struct field_objects *objects)
{
	for (uint32_t i = 0; i < objects->count; i++)
		field_fini(table, (uint8_t *)objects->items +
		    i * table->struct_size);
	free(objects->items);
	*objects = (struct field_objects){0};
}

void
field_free_list(const struct field *field, void *at)
{
	struct field_ranges *ranges = at;
	struct rpc_strv *strings = at;

	if (field->type == FIELD_STRINGS) {
		free((void *)(uintptr_t)strings->data);
		*strings = (struct rpc_strv){0};
	} else if (field->type == FIELD_RANGES) {
		free(ranges->items);
		*ranges = (struct field_ranges){0};
	} else if (field->type == FIELD_MAP ||
	    field->type == FIELD_JSON) {
		free(*(char **)at);
		*(char **)at = NULL;
	} else if (field->type == FIELD_OBJECT ||
	    field->type == FIELD_OBJECTS) {
		free_objects(field->table, at);
	}
}
