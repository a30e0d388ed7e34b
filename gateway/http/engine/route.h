// SPDX-License-Identifier: Apache-2.0
/*
 * A dialect is a table of routes, and its own words for failures. Several are
 * served beside each other: who has a route for a request answers it, and who
 * is first in the list where two have. Where nobody has one, how the path
 * begins decides in whose words that is said.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "gateway/http/engine/failure.h"

#define ROUTE_PARAMS_MAX     4
#define ROUTE_PARAM_SIZE     96 /* of what a {name} in a path may match */
#define ROUTE_PARAM_NAME_MAX 32
#define ROUTE_ALLOW_SIZE     64
#define ROUTE_QUERIES_MAX 9
#define ROUTE_REPLIES_MAX    2
#define ROUTE_MEMBERS_MAX    4
#define ROUTE_PREFIXES_MAX   16

struct exchange;
struct field_table;

/* What comes after a request's head, and how it reaches the route. */
enum route_body {
	ROUTE_BODY_NONE, /* one that is sent is checked as JSON and dropped */
	ROUTE_BODY_JSON, /* whole, then an object: route->input */
	/* As it comes, to who answers: exchange_take. The route is asked once
	 * the head is here. */
	ROUTE_BODY_STREAM,
	/* The same, of multipart/form-data: exchange_set_parts. */
	ROUTE_BODY_MULTIPART,
	/* Either, by its type: exchange_has_parts tells. */
	ROUTE_BODY_STREAM_OR_MULTIPART,
	/* None, and the connection becomes a WebSocket: asked of it is first
	 * who may, then exchange_reply_websocket. */
	ROUTE_BODY_UPGRADE,
	N_ROUTE_BODY
};

/* For those who read docs/openapi.yaml, and for no one else. */
struct route_query {
	const char *name, *text;
};
struct route_member {
	const char *name, *text;
	const struct field_table *fields; /* of its object; NULL: of type */
	const char *in; /* the member that it is in; NULL: of the reply */
	bool is_list, is_nullable, is_optional;
	const char *type; /* JSON Schema's word; NULL: a string */
};
struct route_reply {
	unsigned int status;
	const char *text;
	const struct field_table *fields; /* of its object; NULL: no body */
	const char *list;  /* not NULL: the object has a list of them, so */
	const char *media; /* beside JSON, where there are fields; several by
			    * ", "; NULL: JSON alone */
	struct route_member members[ROUTE_MEMBERS_MAX]; /* beside these */
	/* Of a line of JSON, where media has those; NULL: one of list. */
	const struct field_table *lines;
};

struct route {
	const char *method;
	const char *pattern; /* "{name}" stands for one non-empty segment */
	/* Ends, now or later, in one exchange_reply... or exchange_fail... */
	void (*answer)(struct exchange *exchange);
	enum route_body body;
	const struct field_table *input; /* NULL: an object is not looked at */
	bool is_public;	  /* needs no identity */
	bool is_repeatable; /* heeds Idempotency-Key: dialect/repeat_key.h */
	const void *about; /* the handler's own */
	const char *text;  /* one line about it */
	struct route_query queries[ROUTE_QUERIES_MAX];
	struct route_reply replies[ROUTE_REPLIES_MAX];
};

struct route_params {
	size_t n;
	struct {
		char name[ROUTE_PARAM_NAME_MAX];
		char value[ROUTE_PARAM_SIZE];
	} rows[ROUTE_PARAMS_MAX];
};

struct dialect {
	const char *name;
	/* Whose API it is, and as of when, for who asks for more than that has
	 * (docs/COMPATIBILITY.md); NULL: it is not said. */
	const char *serves;
	/* How paths begin that are its own, where no route has them; NULLs
	 * follow. */
	const char *prefixes[ROUTE_PREFIXES_MAX];
	const struct route *routes;
	size_t n_routes;
	/* Whether a request, by its headers, is its own; NULL: every one. */
	bool (*is_meant)(const struct exchange *exchange);
	/* Adds what else than the path says what a request is about, by the
	 * name that a pattern would have for it; NULL: nothing does. */
	void (*add_params)(const struct exchange *exchange,
	    struct route_params *params);
	/* Status, code and words of a failure as this dialect has them; NULL:
	 * as they are. */
	void (*adapt_failure)(struct failure *failure);
	/* The body of a failure; NULL: out of memory. */
	json_t *(*failure_to_json)(const struct failure *failure);
};

/*
 * The dialect of a path: of those whose prefix it begins with the longest, else
 * the first of the n.
 */
const struct dialect *route_find_dialect(const struct dialect *const *dialects,
    size_t n, const char *path);

struct route_found {
	const struct dialect *dialect; /* always: who says why not, too */
	const struct route *route;
	struct route_params params;
	char allow[ROUTE_ALLOW_SIZE];
};

/*
 * The route for a method and a decoded path; HEAD finds what GET does. What
 * each {name} matched goes to ret_params. 0 and *ret; -ENOENT for an unknown
 * path; -EPERM where the path exists for the methods listed in ret_allow only.
 */
int route_find(const struct dialect *dialect, const char *method,
    const char *path, const struct route **ret,
    struct route_params *ret_params, char ret_allow[ROUTE_ALLOW_SIZE]);

/*
 * The same among n dialects, of which those that do not mean the exchange are
 * left out (exchange NULL: all mean it). With -EPERM the dialect is the first
 * that has the path, and allow what all of them have there; with -ENOENT it is
 * route_find_dialect's.
 */
int route_find_among(const struct dialect *const *dialects, size_t n,
    const struct exchange *exchange, const char *method, const char *path,
    struct route_found *ret);

/* What a {name} stood for; "" where there is none of that name. */
const char *route_param(const struct route_params *params, const char *name);
