// SPDX-License-Identifier: Apache-2.0
/* What the kernel says of tables, chains and rules that are there. */
#pragma once

#include <stdint.h>

#include "sandboxd/net/nft.h"

/* Whether the table is in the caller's namespace: 1, 0 or -errno. */
int nft_table_exists(const char *table, struct err *err);

/* Whether it has that chain. */
int nft_chain_exists(const char *table, const char *chain, struct err *err);

/* Calls take(name, data) for each table in the namespace of an nft that was
 * opened by nft_look and not begun. */
int nft_list_tables(struct nft *nft, void (*take)(const char *name,
    void *data), void *data, struct err *err);

/* A rule that has a comment; 0 packets where it has no counter. */
struct nft_listed {
	char comment[NFT_COMMENT_SIZE];
	uint64_t packets, bytes;
};

/*
 * Calls take(rule, data) for each rule with a comment in the nft's table, or of
 * one chain there where that is not NULL; none where there is no such thing.
 */
int nft_list_rules(struct nft *nft, const char *chain,
    void (*take)(const struct nft_listed *rule, void *data), void *data,
    struct err *err);
