// SPDX-License-Identifier: Apache-2.0
/*
 * The native API as one table. A dialect is another table, with its own
 * prefix, handed to routes_find beside this one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "gateway/http/engine/request.h"

struct route {
	const char *method;
	const char *pattern; /* "{id}" stands for one non-empty segment */
	int (*answer)(struct request *request, struct reply *reply,
	    struct err *err);
	bool is_public;	     /* needs no identity */
	const char *rights;  /* what the identity must be able to do */
	const struct collection *collection; /* that it is about, or NULL */
};

struct route_table {
	const struct route *routes;
	size_t n_routes;
};

extern const struct route_table routes_native;

/*
 * The route for a method and a decoded path; HEAD finds what GET does. What
 * {id} matched goes to param. 0 and *ret; -ENOENT for an unknown path; -EPERM
 * where the path exists for the methods listed in ret_allow only.
 */
int routes_find(const struct route_table *table, const char *method,
    const char *path, const struct route **ret,
    char param[REQUEST_PARAM_SIZE], char ret_allow[64]);
