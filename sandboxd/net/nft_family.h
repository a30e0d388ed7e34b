// SPDX-License-Identifier: Apache-2.0
/*
 * A set for each family, NAME4 and NAME6, and what the kernel lists: what the
 * files nft_*.c share, and nobody else.
 */
#pragma once

#include <libmnl/libmnl.h>
#include <libnftnl/set.h>

#include "sandboxd/net/nft_of.h"

/* nft's numbers for the types of keys, for its listings only. */
#define NFT_TYPE_IPV4_ADDRESS 7
#define NFT_TYPE_IPV6_ADDRESS 8

/* Of an address, in bytes, and where a packet's destination begins. */
uint32_t nft_address_size(sa_family_t family);
uint32_t nft_destination_offset(sa_family_t family);

void nft_family_name(const char *name, sa_family_t family,
    char ret[NFT_SET_NAME_SIZE]);

/* An object that names the set of a family, the caller's; NULL = no memory. */
struct nftnl_set *nft_family_set(const char *table, const char *name,
    sa_family_t family);

struct nft_family_form {
	uint32_t flags;	      /* NFT_SET_... */
	uint32_t key_type;    /* for nft's listings */
	uint32_t key_size;    /* bytes */
	uint32_t size;	      /* most elements */
	uint64_t timeout_ms;  /* of each; 0 = each has its own */
	const char *what;     /* in errors */
};

/* Makes one, empty. */
void nft_family_make(struct nft *nft, const char *name, sa_family_t family,
    const struct nft_family_form *form);

/*
 * Sends what was added, a request with NLM_F_DUMP, and calls take(message,
 * data) for what the kernel answers, once it is one that nothing changed under:
 * any change of any table of the namespace has it asked again. `what` is said
 * in errors. 0, also where there is no such thing to list, or -errno; -EINTR:
 * they change all the time.
 */
int nft_dump(struct nft *nft, mnl_cb_t take, void *data, const char *what,
    struct err *err);

/* Calls take(element, data) for all in the set of a family, none where there is
 * no such set. In the caller's network namespace. */
int nft_family_list(const char *table, const char *name, sa_family_t family,
    int (*take)(struct nftnl_set_elem *element, void *data), void *data,
    struct err *err);
