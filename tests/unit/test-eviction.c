// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/eviction.h"

#include <assert.h>
#include <string.h>

#include "gateway/broker/connection.h"

#define COUNT 12

static struct connection all[COUNT];
static struct connections connections;
static size_t n_startups;

/* A letter a connection, oldest first: its source; capitals have logged in. */
static void
set(const char *sources)
{
	memset(all, 0, sizeof all);
	TAILQ_INIT(&connections);
	n_startups = 0;
	for (size_t i = 0; sources[i] != '\0'; i++) {
		bool is_in = sources[i] >= 'A' && sources[i] <= 'Z';

		all[i].source[ADDRESS_SOURCE_SIZE - 1] =
		    (uint8_t)(sources[i] | 0x20);
		all[i].server.who = is_in ? BROKER_PEER_SESSION :
		    BROKER_PEER_CLAIMANT;
		n_startups += !is_in;
		TAILQ_INSERT_TAIL(&connections, &all[i], link);
	}
}

int
main(void)
{
	static const struct {
		const char *sources;
		int victim; /* -1: nobody */
	} cases[] = {
	    {"", -1},
	    {"A", -1},
	    {"a", 0},
	    {"bab", 0},
	    {"abb", 1},
	    {"BBBab", 3},	 /* what has logged in does not count */
	    {"cbacbac", 0},	 /* three of c */
	    {"zab", 0},		 /* of equals, whose is the oldest */
	    {"cCabba", 2},
	    {"dddccccbbba", 3},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		set(cases[i].sources);
		assert(eviction_find(&connections, n_startups) ==
		    (cases[i].victim < 0 ? NULL : &all[cases[i].victim]));
	}
	return 0;
}
