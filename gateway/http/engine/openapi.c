// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/engine/openapi.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "gateway/http/engine/field.h"

#define TABLES_MAX 128
#define LINES	   "application/x-ndjson"

#define NAME_PATTERN "^[a-z0-9][a-z0-9._-]{0,62}$"

/* A string as YAML and JSON have it; our own words, which have no controls. */
static void
print_text(FILE *file, const char *text)
{
	fputc('"', file);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', file);
		fputc(*text, file);
	}
	fputc('"', file);
}

static void
print_limits(FILE *file, const struct field *field)
{
	if (field->max > 0)
		fprintf(file, ", minimum: %" PRIu64 ", maximum: %" PRIu64,
		    field->min, field->max);
}

/* What JSON calls it; of a request every one may be null. */
static void
print_type(FILE *file, const char *type, bool may_be_null)
{
	if (may_be_null)
		fprintf(file, "type: [%s, \"null\"]", type);
	else
		fprintf(file, "type: %s", type);
}

static void
print_number(FILE *file, const struct field *field, bool may_be_null)
{
	if (field->words == NULL) {
		print_type(file, "integer", may_be_null);
		print_limits(file, field);
		return;
	}
	print_type(file, "string", may_be_null);
	fprintf(file, ", enum: [");
	for (size_t i = 0; field->words[i] != NULL; i++)
		fprintf(file, "%s%s", i > 0 ? ", " : "", field->words[i]);
	fprintf(file, "]");
}

/* The table's own name without that of its dialect. */
static const char *
name_of(const struct dialect *dialect, const struct field_table *table)
{
	size_t n = strlen(dialect->name);

	return strncmp(table->name, dialect->name, n) == 0 &&
	    table->name[n] == '_' ? table->name + n + 1 : table->name;
}

/* An array; of what, is the caller's to print. */
static void
print_array(FILE *file, const struct field *field, bool may_be_null)
{
	print_type(file, "array", may_be_null);
	if (field->max > 0)
		fprintf(file, ", minItems: %" PRIu64 ", maxItems: %" PRIu64,
		    field->min, field->max);
	fprintf(file, ", items: ");
}

/* The inside of {...}. */
static void
print_schema(FILE *file, const struct dialect *dialect,
    const struct field *field, bool is_input)
{
	bool may_be_null = (is_input && field->required == NULL) ||
	    field->is_nullable;

	switch (field->type) {
	case FIELD_STRING:
		print_type(file, "string", may_be_null);
		if (field->max > 0)
			fprintf(file, ", minLength: %" PRIu64
			    ", maxLength: %" PRIu64, field->min, field->max);
		break;
	case FIELD_NAME:
		print_type(file, "string", may_be_null);
		fprintf(file, ", pattern: \"%s\"", NAME_PATTERN);
		break;
	case FIELD_U32:
	case FIELD_U64:
	case FIELD_SIZE:
		print_number(file, field, may_be_null);
		break;
	case FIELD_MILLIS:
		print_type(file, "number", may_be_null);
		if (field->max > 0)
			fprintf(file, ", minimum: %g, maximum: %g",
			    (double)field->min / 1000,
			    (double)field->max / 1000);
		break;
	case FIELD_SECONDS:
		fprintf(file, is_input ? "type: [integer, string, \"null\"]" :
		    "type: [integer, \"null\"]");
		break;
	case FIELD_BOOLEAN:
		print_type(file, "boolean", may_be_null);
		break;
	case FIELD_TIME:
		fprintf(file, "type: [string, \"null\"], format: date-time");
		break;
	case FIELD_JSON:
		fprintf(file, "type: [object, array, string, number, boolean, "
		    "\"null\"]");
		break;
	case FIELD_MAP:
	case FIELD_VARIABLES:
		print_type(file, "object", may_be_null);
		fprintf(file, ", additionalProperties: {type: string}");
		break;
	case FIELD_DIGITS:
		fprintf(file, "type: [integer, string, \"null\"]");
		break;
	case FIELD_TEXT:
		print_type(file, "string", may_be_null);
		fprintf(file, ", maxLength: %" PRIu64, field->max);
		break;
	case FIELD_WORDS:
		print_type(file, "array", may_be_null);
		fprintf(file, ", items: {type: string}");
		break;
	case FIELD_STRINGS:
		print_array(file, field, may_be_null);
		fprintf(file, "{type: string}");
		break;
	case FIELD_RANGES:
		print_array(file, field, may_be_null);
		fprintf(file, "{type: [integer, string]}");
		break;
	case FIELD_OBJECTS:
		print_array(file, field, may_be_null);
		fprintf(file, "{$ref: \"#/components/schemas/%s\"}",
		    name_of(dialect, field->table));
		break;
	case FIELD_OBJECT:
		fprintf(file, "$ref: \"#/components/schemas/%s\"",
		    name_of(dialect, field->table));
		break;
	case N_FIELD_TYPE:
		break;
	}
}

static void
print_field(FILE *file, const struct dialect *dialect, int indent,
    const struct field *field, bool is_input)
{
	fprintf(file, "%*s%s%s: {", indent, "", field->name,
	    field->type == FIELD_SIZE ? "_bytes" : "");
	print_schema(file, dialect, field, is_input);
	if (field->text != NULL) {
		fprintf(file, ", description: ");
		print_text(file, field->text);
	}
	fprintf(file, "}\n");
	if (field->type == FIELD_SIZE && is_input)
		fprintf(file, "%*s%s: {type: [string, \"null\"], pattern: "
		    "\"^[0-9]+[KMGT]?$\", description: \"in place of "
		    "%s_bytes\"}\n", indent, "", field->name, field->name);
}

static bool
is_new_group(const struct field_table *table, size_t i)
{
	return table->fields[i].group != NULL && (i == 0 ||
	    table->fields[i - 1].group == NULL ||
	    strcmp(table->fields[i].group, table->fields[i - 1].group) != 0);
}

static void
print_table(FILE *file, const struct dialect *dialect,
    const struct field_table *table, bool is_input)
{
	fprintf(file, "    %s:\n      type: object\n",
	    name_of(dialect, table));
	if (is_input)
		fprintf(file, "      additionalProperties: false\n");
	for (size_t i = 0, n = 0; i < table->n_fields; i++)
		if (table->fields[i].required != NULL)
			fprintf(file, "%s- %s\n", n++ > 0 ? "        " :
			    "      required:\n        ",
			    table->fields[i].name);
	fprintf(file, "      properties:\n");
	for (size_t i = 0; i < table->n_fields; i++) {
		const struct field *field = &table->fields[i];

		if (is_new_group(table, i))
			fprintf(file, "        %s:\n          type: object\n"
			    "          properties:\n", field->group);
		print_field(file, dialect, field->group != NULL ? 12 : 8,
		    field, is_input);
	}
}

/* What has been printed of a document's tables. */
struct printed {
	const struct field_table *tables[TABLES_MAX];
	size_t n;
};

/* The n-th table that replies of a route are made of; NULL: there is none. */
static const struct field_table *
find_reply_table(const struct route *route, size_t n)
{
	const struct route_reply *reply = &route->replies[0];

	if (n == ROUTE_MEMBERS_MAX + 1)
		return reply->lines;
	return n == 0 ? reply->fields : reply->members[n - 1].fields;
}

/* It, and those of its fields, unless they are there. */
static void
print_once(FILE *file, const struct dialect *dialect,
    const struct field_table *table, bool is_input, struct printed *printed)
{
	for (size_t i = 0; i < printed->n; i++)
		if (printed->tables[i] == table)
			return;
	assert(printed->n < TABLES_MAX);
	printed->tables[printed->n++] = table;
	print_table(file, dialect, table, is_input);
	for (size_t i = 0; i < table->n_fields; i++)
		if (table->fields[i].table != NULL)
			print_once(file, dialect, table->fields[i].table,
			    is_input, printed);
}

static void
print_tables(FILE *file, const struct dialect *dialect)
{
	struct printed printed = {.n = 0};

	for (size_t i = 0; i < dialect->n_routes; i++) {
		const struct route *route = &dialect->routes[i];

		if (route->input != NULL)
			print_once(file, dialect, route->input, true,
			    &printed);
		for (size_t j = 0; j <= ROUTE_MEMBERS_MAX + 1; j++) {
			const struct field_table *table =
			    find_reply_table(route, j);

			if (table != NULL)
				print_once(file, dialect, table, false,
				    &printed);
		}
	}
}

static void
print_ref(FILE *file, const struct dialect *dialect,
    const struct field_table *table, bool is_list)
{
	fprintf(file, is_list ? "{type: array, items: {$ref: "
	    "\"#/components/schemas/%s\"}}" :
	    "{$ref: \"#/components/schemas/%s\"}",
	    name_of(dialect, table));
}

static void print_members(FILE *file, const struct dialect *dialect,
    const struct route_reply *reply, const char *in);

/* Whether others are in it. */
static bool
has_members(const struct route_reply *reply, const char *in)
{
	for (size_t i = 0; i < ROUTE_MEMBERS_MAX; i++)
		if (reply->members[i].name != NULL &&
		    reply->members[i].in != NULL &&
		    strcmp(reply->members[i].in, in) == 0)
			return true;
	return false;
}

static void
print_member(FILE *file, const struct dialect *dialect,
    const struct route_reply *reply, const struct route_member *member)
{
	const char *type = member->type != NULL ? member->type : "string";

	if (member->fields == NULL) {
		fprintf(file, "{");
		print_type(file, member->is_list ? "array" : type,
		    member->is_nullable);
		if (member->is_list)
			fprintf(file, ", items: {type: %s}", type);
		fprintf(file, ", description: ");
		print_text(file, member->text);
		fprintf(file, "}");
		return;
	}
	if (member->is_nullable)
		fprintf(file, "{anyOf: [{type: \"null\"}, ");
	if (has_members(reply, member->name))
		fprintf(file, "{allOf: [");
	print_ref(file, dialect, member->fields, member->is_list);
	if (has_members(reply, member->name)) {
		fprintf(file, ", ");
		print_members(file, dialect, reply, member->name);
		fprintf(file, "]}");
	}
	if (member->is_nullable)
		fprintf(file, "]}");
}

/* Those in a member, or of the reply itself, as an object. */
static void
print_members(FILE *file, const struct dialect *dialect,
    const struct route_reply *reply, const char *in)
{
	const char *between = "";

	fprintf(file, "{type: object, properties: {");
	for (size_t i = 0; i < ROUTE_MEMBERS_MAX &&
	    reply->members[i].name != NULL; i++) {
		const struct route_member *member = &reply->members[i];

		if ((in == NULL) != (member->in == NULL) ||
		    (in != NULL && strcmp(in, member->in) != 0))
			continue;
		fprintf(file, "%s%s: ", between, member->name);
		print_member(file, dialect, reply, member);
		between = ", ";
	}
	fprintf(file, "}, required: [");
	between = "";
	for (size_t i = 0; i < ROUTE_MEMBERS_MAX &&
	    reply->members[i].name != NULL; i++) {
		const struct route_member *member = &reply->members[i];

		if (member->is_optional || (in == NULL) !=
		    (member->in == NULL) ||
		    (in != NULL && strcmp(in, member->in) != 0))
			continue;
		fprintf(file, "%s%s", between, member->name);
		between = ", ";
	}
	fprintf(file, "]}");
}

static void
print_fields(FILE *file, const struct dialect *dialect,
    const struct route_reply *reply)
{
	if (reply->list != NULL)
		fprintf(file, "{type: object, properties: {%s: ",
		    reply->list);
	print_ref(file, dialect, reply->fields, reply->list != NULL);
	if (reply->list != NULL)
		fprintf(file, "}}");
}

static void
print_media(FILE *file, const struct dialect *dialect,
    const struct route_reply *reply)
{
	const struct field_table *lines = reply->lines != NULL ||
	    reply->list == NULL ? reply->lines : reply->fields;

	for (const char *name = reply->media; *name != '\0';) {
		const int n = (int)strcspn(name, ",");

		fprintf(file, "            \"%.*s\": {", n, name);
		if (lines != NULL && strncmp(name, LINES, n) == 0) {
			fprintf(file, "schema: ");
			print_ref(file, dialect, lines, false);
		}
		fprintf(file, "}\n");
		name += n;
		name += strspn(name, ", ");
	}
}

static void
print_reply(FILE *file, const struct dialect *dialect,
    const struct route_reply *reply)
{
	bool has_both = reply->fields != NULL &&
	    reply->members[0].name != NULL;
	bool has_object = reply->fields != NULL ||
	    reply->members[0].name != NULL;

	fprintf(file, "        \"%u\":\n          description: ",
	    reply->status);
	print_text(file, reply->text);
	fprintf(file, "\n");
	if (reply->media != NULL || has_object)
		fprintf(file, "          content:\n");
	if (reply->media != NULL)
		print_media(file, dialect, reply);
	if (!has_object)
		return;
	fprintf(file, "            application/json:\n"
	    "              schema: %s", has_both ? "{allOf: [" : "");
	if (reply->fields != NULL)
		print_fields(file, dialect, reply);
	if (has_both)
		fprintf(file, ", ");
	if (reply->members[0].name != NULL)
		print_members(file, dialect, reply, NULL);
	fprintf(file, "%s\n", has_both ? "]}" : "");
}

static void
print_parameters(FILE *file, const struct route *route)
{
	const char *p = route->pattern;
	const char *heading = "      parameters:\n";

	while ((p = strchr(p, '{')) != NULL) {
		fprintf(file, "%s        - {name: %.*s, in: path, required: "
		    "true, schema: {type: string}}\n", heading,
		    (int)strcspn(p + 1, "}"), p + 1);
		heading = "";
		p++;
	}
	for (size_t i = 0; i < ROUTE_QUERIES_MAX &&
	    route->queries[i].name != NULL; i++) {
		fprintf(file, "%s        - {name: %s, in: query, schema: "
		    "{type: string}, description: ", heading,
		    route->queries[i].name);
		print_text(file, route->queries[i].text);
		fprintf(file, "}\n");
		heading = "";
	}
	if (route->is_repeatable)
		fprintf(file, "%s        - {name: Idempotency-Key, in: header, "
		    "schema: {type: string}, description: what tells this "
		    "request from others; a second one that has it is "
		    "answered as the first}\n", heading);
}

static void
print_route(FILE *file, const struct dialect *dialect,
    const struct route *route)
{
	fprintf(file, "    ");
	for (const char *p = route->method; *p != '\0'; p++)
		fputc(tolower((unsigned char)*p), file);
	fprintf(file, ":\n      summary: ");
	print_text(file, route->text);
	fprintf(file, "\n");
	if (route->is_public)
		fprintf(file, "      security: []\n");
	print_parameters(file, route);
	if (route->input != NULL)
		fprintf(file, "      requestBody:\n        content:\n"
		    "          application/json:\n            schema: "
		    "{$ref: \"#/components/schemas/%s\"}\n",
		    name_of(dialect, route->input));
	if (route->body == ROUTE_BODY_STREAM ||
	    route->body == ROUTE_BODY_STREAM_OR_MULTIPART)
		fprintf(file, "      requestBody:\n        content: "
		    "{application/octet-stream: {}}\n");
	if (route->body == ROUTE_BODY_MULTIPART)
		fprintf(file, "      requestBody:\n        content: "
		    "{multipart/form-data: {schema: {type: object, "
		    "additionalProperties: {type: string, "
		    "contentMediaType: application/octet-stream}}}}\n");
	fprintf(file, "      responses:\n");
	for (size_t i = 0; i < ROUTE_REPLIES_MAX &&
	    route->replies[i].status != 0; i++)
		print_reply(file, dialect, &route->replies[i]);
	if (!route->is_public)
		fprintf(file, "        default: "
		    "{$ref: \"#/components/responses/failure\"}\n");
}

/* A path is printed at its first route, with all its methods. */
static void
print_paths(FILE *file, const struct dialect *dialect)
{
	for (size_t i = 0; i < dialect->n_routes; i++) {
		const char *pattern = dialect->routes[i].pattern;
		size_t first = 0;

		while (strcmp(dialect->routes[first].pattern, pattern) != 0)
			first++;
		if (first < i)
			continue;
		fprintf(file, "  \"%s\":\n", pattern);
		for (size_t j = i; j < dialect->n_routes; j++)
			if (strcmp(dialect->routes[j].pattern, pattern) == 0)
				print_route(file, dialect,
				    &dialect->routes[j]);
	}
}

void
openapi_print(FILE *file, const struct dialect *const *dialects, size_t n)
{
	fprintf(file, "# SPDX-License-Identifier: Apache-2.0\n"
	    "# Printed by gateway-http -o, and to be printed anew when the "
	    "tables change.\n"
	    "openapi: 3.1.0\n"
	    "info: {title: Sandgate, version: \"%s\"}\n"
	    "security:\n  - token: []\n  - key: []\n"
	    "paths:\n", SANDGATE_VERSION);
	for (size_t i = 0; i < n; i++)
		print_paths(file, dialects[i]);
	fprintf(file, "components:\n"
	    "  securitySchemes:\n"
	    "    token: {type: http, scheme: bearer}\n"
	    "    key: {type: apiKey, in: header, name: X-API-Key}\n"
	    "  responses:\n"
	    "    failure:\n"
	    "      description: \"why not\"\n"
	    "      content:\n        application/json:\n"
	    "          schema: {$ref: \"#/components/schemas/failure\"}\n"
	    "  schemas:\n"
	    "    failure:\n      type: object\n      properties:\n"
	    "        error:\n          type: object\n"
	    "          required: [code, message]\n          properties:\n"
	    "            code: {type: string}\n"
	    "            message: {type: string}\n"
	    "            field: {type: string}\n"
	    "            hint: {type: string}\n"
	    "            cause: {type: string}\n"
	    "            retry_after: {type: integer}\n"
	    "            request_id: {type: string}\n");
	for (size_t i = 0; i < n; i++)
		print_tables(file, dialects[i]);
}
