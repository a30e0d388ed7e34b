// SPDX-License-Identifier: Apache-2.0
/* What the kernel says of tables, chains and rules that are there. */
#pragma once

#include "sandboxd/net/nft.h"

/* Whether the table is in the caller's namespace: 1, 0 or -errno. */
int nft_table_exists(const char *table, struct err *err);

/* Whether it has that chain. */
int nft_chain_exists(const char *table, const char *chain, struct err *err);

/* Calls take(name, data) for each table in the namespace of an nft that was
 * opened by nft_look and not begun. */
int nft_list_tables(struct nft *nft, void (*take)(const char *name,
    void *data), void *data, struct err *err);

/*
 * Calls take(comment, data) for each rule with a comment in the nft's table, or
 * of one chain there where that is not NULL; none where there is no such thing.
 */
int nft_list_comments(struct nft *nft, const char *chain,
    void (*take)(const char *comment, void *data), void *data,
    struct err *err);
