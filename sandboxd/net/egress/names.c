// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/egress/names.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "sandboxd/net/egress/egress.h"
#include "sandboxd/net/egress/policy_rules.h"
#include "sandboxd/net/linger.h"
#include "sandboxd/net/netns.h"
#include "sandboxd/net/nft_timed.h"

/* lo, in every namespace. */
#define LOOPBACK_INDEX 1

struct kept {
	size_t domain; /* index of the names' */
	sa_family_t family;
	struct nft_timed timed;
};

struct names_kept {
	size_t n;
	struct kept items[NAMES_KEPT_MAX];
};

static const sa_family_t families[] = {AF_INET, AF_INET6};

static int
keep_set(const struct egress_host *host, const struct policy_names *names,
    size_t domain, sa_family_t family, struct names_kept *kept,
    struct err *err)
{
	static struct nft_timed found[NAMES_ADDRESSES_MAX];
	char set[POLICY_SET_SIZE];
	size_t n = 0;
	int r;

	policy_set_name(names->items[domain], set);
	r = nft_timed_list(host->table, set, family, found,
	    NAMES_ADDRESSES_MAX, &n, err);
	for (size_t i = 0; i < n && kept->n < NAMES_KEPT_MAX; i++)
		kept->items[kept->n++] = (struct kept){domain, family,
		    found[i]};
	return r;
}

int
names_keep(const struct egress_host *host, const struct policy_names *names,
    struct names_kept **ret, struct err *err)
{
	struct names_kept *kept;
	int r = 0;

	*ret = NULL;
	if (names->n == 0)
		return 0;
	kept = calloc(1, sizeof *kept);
	if (kept == NULL)
		return err_set(err, ENOMEM, "no memory for names");
	for (size_t i = 0; r == 0 && i < names->n; i++)
		for (size_t f = 0; r == 0 && f < 2; f++)
			r = keep_set(host, names, i, families[f], kept, err);
	if (r == 0)
		*ret = kept;
	else
		free(kept);
	return r;
}

void
names_add_sets(struct nft *nft, const struct policy_names *names,
    const struct names_kept *kept)
{
	char set[POLICY_SET_SIZE];

	for (size_t i = 0; i < names->n; i++) {
		policy_set_name(names->items[i], set);
		nft_timed_sets(nft, set, NAMES_ADDRESSES_MAX);
	}
	for (size_t i = 0; kept != NULL && i < kept->n; i++) {
		const struct kept *item = &kept->items[i];

		policy_set_name(names->items[item->domain], set);
		nft_timed_put(nft, set, item->family, item->timed.address,
		    item->timed.left_ms);
	}
}

int
names_door_open(int netns_fd, struct mnl_socket **ret, struct err *err)
{
	int home_fd = -1, r;

	*ret = NULL;
	r = netns_enter(netns_fd, &home_fd, err);
	if (r < 0)
		return r;
	r = netlink_socket(NETLINK_NETFILTER, ret, err);
	netns_leave(&home_fd);
	if (r < 0)
		names_door_close(ret);
	return r;
}

void
names_door_close(struct mnl_socket **door)
{
	if (*door != NULL)
		linger_close(*door);
	*door = NULL;
}

int
names_enter(const struct egress_host *host, struct mnl_socket *door,
    const uint32_t *marks, size_t n_marks, const struct prefix *addresses,
    size_t n, uint64_t ttl_ms, struct err *err)
{
	auto_nft struct nft nft = {0};
	char set[POLICY_SET_SIZE];
	int r = nft_open_by(host->table, door, &nft, err);

	if (r < 0)
		return r;
	for (size_t m = 0; m < n_marks; m++) {
		const struct policy_domain domain = {.mark = marks[m]};

		policy_set_name(&domain, set);
		for (size_t i = 0; i < n; i++)
			nft_timed_add(&nft, set, addresses[i].family,
			    addresses[i].address, ttl_ms,
			    nft_timed_can_renew());
	}
	return nft_commit(&nft, err);
}

int
names_lead(const struct egress_host *host, const struct policy *policy,
    int netns_fd, const struct prefix *address,
    bool ret[EGRESS_DOMAINS_MAX], struct err *err)
{
	char sets[EGRESS_DOMAINS_MAX][POLICY_SET_SIZE];
	const char *names[EGRESS_DOMAINS_MAX];
	int home_fd = -1, r;

	for (size_t i = 0; i < policy->n_domains; i++) {
		policy_set_name(&policy->domains[i], sets[i]);
		names[i] = sets[i];
	}
	if ((r = netns_enter(netns_fd, &home_fd, err)) < 0)
		return r;
	r = nft_timed_find(host->table, NULL, names, policy->n_domains,
	    address->family, address->address, ret, err);
	netns_leave(&home_fd);
	return r;
}

int
names_holder(const struct egress_host *host, struct mnl_socket *door,
    const uint32_t *marks, size_t n, const struct prefix *address,
    size_t *ret, struct err *err)
{
	char sets[NAMES_MARKS_MAX][POLICY_SET_SIZE];
	const char *names[NAMES_MARKS_MAX] = {NULL};
	bool leads[NAMES_MARKS_MAX] = {false};
	int r;

	for (size_t i = 0; i < n; i++) {
		policy_set_name(&(struct policy_domain){.mark = marks[i]},
		    sets[i]);
		names[i] = sets[i];
	}
	r = nft_timed_find(host->table, door, names, n, address->family,
	    address->address, leads, err);
	for (size_t i = 0; r == 0 && i < n; i++)
		if (leads[i]) {
			*ret = i;
			return 0;
		}
	return r < 0 ? r : err_set(err, EACCES, "not where the name led");
}

static void
add_own(struct netlink *netlink, const struct prefix *address, bool is_own)
{
	const size_t size = address->family == AF_INET ? 4 : 16;
	struct nlmsghdr *message = netlink_add(netlink,
	    "cannot take up a resolver's address",
	    is_own ? RTM_NEWADDR : RTM_DELADDR,
	    is_own ? NLM_F_CREATE | NLM_F_REPLACE | NLM_F_ACK : NLM_F_ACK);
	struct ifaddrmsg *header = mnl_nlmsg_put_extra_header(message,
	    sizeof *header);

	header->ifa_family = (unsigned char)address->family;
	header->ifa_prefixlen = (unsigned char)(size * 8);
	header->ifa_index = LOOPBACK_INDEX;
	header->ifa_flags = address->family == AF_INET6 ? IFA_F_NODAD : 0;
	/* So that nothing to elsewhere is sent from it. */
	header->ifa_scope = RT_SCOPE_HOST;
	mnl_attr_put(message, IFA_LOCAL, size, address->address);
	mnl_attr_put(message, IFA_ADDRESS, size, address->address);
}

int
names_own_resolvers(const struct egress_host *host, bool is_own,
    struct err *err)
{
	auto_netlink struct netlink netlink = {0};
	int r = netlink_open(NETLINK_ROUTE, &netlink, err);

	/* Each alone: one that is not there is no error. */
	for (size_t i = 0; r == 0 && i < host->n_resolvers; i++) {
		add_own(&netlink, &host->resolvers[i], is_own);
		r = netlink_commit(&netlink, err);
		if (r == -EADDRNOTAVAIL && !is_own)
			r = 0;
		/* A host without IPv6. */
		if (r == -EOPNOTSUPP || r == -EACCES || r == -EPERM)
			r = host->resolvers[i].family == AF_INET6 ? 0 : r;
	}
	return r;
}
