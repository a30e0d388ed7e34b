// SPDX-License-Identifier: Apache-2.0
/* What nft.c and nft_set.c share of a transaction, and nobody else. */
#pragma once

#include "sandboxd/net/nft.h"

#define NFT_SET_NAME_SIZE 32

/* Keeps the first failure, a positive errno, for nft_commit. */
void nft_fail(struct nft *nft, int code);

/* Begins a message of nftables; `what` says in errors what it was for. */
struct nlmsghdr *nft_add(struct nft *nft, const char *what, uint16_t type,
    uint16_t flags);
