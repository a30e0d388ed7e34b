// SPDX-License-Identifier: Apache-2.0
#include "gateway/resolver/unresolved.h"

#include <stdbool.h>
#include <string.h>

#include "common/clock.h"
#include "common/rpc_calls.h"
#include "gateway/resolver/guest.h"
#include "gateway/resolver/link.h"

/* What addresses are called, which nobody would allow by that. */
#define REVERSE ".arpa"

/* FNV-1a, of 32 bits: two names that share one are one too few. */
static uint32_t
hash_of(const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name != '\0'; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return hash;
}

static bool
is_reverse(const char *name)
{
	const size_t n = strlen(name), tail = strlen(REVERSE);

	return n >= tail && strcmp(name + n - tail, REVERSE) == 0;
}

void
unresolved_tell(struct guest *guest, const char *name)
{
	struct unresolved *unresolved = &guest->unresolved;
	const uint64_t now_ms = clock_monotonic_ms();
	const uint32_t hash = hash_of(name);
	const struct rpc_names_unresolved_event event = {guest->id,
	    guest->serial, name};

	if (now_ms >= unresolved->since_ms + UNRESOLVED_PERIOD_MS) {
		unresolved->since_ms = now_ms;
		unresolved->n = 0;
	}
	for (uint32_t i = 0; i < unresolved->n; i++)
		if (unresolved->hashes[i] == hash)
			return;
	if (*name == '\0' || is_reverse(name) ||
	    unresolved->n == UNRESOLVED_MAX)
		return;
	unresolved->hashes[unresolved->n++] = hash;
	link_tell(guest->resolver->link, &rpc_call_names_unresolved, &event);
}
