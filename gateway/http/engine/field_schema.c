// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/field_schema.h"

#include <stdio.h>
#include <string.h>

#define NAME_PATTERN "^[a-z0-9][a-z0-9._-]{0,62}$"
#define SIZE_PATTERN "^[0-9]+[KMGT]?$"
#define TIME_PATTERN "^[0-9]+[smhd]?$"

bool
field_is_named(const char *const *names, const char *name)
{
	for (size_t i = 0; names != NULL && names[i] != NULL; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return names == NULL;
}

static void
set(json_t *schema, const char *name, json_t *value)
{
	(void)json_object_set_new(schema, name, value);
}

static json_t *
typed(const char *type)
{
	return json_pack("{s:s}", "type", type);
}

static json_t *
patterned(const char *pattern)
{
	return json_pack("{s:s, s:s}", "type", "string", "pattern", pattern);
}

static json_t *
list_of(json_t *items)
{
	return json_pack("{s:s, s:o}", "type", "array", "items", items);
}

static json_t *
number(const struct field *field)
{
	json_t *schema, *words;

	if (field->words == NULL) {
		schema = typed("integer");
		if (field->max > 0) {
			set(schema, "minimum",
			    json_integer((json_int_t)field->min));
			set(schema, "maximum",
			    json_integer((json_int_t)field->max));
		}
		return schema;
	}
	words = json_array();
	for (size_t i = 0; field->words[i] != NULL; i++)
		(void)json_array_append_new(
		    words, json_string(field->words[i]));
	return json_pack("{s:s, s:o}", "type", "string", "enum", words);
}

static json_t *
text(const struct field *field)
{
	json_t *schema = typed("string");

	if (field->min > 0)
		set(schema, "minLength", json_integer((json_int_t)field->min));
	if (field->max > 0)
		set(schema, "maxLength", json_integer((json_int_t)field->max));
	return schema;
}

static json_t *
fraction(const struct field *field)
{
	json_t *schema = typed("number");

	if (field->max > 0) {
		set(schema, "minimum", json_real((double)field->min / 1000));
		set(schema, "maximum", json_real((double)field->max / 1000));
	}
	return schema;
}

static json_t *
value_schema(const struct field *field)
{
	switch (field->type) {
	case FIELD_STRING:
	case FIELD_TEXT:
		return text(field);
	case FIELD_NAME:
		return patterned(NAME_PATTERN);
	case FIELD_SIZE:
		return patterned(SIZE_PATTERN);
	case FIELD_SECONDS:
		return patterned(TIME_PATTERN);
	case FIELD_U32:
	case FIELD_U64:
		return number(field);
	case FIELD_MILLIS:
		return fraction(field);
	case FIELD_BOOLEAN:
		return typed("boolean");
	case FIELD_VARIABLES:
	case FIELD_MAP:
		return json_pack("{s:s, s:{s:s}}", "type", "object",
		    "additionalProperties", "type", "string");
	case FIELD_STRINGS:
	case FIELD_WORDS:
	case FIELD_RANGES:
		return list_of(typed("string"));
	case FIELD_OBJECT:
		return field_schema(field->table, NULL);
	case FIELD_OBJECTS:
		return list_of(field_schema(field->table, NULL));
	case FIELD_JSON:
		return json_object();
	case FIELD_TIME:
	case FIELD_DIGITS:
	case N_FIELD_TYPE:
		break;
	}
	return typed("string");
}

json_t *
field_schema(const struct field_table *table, const char *const *names)
{
	json_t *properties = json_object(), *required = json_array();

	for (size_t i = 0; table != NULL && i < table->n_fields; i++) {
		const struct field *field = &table->fields[i];
		json_t *schema;

		if (!field_is_named(names, field->name))
			continue;
		schema = value_schema(field);
		set(schema, "description", json_string(field->text));
		set(properties, field->name, schema);
		if (field->required != NULL)
			(void)json_array_append_new(
			    required, json_string(field->name));
	}
	return json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties",
	    properties, "required", required, "additionalProperties", 0);
}

/* As print_value of field_print.c has it. */
static json_t *
told_schema(const struct field *field)
{
	switch (field->type) {
	case FIELD_U32:
		return field->words != NULL ? typed("string") :
		    typed("integer");
	case FIELD_U64:
	case FIELD_SIZE:
		return typed("integer");
	case FIELD_SECONDS:
		return json_pack("{s:[s, s]}", "type", "integer", "null");
	case FIELD_MILLIS:
		return typed("number");
	case FIELD_BOOLEAN:
		return typed("boolean");
	case FIELD_VARIABLES:
	case FIELD_MAP:
		return json_pack("{s:s, s:{s:s}}", "type", "object",
		    "additionalProperties", "type", "string");
	case FIELD_STRINGS:
	case FIELD_RANGES:
		return json_pack("{s:[s, s], s:{s:[s, s]}}", "type", "array",
		    "null", "items", "type", "string", "integer");
	case FIELD_OBJECT:
		return json_pack("{s:[o, {s:s}]}", "anyOf",
		    field_schema_told(field->table), "type", "null");
	case FIELD_OBJECTS:
		return list_of(field_schema_told(field->table));
	case FIELD_JSON:
		return json_object();
	case FIELD_STRING:
	case FIELD_NAME:
	case FIELD_TIME:
	case FIELD_TEXT:
	case FIELD_WORDS:
	case FIELD_DIGITS:
	case N_FIELD_TYPE:
		break;
	}
	return json_pack("{s:[s, s]}", "type", "string", "null");
}

/* The properties that a field is among: those of its group, made at its
 * first. */
static json_t *
find_properties(json_t *properties, const struct field *field)
{
	json_t *group;

	if (field->group == NULL)
		return properties;
	group = json_object_get(properties, field->group);
	if (group == NULL) {
		group = json_pack("{s:s, s:{}}", "type", "object",
		    "properties");
		set(properties, field->group, group);
	}
	return json_object_get(group, "properties");
}

json_t *
field_schema_told(const struct field_table *table)
{
	json_t *properties = json_object();
	char name[80];

	for (size_t i = 0; i < table->n_fields; i++) {
		const struct field *field = &table->fields[i];
		json_t *schema = told_schema(field);

		snprintf(name, sizeof name, "%s%s", field->name,
		    field->type == FIELD_SIZE ? "_bytes" : "");
		set(schema, "description", json_string(field->text));
		set(find_properties(properties, field), name, schema);
	}
	return json_pack("{s:s, s:o}", "type", "object", "properties",
	    properties);
}
