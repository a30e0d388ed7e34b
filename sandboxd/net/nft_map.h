// SPDX-License-Identifier: Apache-2.0
/*
 * Maps from the group of a link (link_group.h) to a chain, for transactions of
 * nft.h: a packet comes to the rules that are for its link's group however many
 * links and groups there are.
 */
#pragma once

#include "sandboxd/net/nft.h"

/* Makes an empty one. */
void nft_group_map(struct nft *nft, const char *name);

/* The commit is -EEXIST or -EBUSY where the group leads elsewhere, -ENOENT
 * where what is dropped leads nowhere. */
void nft_group_map_put(struct nft *nft, const char *name, uint32_t group,
    const char *chain);
void nft_group_map_drop(struct nft *nft, const char *name, uint32_t group);

/* The end of a rule: jumps to the chain of the packet's link's group, by
 * NFT_META_IIFGROUP or NFT_META_OIFGROUP; on to the next rule where it has
 * none. */
void nft_jump_by_group(struct nft *nft, uint32_t link, const char *map);

/* Removes a chain, which has no rules. */
void nft_chain_remove(struct nft *nft, const char *chain);

/*
 * Calls take(name, data) for every chain of a table in the caller's namespace,
 * none where there is no such table. 0 or -errno.
 */
int nft_chain_list(const char *table, void (*take)(const char *name,
    void *data), void *data, struct err *err);
