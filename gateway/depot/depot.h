// SPDX-License-Identifier: Apache-2.0
/* What all of gateway-depot knows. */
#pragma once

#include <sys/queue.h>

#include "gateway/depot/content.h"
#include "gateway/depot/index.h"
#include "gateway/http/engine/loop.h"

struct holder;

/* Looks for content that nobody names, a folder at a time. */
struct sweep {
	struct loop_timer timer;
	char org[256]; /* whose; "" = before the first */
	unsigned folder;
	bool is_wanted_again; /* something was removed meanwhile */
};

struct depot {
	struct loop loop;
	struct content content;
	struct index *index;
	LIST_HEAD(, holder) holders;
	uint64_t last_upload; /* its number */
	struct sweep sweep;
};

/* Opens what is in the folder, and looks through it from now on; that much is
 * left for others on its disk. */
int depot_open(struct depot *depot, const char *dir, uint64_t min_free_bytes,
    struct err *err);

/* Of a depot that has been opened; nobody may hold a capability any more. */
void depot_close(struct depot *depot);

/* Has the content that nobody names be looked for, soon. */
void depot_sweep(struct depot *depot);

/* Removes content unless somebody names it. */
void depot_release(struct depot *depot, const char *org, const char *sha256);
