// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/eviction.h"

#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "gateway/broker/connection.h"

struct candidate {
	struct connection *connection;
	size_t at; /* in order of age */
};

static int
compare(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int r = memcmp(x->connection->source, y->connection->source,
	    ADDRESS_SOURCE_SIZE);

	return r != 0 ? r : x->at < y->at ? -1 : 1;
}

/* Fills in at most n, oldest first; how many there were. */
static size_t
collect(const struct connections *connections, struct candidate *candidates,
    size_t n)
{
	struct connection *connection;
	size_t used = 0;

	TAILQ_FOREACH(connection, connections, link)
		if (used < n && !connection_is_authenticated(connection)) {
			candidates[used] = (struct candidate){connection, used};
			used++;
		}
	return used;
}

static bool
is_same_source(const struct candidate *a, const struct candidate *b)
{
	return memcmp(a->connection->source, b->connection->source,
	    ADDRESS_SOURCE_SIZE) == 0;
}

struct connection *
eviction_find(const struct connections *connections, size_t n_startups)
{
	auto_free struct candidate *candidates = calloc(n_startups + 1,
	    sizeof *candidates);
	const struct candidate *best = NULL;
	size_t n, end, most = 0;

	if (candidates == NULL)
		return NULL;
	n = collect(connections, candidates, n_startups);
	if (n > 0)
		qsort(candidates, n, sizeof *candidates, compare);
	for (size_t i = 0; i < n; i = end) {
		for (end = i + 1; end < n &&
		    is_same_source(&candidates[i], &candidates[end]); end++)
			;
		if (end - i > most || (end - i == most &&
		    candidates[i].at < best->at)) {
			most = end - i;
			best = &candidates[i];
		}
	}
	return best != NULL ? best->connection : NULL;
}
