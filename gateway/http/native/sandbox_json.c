// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/native/sandbox_json.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "gateway/http/engine/request.h"

#define PARENT_SIZE 32 /* of the object in "object.member" */

enum json { STRING, STRING_OR_NULL, INTEGER, MILLIS, TIMESTAMP, BOOLEAN,
	HIDDEN };
enum kind { TEXT, STATE, U32, U64, BOOL };

static const struct member {
	enum kind kind;
	enum json json;
	const char *path;
	size_t offset; /* in struct rpc_sandbox_info */
} members[] = {
#define MEMBER(kind, name, json, path)                                         \
	{kind, json, path, offsetof(struct rpc_sandbox_info, name)},
#define SANDBOX_TOLD(since, kind, name, size, change, json, path)              \
	MEMBER(kind, name, json, path)
#define SANDBOX_SEEN(kind, name, size, json, path)                             \
	MEMBER(kind, name, json, path)
#include "common/sandbox.def"
};

static uint64_t
number_of(const struct rpc_sandbox_info *info, const struct member *member)
{
	const void *at = (const char *)info + member->offset;

	return member->kind == U64 ? *(const uint64_t *)at :
	    *(const uint32_t *)at;
}

static const char *
text_of(const struct rpc_sandbox_info *info, const struct member *member)
{
	const void *at = (const char *)info + member->offset;

	return *(const char *const *)at;
}

static json_t *
value_of(const struct rpc_sandbox_info *info, const struct member *member)
{
	switch (member->json) {
	case STRING:
		return json_string(text_of(info, member));
	case STRING_OR_NULL:
		return json_string_or_null(text_of(info, member));
	case INTEGER:
		return json_integer((json_int_t)number_of(info, member));
	case MILLIS:
		return json_real((double)number_of(info, member) / 1000.0);
	case TIMESTAMP:
		return json_timestamp(number_of(info, member));
	case BOOLEAN:
		return json_boolean(number_of(info, member) != 0);
	case HIDDEN:
		break;
	}
	return NULL;
}

/* Adds a value, taken over, at "member" or "object.member" of the object. */
static int
add(json_t *object, const char *path, json_t *value)
{
	const char *dot = strchr(path, '.');
	char parent[PARENT_SIZE];
	json_t *child;

	if (dot == NULL)
		return json_object_set_new(object, path, value);
	snprintf(parent, sizeof parent, "%.*s", (int)(dot - path), path);
	child = json_object_get(object, parent);
	if (child == NULL) {
		child = json_object();
		if (json_object_set_new(object, parent, child) < 0) {
			json_decref(value);
			return -1;
		}
	}
	return json_object_set_new(child, dot + 1, value);
}

json_t *
sandbox_to_json(const struct rpc_sandbox_info *info, const char *host,
    uint32_t port)
{
	json_t *object = json_object();
	int r = object != NULL ? 0 : -1;

	for (size_t i = 0; r == 0 && i < sizeof members / sizeof *members; i++)
		if (members[i].json != HIDDEN)
			r = add(object, members[i].path,
			    value_of(info, &members[i]));
	if (r == 0)
		r = json_object_set_new(object, "ssh",
		    json_pack("{s:s, s:s, s:I}", "username", info->id,
		    "host", host, "port", (json_int_t)port));
	if (r == 0)
		return object;
	json_decref(object);
	return NULL;
}
