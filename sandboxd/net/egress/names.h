// SPDX-License-Identifier: Apache-2.0
/*
 * Where the names of a policy lead, in the kernel: for each name, a set of the
 * addresses that it was resolved to, each for its time. The caller is in the
 * sandbox's namespace, but where a door or a descriptor says which it is.
 */
#pragma once

#include "sandboxd/net/egress/policy_narrow.h"
#include "sandboxd/net/nft.h"

/* Addresses of one name and family that are reached at once. */
#define NAMES_ADDRESSES_MAX 512

/* What names_enter takes at once. */
#define NAMES_MARKS_MAX	 8
#define NAMES_ANSWER_MAX 64

/* What a change of the policy takes along, of all names together. */
#define NAMES_KEPT_MAX 512

struct names_kept;
struct mnl_socket;

/*
 * A door into a sandbox's table, which stays open while its names are answered:
 * to open one and to close it (linger.h) takes longer than what is said by it,
 * and it is always the same namespace's, however many come and go. It keeps
 * that alive. *ret is NULL after an error; NULL is closed, too.
 */
int names_door_open(int netns_fd, struct mnl_socket **ret, struct err *err);
void names_door_close(struct mnl_socket **door);

/*
 * What the table says of these names, where it has them too; *ret is the
 * caller's to free, NULL where there is nothing. More than NAMES_KEPT_MAX are
 * left out: they are resolved again.
 */
int names_keep(const struct egress_host *host,
    const struct policy_names *names, struct names_kept **ret,
    struct err *err);

/* Makes the sets of every one of them, with what was kept (or NULL). */
void names_add_sets(struct nft *nft, const struct policy_names *names,
    const struct names_kept *kept);

/*
 * Lets a sandbox reach the n addresses, all of one family, for ttl_ms by the
 * names with these marks. -ENFILE where one of them has no room for it. After
 * any failure the door is to be closed.
 */
int names_enter(const struct egress_host *host, struct mnl_socket *door,
    const uint32_t *marks, size_t n_marks, const struct prefix *addresses,
    size_t n, uint64_t ttl_ms, struct err *err);

/* Which of the policy's names an address was let in by, and still is: ret[i]
 * is of its domain i. */
int names_lead(const struct egress_host *host, const struct policy *policy,
    int netns_fd, const struct prefix *address,
    bool ret[EGRESS_DOMAINS_MAX], struct err *err);

/* Which of n names with these marks, at most NAMES_MARKS_MAX, has led to an
 * address and still does: its index in *ret, or -EACCES: none. After any other
 * failure the door is to be closed. */
int names_holder(const struct egress_host *host, struct mnl_socket *door,
    const uint32_t *marks, size_t n, const struct prefix *address,
    size_t *ret, struct err *err);

/*
 * Makes the host's resolvers addresses of the namespace's own, so that what it
 * asks them is heard by whoever listens there; or no longer.
 */
int names_own_resolvers(const struct egress_host *host, bool is_own,
    struct err *err);
