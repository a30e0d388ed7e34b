// SPDX-License-Identifier: Apache-2.0
/*
 * Whose turn it is to have one of the pool (docs/POOL.md); pure. Who asks for
 * one leaves one each to those who asked lately too and have had fewer.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define POOL_TURNS_MAX 256   /* of those who asked lately */
#define POOL_TURN_MS   10000 /* how long that is */

struct pool_turns {
	struct pool_turn {
		char template_name[64], org[64];
		uint64_t asked_ms; /* last, by the clock */
		uint64_t n_had;	   /* more than 0 before its first, where
				    * others had some: no turns are saved up */
	} rows[POOL_TURNS_MAX];
	size_t n;
};

/*
 * Notes that it asks for one of the template, "" being a blank, and returns how
 * many organisations' turn comes before its own: so many are theirs. Where
 * POOL_TURNS_MAX asked lately, the one that did so longest ago is forgotten.
 */
uint32_t pool_turns_ask(struct pool_turns *turns, const char *template_name,
    const char *org, uint64_t now_ms);

/* It has had one that it asked for. */
void pool_turns_have(struct pool_turns *turns, const char *template_name,
    const char *org);
