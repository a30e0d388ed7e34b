// SPDX-License-Identifier: Apache-2.0
#include "common/json_load.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* Whether jansson got less than it asked for, in this thread's document. */
static _Thread_local bool is_short;

static void *
allocate(size_t size)
{
	void *p = malloc(size);

	if (p == NULL)
		is_short = true;
	return p;
}

/* What jansson had allocated before is malloc's too. */
static void
set_up(void)
{
	json_set_alloc_funcs(allocate, free);
}

json_t *
json_load_whole(const char *text, size_t size, size_t flags,
    json_error_t *problem)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	json_t *json;

	(void)pthread_once(&once, set_up);
	is_short = false;
	json = json_loadb(text, size, flags, problem);
	if (!is_short)
		return json;
	json_decref(json);
	if (problem != NULL)
		snprintf(problem->text, sizeof problem->text, "out of memory");
	return NULL;
}
