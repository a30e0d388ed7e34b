// SPDX-License-Identifier: Apache-2.0
/*
 * A list that sandboxd gives a page at a time, whose size it chooses: they are
 * asked for one after the other.
 */
#pragma once

#include "common/rpc.h"

struct identity;

/* The first member of what knows the list: memory of malloc's, which is freed
 * once done has been called. */
struct pages {
	struct identity *who;
	const struct rpc_call *call;
	/* It and what it points to are read for each page. */
	const void *request;
	/* Reads the reply, and sets the request for what follows it: 1 where
	 * there is more to ask for, 0, or -errno. */
	int (*take)(struct pages *pages, const void *reply);
	/* Once, maybe before pages_ask returns; err is NULL, or why it is not
	 * whole. */
	void (*done)(void *arg, const struct err *err);
	void *arg;
	unsigned int n; /* taken until now; there are at most PAGES_MAX */
};

#define PAGES_MAX 1024

/* For the first page, and for all there are behind it. */
void pages_ask(struct pages *pages);
