// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/penalty.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* Rows of one set: a source is in one of these and nowhere else. */
#define WAYS	   8
#define N_FAMILIES 2 /* neither can take the other's rows */

struct penalty_row {
	uint8_t source[ADDRESS_SOURCE_SIZE];
	bool is_active; /* reached the minimum, and is refused until expiry */
	uint64_t expiry_ms; /* 0 = free */
};

const char *
penalty_name(enum penalty penalty)
{
	static const char *const names[N_PENALTY] = {
	    [PENALTY_NO_AUTH] = "no authentication",
	    [PENALTY_AUTH_FAILURE] = "failed authentication",
	    [PENALTY_GRACE] = "login grace exceeded",
	    [PENALTY_CRASH] = "session crashed",
	};

	return names[penalty];
}

int
penalties_init(struct penalties *penalties,
    const struct penalty_policy *policy, struct err *err)
{
	_Static_assert(sizeof penalties->key == crypto_shorthash_KEYBYTES,
	    "a key of SipHash");
	bool is_off = true;

	*penalties = (struct penalties){.policy = *policy};
	for (size_t i = 0; i < N_PENALTY; i++)
		if (policy->costs_ms[i] != 0)
			is_off = false;
	if (is_off)
		return 0;
	penalties->n_sets = (policy->sources_max + WAYS - 1) / WAYS;
	penalties->rows = calloc(penalties->n_sets * WAYS * N_FAMILIES,
	    sizeof *penalties->rows);
	if (penalties->rows == NULL)
		return err_set(err, ENOMEM, "out of memory");
	randombytes_buf(penalties->key, sizeof penalties->key);
	return 0;
}

void
penalties_fini(struct penalties *penalties)
{
	free(penalties->rows);
	penalties->rows = NULL;
}

/* The first row of a source's set; NULL where none is kept. */
static struct penalty_row *
find_set(const struct penalties *penalties,
    const uint8_t source[ADDRESS_SOURCE_SIZE])
{
	static const uint8_t ipv4[4];
	size_t family = memcmp(source, ipv4, sizeof ipv4) == 0 ? 0 : 1;
	uint8_t hash[crypto_shorthash_BYTES];
	uint64_t number;

	if (penalties->rows == NULL)
		return NULL;
	crypto_shorthash(hash, source, ADDRESS_SOURCE_SIZE, penalties->key);
	memcpy(&number, hash, sizeof number);
	return penalties->rows + (family * penalties->n_sets +
	    number % penalties->n_sets) * WAYS;
}

static struct penalty_row *
find_row(const struct penalties *penalties,
    const uint8_t source[ADDRESS_SOURCE_SIZE], uint64_t now_ms)
{
	struct penalty_row *set = find_set(penalties, source);

	for (size_t i = 0; set != NULL && i < WAYS; i++)
		if (set[i].expiry_ms > now_ms &&
		    memcmp(set[i].source, source, ADDRESS_SOURCE_SIZE) == 0)
			return &set[i];
	return NULL;
}

bool
penalties_has(const struct penalties *penalties,
    const uint8_t source[ADDRESS_SOURCE_SIZE], uint64_t now_ms)
{
	const struct penalty_row *row = find_row(penalties, source, now_ms);

	return row != NULL && row->is_active;
}

/* The row soonest forgiven, which is a free one where there is one. */
static struct penalty_row *
take_row(struct penalty_row *set, const uint8_t source[ADDRESS_SOURCE_SIZE],
    uint64_t now_ms)
{
	struct penalty_row *row = set;

	for (size_t i = 1; i < WAYS; i++)
		if (set[i].expiry_ms < row->expiry_ms)
			row = &set[i];
	*row = (struct penalty_row){.expiry_ms = now_ms};
	memcpy(row->source, source, ADDRESS_SOURCE_SIZE);
	return row;
}

uint64_t
penalties_add(struct penalties *penalties,
    const uint8_t source[ADDRESS_SOURCE_SIZE], enum penalty penalty,
    uint64_t now_ms)
{
	const struct penalty_policy *policy = &penalties->policy;
	struct penalty_row *set = find_set(penalties, source);
	uint64_t cost_ms = policy->costs_ms[penalty];
	struct penalty_row *row;

	if (set == NULL || cost_ms == 0)
		return 0;
	row = find_row(penalties, source, now_ms);
	if (row == NULL)
		row = take_row(set, source, now_ms);
	row->expiry_ms += cost_ms;
	if (row->expiry_ms > now_ms + policy->max_ms)
		row->expiry_ms = now_ms + policy->max_ms;
	if (row->is_active || row->expiry_ms - now_ms < policy->min_ms)
		return 0;
	row->is_active = true;
	return row->expiry_ms - now_ms;
}
