// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "common/json_load.h"
#include "common/timestamp.h"
#include "gateway/http/engine/field.h"

json_t *
field_time(uint64_t unix_ms)
{
	char text[TIMESTAMP_SIZE];

	if (unix_ms == 0)
		return json_null();
	timestamp_format(unix_ms, text);
	return json_string(text);
}

static json_t *
print_strings(struct rpc_strv strv)
{
	json_t *list = json_array();
	const char *text;

	while ((text = rpc_strv_next(&strv)) != NULL)
		if (json_array_append_new(list, json_string(text)) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

/* Kept text that is none of ours reads as nothing. */
static json_t *
print_map(const char *text)
{
	json_t *map = json_load_whole(text, strlen(text),
	    JSON_REJECT_DUPLICATES, NULL);

	if (json_is_object(map))
		return map;
	json_decref(map);
	return json_object();
}

static json_t *
print_json(const char *text)
{
	json_t *value = json_load_whole(text, strlen(text),
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);

	return value != NULL ? value : json_null();
}

static json_t *
print_ranges(const struct field_ranges *ranges)
{
	json_t *list = json_array();
	char text[2 * FIELD_DIGITS_SIZE];

	for (uint32_t i = 0; i < ranges->count; i++) {
		const struct field_range *range = &ranges->items[i];
		json_t *item;

		snprintf(text, sizeof text, "%u-%u", range->first,
		    range->last);
		item = range->first == range->last ?
		    json_integer(range->first) : json_string(text);
		if (json_array_append_new(list, item) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *
print_objects(const struct field *field, const struct field_objects *objects)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < objects->count; i++)
		if (json_array_append_new(list, field_print(field->table,
		    (const uint8_t *)objects->items +
		    i * field->table->struct_size)) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

/* An object of what is NAME=value. */
static json_t *
print_variables(const struct field_variables *variables)
{
	json_t *object = json_object();
	const char *p = variables->data;

	for (uint32_t i = 0; i < variables->count; i++) {
		const char *equals = strchr(p, '=');
		char name[256];

		if (equals == NULL || json_object_set_new(object,
		    snprintf(name, sizeof name, "%.*s", (int)(equals - p),
		    p) > 0 ? name : "", json_string(equals + 1)) < 0) {
			json_decref(object);
			return NULL;
		}
		p += strlen(p) + 1;
	}
	return object;
}

static json_t *
print_word(const struct field *field, uint32_t number)
{
	uint32_t i = 0;

	if (field->words == NULL)
		return json_integer(number);
	while (field->words[i] != NULL && i < number)
		i++;
	return json_string(field->words[i]);
}

static json_t *
print_value(const struct field *field, const void *at)
{
	const char *text;

	switch (field->type) {
	case FIELD_STRING:
	case FIELD_NAME:
		text = *(const char *const *)at;
		return field->is_nullable && *text == '\0' ? json_null() :
		    json_string(text);
	case FIELD_U32:
		return print_word(field, *(const uint32_t *)at);
	case FIELD_U64:
	case FIELD_SIZE:
		return json_integer((json_int_t)*(const uint64_t *)at);
	case FIELD_MILLIS:
		return json_real(*(const uint32_t *)at / 1000.0);
	case FIELD_BOOLEAN:
		return json_boolean(*(const uint32_t *)at != 0);
	case FIELD_SECONDS:
		return *(const uint64_t *)at == 0 ? json_null() :
		    json_integer((json_int_t)*(const uint64_t *)at);
	case FIELD_TIME:
		return field_time(*(const uint64_t *)at);
	case FIELD_STRINGS:
		return field->is_nullable &&
		    ((const struct rpc_strv *)at)->count == 0 ? json_null() :
		    print_strings(*(const struct rpc_strv *)at);
	case FIELD_RANGES:
		return field->is_nullable &&
		    ((const struct field_ranges *)at)->count == 0 ?
		    json_null() : print_ranges(at);
	case FIELD_JSON:
		return print_json(*(const char *const *)at);
	case FIELD_MAP:
		return print_map(*(const char *const *)at);
	case FIELD_OBJECTS:
		return print_objects(field, at);
	case FIELD_VARIABLES:
		return print_variables(at);
	case FIELD_OBJECT:
		return ((const struct field_objects *)at)->count == 0 ?
		    json_null() : field_print(field->table,
		    ((const struct field_objects *)at)->items);
	case FIELD_TEXT:
	case FIELD_WORDS:
	case FIELD_DIGITS:
	case N_FIELD_TYPE:
		break;
	}
	return NULL;
}

/* The object that the field is a member of; made at its first. */
static json_t *
find_group(json_t *object, const struct field *field)
{
	json_t *group;

	if (field->group == NULL)
		return object;
	group = json_object_get(object, field->group);
	if (group == NULL) {
		(void)json_object_set_new(object, field->group,
		    json_object());
		group = json_object_get(object, field->group);
	}
	return group;
}

json_t *
field_print(const struct field_table *table, const void *data)
{
	json_t *object = json_object();

	for (size_t i = 0; i < table->n_fields; i++) {
		const struct field *field = &table->fields[i];
		char name[80];

		snprintf(name, sizeof name, "%s%s", field->name,
		    field->type == FIELD_SIZE ? "_bytes" : "");
		if (json_object_set_new(find_group(object, field), name,
		    print_value(field, (const uint8_t *)data +
		    field->offset)) < 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}
