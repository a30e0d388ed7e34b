// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/registry/event.h"

#include <stdlib.h>

void
event_append(struct event **chain, struct event *event)
{
	while (*chain != NULL)
		chain = &(*chain)->next;
	*chain = event;
}

void
event_free_all(struct event **chain)
{
	while (*chain != NULL) {
		struct event *next = (*chain)->next;

		free(*chain);
		*chain = next;
	}
}
