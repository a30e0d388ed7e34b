// SPDX-License-Identifier: Apache-2.0
/* Sets of single addresses that leave by themselves when their time is over. */
#pragma once

#include "sandboxd/net/nft.h"

/* One address; its family is the set's. */
struct nft_timed {
	unsigned char address[16]; /* 4 or 16 bytes of it */
	uint64_t left_ms;
};

/* Makes the empty sets NAME4 and NAME6, for at most `size` addresses each. */
void nft_timed_sets(struct nft *nft, const char *name, uint32_t size);

/* Whether the kernel gives one that is there another time: Linux 6.12 does. */
bool nft_timed_can_renew(void);

/*
 * Has an address in the set of its family for ttl_ms from now, whether it is
 * there already or not; where the kernel cannot renew it, it goes and comes
 * back. The commit is -ENFILE where there is no room, -ENOENT where there is no
 * such set.
 */
void nft_timed_add(struct nft *nft, const char *name, sa_family_t family,
    const void *address, uint64_t ttl_ms, bool can_renew);

/* The same in a set of this transaction, where it is not yet. */
void nft_timed_put(struct nft *nft, const char *name, sa_family_t family,
    const void *address, uint64_t ttl_ms);

/*
 * What is in one of the sets, up to `max`; *ret_n is how many. None where there
 * is no such set. In the caller's network namespace.
 */
int nft_timed_list(const char *table, const char *name, sa_family_t family,
    struct nft_timed *ret, size_t max, size_t *ret_n, struct err *err);

/*
 * In which of n sets of a family an address is now: ret[i] is of names[i].
 * Not in one that is not there. In the namespace of the socket
 * (netlink_borrow), or where that is NULL in the caller's.
 */
int nft_timed_find(const char *table, struct mnl_socket *socket,
    const char *const *names, size_t n, sa_family_t family,
    const void *address, bool *ret, struct err *err);
