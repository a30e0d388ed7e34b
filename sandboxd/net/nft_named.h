// SPDX-License-Identifier: Apache-2.0
/*
 * Counters that have names, which several rules count in, and maps that lead
 * from the marks of flows to them.
 */
#pragma once

#include <stdint.h>

#include "sandboxd/net/nft.h"

/* Room for a counter's name, terminator included. */
#define NFT_COUNTER_SIZE 32

/* Makes one, at zero, and removes one that nothing counts in any more; both may
 * be in one transaction, in the other order. */
void nft_named_counter(struct nft *nft, const char *name);
void nft_named_counter_remove(struct nft *nft, const char *name);

/* What the rule matches is counted there. */
void nft_count_in(struct nft *nft, const char *name);

/* Makes a map of at most max marks. */
void nft_marks_map(struct nft *nft, const char *map, uint32_t max);

/* Takes all out of one that is there. */
void nft_marks_map_empty(struct nft *nft, const char *map);

struct nft_marked {
	uint32_t mark;
	char counter[NFT_COUNTER_SIZE];
};

void nft_marks_map_fill(struct nft *nft, const char *map,
    const struct nft_marked *marked, size_t n);

/* The flow's mark is in the map: then it is counted where that leads. */
void nft_match_marks_map(struct nft *nft, const char *map);

/* Calls take(name, packets, bytes, data) for each counter of the nft's table,
 * which has been opened by nft_look and not begun. */
int nft_list_counters(struct nft *nft, void (*take)(const char *name,
    uint64_t packets, uint64_t bytes, void *data), void *data,
    struct err *err);
