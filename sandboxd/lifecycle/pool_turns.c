// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/pool_turns.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool
is_of(const struct pool_turn *turn, const char *template_name)
{
	return strcmp(turn->template_name, template_name) == 0;
}

static struct pool_turn *
find(struct pool_turns *turns, const char *template_name, const char *org)
{
	for (size_t i = 0; i < turns->n; i++)
		if (strcmp(turns->rows[i].org, org) == 0 &&
		    is_of(&turns->rows[i], template_name))
			return &turns->rows[i];
	return NULL;
}

static void
forget_old(struct pool_turns *turns, uint64_t now_ms)
{
	size_t n = 0;

	for (size_t i = 0; i < turns->n; i++)
		if (now_ms - turns->rows[i].asked_ms < POOL_TURN_MS)
			turns->rows[n++] = turns->rows[i];
	turns->n = n;
}

/* As many as the one of them that had the fewest. */
static uint64_t
count_before(const struct pool_turns *turns, const char *template_name)
{
	uint64_t fewest = UINT64_MAX;

	for (size_t i = 0; i < turns->n; i++)
		if (is_of(&turns->rows[i], template_name) &&
		    turns->rows[i].n_had < fewest)
			fewest = turns->rows[i].n_had;
	return fewest != UINT64_MAX ? fewest : 0;
}

static struct pool_turn *
room(struct pool_turns *turns)
{
	struct pool_turn *oldest = &turns->rows[0];

	if (turns->n < POOL_TURNS_MAX)
		return &turns->rows[turns->n++];
	for (size_t i = 1; i < turns->n; i++)
		if (turns->rows[i].asked_ms < oldest->asked_ms)
			oldest = &turns->rows[i];
	return oldest;
}

static struct pool_turn *
add(struct pool_turns *turns, const char *template_name, const char *org)
{
	const uint64_t n_had = count_before(turns, template_name);
	struct pool_turn *turn = room(turns);

	*turn = (struct pool_turn){.n_had = n_had};
	snprintf(turn->template_name, sizeof turn->template_name, "%s",
	    template_name);
	snprintf(turn->org, sizeof turn->org, "%s", org);
	return turn;
}

uint32_t
pool_turns_ask(struct pool_turns *turns, const char *template_name,
    const char *org, uint64_t now_ms)
{
	struct pool_turn *own;
	uint32_t n = 0;

	forget_old(turns, now_ms);
	own = find(turns, template_name, org);
	if (own == NULL)
		own = add(turns, template_name, org);
	own->asked_ms = now_ms;
	for (size_t i = 0; i < turns->n; i++)
		n += is_of(&turns->rows[i], template_name) &&
		    turns->rows[i].n_had < own->n_had;
	return n;
}

void
pool_turns_have(struct pool_turns *turns, const char *template_name,
    const char *org)
{
	struct pool_turn *own = find(turns, template_name, org);

	if (own != NULL)
		own->n_had++;
}
