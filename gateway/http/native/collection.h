// SPDX-License-Identifier: Apache-2.0
/* Records of one kind that the broker keeps, behind a path of the API. */
#pragma once

#include "gateway/http/engine/request.h"

struct collection {
	const char *member; /* the array in a list */
	/* Calls of {identity} and of {identity, id}. */
	const struct rpc_call *list, *remove;
	const struct rpc_layout *record;
	json_t *(*to_json)(const void *record);
};

/* Routes of a path with a collection: {member: [...]}; and with an {id}, 204,
 * or -ENOENT where the caller has no such thing. */
int collection_list(struct request *request, struct reply *reply,
    struct err *err);
int collection_remove(struct request *request, struct reply *reply,
    struct err *err);

/* One record as JSON, which is the caller's. 0 or -EBADMSG. */
int collection_decode(const struct collection *collection,
    struct rpc_bytes record, json_t **ret, struct err *err);
