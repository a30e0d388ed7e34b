// SPDX-License-Identifier: Apache-2.0
/*
 * One API request as its handler sees it, already authenticated, and the
 * reply it fills in.
 */
#pragma once

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "common/rpc.h"

#define REQUEST_PARAM_SIZE 96 /* of what {id} in a path may match */

struct MHD_Connection;
struct collection;
struct mux;
struct endpoint;

struct request {
	struct mux *broker;
	struct endpoint *endpoint; /* where SSH is served */
	int capability_fd;     /* of the organisation; -1: none was given */
	uint64_t identity;     /* as broker.def means it */
	char org[64];
	char user[64];
	char param[REQUEST_PARAM_SIZE];
	const struct collection *collection; /* of the route */
	const json_t *body; /* an object; the empty one where none was sent */
	struct MHD_Connection *connection; /* for request_query */
};

struct reply {
	unsigned int status;
	json_t *body;	 /* owned; NULL: no content */

	/* A file in place of a body, where file_type is not NULL. */
	const char *file_type; /* its media type */
	int file_fd;	       /* owned, read from where it stands */
	uint64_t file_bytes;
	char allow[64];	 /* the Allow header of a 405 */
};

/* NAME of the query ?NAME=value of the URL, decoded; "" where it is absent. */
const char *request_query(const struct request *request, const char *name);

/* A call to the broker; strings of *ret_reply live in *ret_message. */
int request_ask_broker(const struct request *request,
    const struct rpc_call *call, const void *arguments, void *ret_reply,
    struct rpc_message *ret_message, struct err *err);

/*
 * A call to sandboxd on the organisation's capability. -EPIPE where sandboxd
 * is away.
 */
int request_ask_sandboxd(const struct request *request,
    const struct rpc_call *call, const void *arguments, void *ret_reply,
    struct rpc_message *ret_message, struct err *err);

/* Takes over `body` (NULL: out of memory, or nothing under status 204). */
int reply_set(struct reply *reply, unsigned int status, json_t *body,
    struct err *err);

/*
 * Turns *err into {"error": {code, message, field}} and its status. Words that
 * begin "name: " under EINVAL are taken to be about the field of that name.
 */
void reply_set_error(struct reply *reply, const struct err *err);

/* The same with a status that no errno stands for. */
void reply_set_failure(struct reply *reply, unsigned int status,
    const char *code, const char *field, const char *message);

/*
 * Makes an array of `count` records, encoded one after the other, each by
 * to_json from `info`, where it is decoded (layout->struct_size bytes; the last
 * one stays there). *ret is the caller's. -EBADMSG, and *ret is NULL.
 */
int json_records(const struct rpc_layout *layout, struct rpc_bytes records,
    uint32_t count, void *info, json_t *(*to_json)(const void *info),
    json_t **ret, struct err *err);

/* A JSON string of Unix milliseconds, or null where they are 0. */
json_t *json_timestamp(uint64_t unix_ms);

/* A JSON string, or null where it is empty. */
json_t *json_string_or_null(const char *text);

/* A JSON array of the strings of a list; NULL: out of memory. */
json_t *json_strv(struct rpc_strv strv);
