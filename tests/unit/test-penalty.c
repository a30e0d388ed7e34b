// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/penalty.h"

#include <assert.h>
#include <string.h>

static const struct penalty_policy policy = {
    .costs_ms = {[PENALTY_NO_AUTH] = 1000, [PENALTY_AUTH_FAILURE] = 5000,
	[PENALTY_GRACE] = 20000, [PENALTY_CRASH] = 90000},
    .min_ms = 15000, .max_ms = 600000, .sources_max = 64};
static const uint8_t alice[8] = {0, 0, 0, 0, 192, 0, 2, 1},
    bob[8] = {0, 0, 0, 0, 192, 0, 2, 2},
    carol[8] = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 1};

/* Below the minimum nothing happens; from it on, until all has passed. */
static void
test_growth(struct penalties *p)
{
	uint64_t now_ms = 1000000;

	assert(!penalties_has(p, alice, now_ms));
	assert(penalties_add(p, alice, PENALTY_AUTH_FAILURE, now_ms) == 0);
	assert(penalties_add(p, alice, PENALTY_AUTH_FAILURE, now_ms) == 0);
	assert(!penalties_has(p, alice, now_ms));
	assert(penalties_add(p, alice, PENALTY_AUTH_FAILURE, now_ms) ==
	    15000);
	assert(penalties_has(p, alice, now_ms));
	assert(penalties_has(p, alice, now_ms + 14999));
	assert(!penalties_has(p, alice, now_ms + 15000));
	assert(!penalties_has(p, bob, now_ms));
	/* More of it makes it longer, and is told once. */
	assert(penalties_add(p, alice, PENALTY_GRACE, now_ms) == 0);
	assert(penalties_has(p, alice, now_ms + 34999));
	assert(!penalties_has(p, alice, now_ms + 35000));
	/* Forgiven, it begins anew. */
	now_ms += 35000;
	assert(penalties_add(p, alice, PENALTY_NO_AUTH, now_ms) == 0);
	assert(!penalties_has(p, alice, now_ms));
}

/* What comes slowly enough passes before it adds up. */
static void
test_fading(struct penalties *p)
{
	uint64_t now_ms = 2000000;

	for (int i = 0; i < 100; i++, now_ms += 5000) {
		assert(penalties_add(p, bob, PENALTY_AUTH_FAILURE, now_ms) ==
		    0);
		assert(!penalties_has(p, bob, now_ms));
	}
}

static void
test_maximum(struct penalties *p)
{
	const uint64_t now_ms = 3000000;

	assert(penalties_add(p, carol, PENALTY_CRASH, now_ms) == 90000);
	for (int i = 0; i < 20; i++)
		assert(penalties_add(p, carol, PENALTY_CRASH, now_ms) == 0);
	assert(penalties_has(p, carol, now_ms + 599999));
	assert(!penalties_has(p, carol, now_ms + 600000));
}

/* However many come, one whose account is largest keeps its place, and IPv6
 * takes none of IPv4. */
static void
test_bounds(struct penalties *p)
{
	const uint64_t now_ms = 9000000;
	uint8_t source[8] = {0x20, 1};

	assert(penalties_add(p, alice, PENALTY_AUTH_FAILURE, now_ms) == 0);
	assert(penalties_add(p, carol, PENALTY_CRASH, now_ms) > 0);
	for (uint32_t i = 0; i < 100000; i++) {
		memcpy(source + 4, &i, sizeof i);
		(void)penalties_add(p, source, PENALTY_GRACE, now_ms);
	}
	assert(penalties_has(p, carol, now_ms));
	assert(penalties_add(p, alice, PENALTY_AUTH_FAILURE, now_ms) == 0);
	assert(penalties_add(p, alice, PENALTY_AUTH_FAILURE, now_ms) > 0);
}

static void
test_off(void)
{
	const struct penalty_policy none = {.min_ms = 1, .max_ms = 1,
	    .sources_max = 8};
	struct penalties p;
	struct err err;

	assert(penalties_init(&p, &none, &err) == 0);
	assert(penalties_add(&p, alice, PENALTY_CRASH, 1) == 0);
	assert(!penalties_has(&p, alice, 1));
	penalties_fini(&p);
}

int
main(void)
{
	struct penalties p;
	struct err err;

	assert(penalties_init(&p, &policy, &err) == 0);
	test_growth(&p);
	test_fading(&p);
	test_maximum(&p);
	test_bounds(&p);
	penalties_fini(&p);
	test_off();
	return 0;
}
