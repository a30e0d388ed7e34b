// SPDX-License-Identifier: Apache-2.0
/* What all of gateway-depot knows. */
#pragma once

#include <sys/queue.h>

#include "gateway/depot/content.h"
#include "gateway/depot/crew.h"
#include "gateway/depot/index.h"
#include "gateway/http/engine/loop.h"

struct holder;

/* Looks for content that nobody names, a folder at a time. */
struct sweep {
	struct loop_timer timer;
	struct crew_job job;
	char org[256]; /* whose; "" = before the first */
	unsigned folder;
	bool is_running;      /* then these two are its thread's */
	bool is_wanted_again; /* something was removed meanwhile */
};

struct depot {
	struct loop loop;
	struct content content;
	struct index *index; /* of the thread that writes it */
	struct crew *crew;
	bool is_closing;
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

/* Whether that goes on. */
bool depot_is_sweeping(const struct depot *depot);

/* Removes content unless somebody names it; for the thread that writes. */
void depot_release(const struct depot *depot, struct index *index,
    const char *org, const char *sha256);
