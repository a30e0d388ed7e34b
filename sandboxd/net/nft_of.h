// SPDX-License-Identifier: Apache-2.0
/* What the files nft*.c share of a transaction, and nobody else. */
#pragma once

#include "sandboxd/net/nft.h"

#define NFT_SET_NAME_SIZE 32

/* Keeps the first failure, a positive errno, for nft_commit. */
void nft_fail(struct nft *nft, int code);

/* Begins a message of nftables; `what` says in errors what it was for. */
struct nlmsghdr *nft_add(struct nft *nft, const char *what, uint16_t type,
    uint16_t flags);

/* An expression at the end of the rule being written, which owns it; NULL = no
 * memory, which nft_commit tells. */
struct nftnl_expr *nft_expression(struct nft *nft, const char *name);

/* Loads a piece of the packet for what compares it. */
void nft_load_payload(struct nft *nft, uint32_t base, uint32_t offset,
    size_t size);

/* What a set of ranges is called in this transaction. */
void nft_range_name(const struct nft *nft, const char *name,
    char ret[NFT_SET_NAME_SIZE]);

/* Sets one of its attributes; NULL does nothing. */
void nft_set_u32(
    struct nftnl_expr *expression, uint16_t attribute, uint32_t value);
