// SPDX-License-Identifier: Apache-2.0
/*
 * A sandbox's link: a routed point-to-point veth pair, no bridge. The host end
 * stays in the host's network namespace, the other is eth0 in the sandbox's,
 * which the host's user namespace owns. One slot number decides every name and
 * address, so nothing about a link needs to be remembered.
 */
#pragma once

#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>

#include "common/err.h"

/* Both ends' gateway: link-local, the same in every sandbox, never on the host
 * itself; reached through permanent neighbour entries, so nothing answers ARP.
 */
#define NET_GATEWAY  "169.254.0.1"
#define NET_GATEWAY6 "fe80::1"

/* What a sandbox's end of its link is called there. */
#define NET_SANDBOX_LINK "eth0"

struct net_range {
	struct in_addr base;   /* IPv4, host part zero */
	unsigned prefix;       /* 16 to 24 */
	struct in6_addr base6; /* a /64 */
	char link_prefix[8];   /* of host link names, such as "sg" */
};

struct net_link {
	uint32_t slot;
	char name[IFNAMSIZ]; /* of the host end */
	struct in_addr address;
	struct in6_addr address6;
};

/* Derives the link of a slot (from 0). -ERANGE where the range is too small. */
int net_link_of_slot(const struct net_range *range, uint32_t slot,
    struct net_link *ret, struct err *err);

/* Slots a range has. */
uint32_t net_range_slots(const struct net_range *range);

/*
 * Turns forwarding on for the host (IPv4, and IPv6 where the host has it).
 */
int net_host_up(struct err *err);

/*
 * Makes the pair with its peer in netns_fd, gives both their addresses, routes
 * and neighbours, and brings lo and eth0 up there. The caller's own network
 * namespace is the host's, before and after. On failure nothing is left behind.
 */
int net_link_up(const struct net_link *link, int netns_fd, struct err *err);

/*
 * In the sandbox's namespace, whose link is up: what else its kernel is told
 * (unprivileged ports from 0, ping for every group of the range that starts at
 * gid_base, no router's word). sys_fd is a folder /proc/sys of a procfs of its
 * own: in one procfs Linux keeps the entries that every namespace has of such a
 * name in one list, and looks through all of it.
 */
int net_settle(int sys_fd, uint32_t gid_base, struct err *err);

/* Removes the host end, and with it the pair; one that is gone is no error.
 * Blocks for about 20 ms: a worker's job, and only where the namespace lives
 * on; a dying namespace takes its veth along by itself. */
int net_link_down(const struct net_link *link, struct err *err);

/*
 * The end of a link whose namespace's processes are dead. The kernel takes it
 * along, in half a millisecond where it has nothing else to reap; where that
 * does not come to pass soon (it is busy, or somebody holds a socket of that
 * namespace), a child of the caller's, who ignores SIGCHLD, removes it and is
 * left to itself: the link is out of sight at once, with its routes, and its
 * name is free. What takes 20 ms is the memory.
 */
int net_link_reap(const struct net_link *link, struct err *err);

/* Whether the host end exists: 1, 0 or -errno. */
int net_link_exists(const struct net_link *link, struct err *err);
