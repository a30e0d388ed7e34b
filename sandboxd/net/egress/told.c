// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/egress/told.h"

#include "sandboxd/net/netns.h"

#define SETS  "told"
#define GROUP 1 /* of the sandbox's own namespace */

static const sa_family_t families[] = {AF_INET, AF_INET6};

static void
add_protocol(struct nft *nft, sa_family_t family, uint8_t protocol)
{
	nft_rule(nft, TOLD_CHAIN);
	nft_match_family(nft, family);
	nft_match_protocol(nft, protocol);
	nft_tell(nft, SETS, family, true, GROUP);
}

/* Of ICMP what programs ask for; the rest is a kernel's talk. */
void
told_add_rules(struct nft *nft)
{
	nft_told_sets(nft, SETS, TOLD_MAX, TOLD_PERIOD_MS);
	nft_chain(nft, TOLD_CHAIN);
	for (size_t i = 0; i < 2; i++) {
		add_protocol(nft, families[i], IPPROTO_TCP);
		add_protocol(nft, families[i], IPPROTO_UDP);
		nft_rule(nft, TOLD_CHAIN);
		nft_match_family(nft, families[i]);
		nft_match_echo(nft, families[i]);
		nft_tell(nft, SETS, families[i], false, GROUP);
	}
}

void
told_add_limits(struct nft *nft)
{
	nft_told_sets(nft, SETS, N_EGRESS_LIMIT, TOLD_PERIOD_MS);
}

void
told_of_limit(struct nft *nft, bool is_ceilings, enum egress_limit limit)
{
	nft_tell_number(nft, SETS, TOLD_LIMIT + limit +
	    (is_ceilings ? TOLD_CEILING : 0), GROUP);
}

/* Of the tables of limits that there are. */
static int
list_limits(const struct egress_host *host, struct nft_told *ret,
    size_t *ret_n, struct err *err)
{
	char table[LIMITS_TABLE_SIZE];
	int r = 0;

	for (size_t i = 0; r == 0 && i < N_LIMITS_WHOSE; i++) {
		size_t n = 0;

		limits_table(host, i, table);
		r = nft_told_list(table, SETS, AF_INET, ret + *ret_n,
		    N_EGRESS_LIMIT, &n, err);
		*ret_n += n;
	}
	return r;
}

int
told_list(const struct egress_host *host, int netns_fd, struct nft_told *ret,
    size_t *ret_n, struct err *err)
{
	int home_fd = -1, r;
	size_t n = 0;

	*ret_n = 0;
	r = netns_enter(netns_fd, &home_fd, err);
	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < 2; i++) {
		r = nft_told_list(host->table, SETS, families[i],
		    ret + *ret_n, TOLD_MAX, &n, err);
		*ret_n += n;
	}
	if (r == 0)
		r = list_limits(host, ret, ret_n, err);
	netns_leave(&home_fd);
	return r;
}

int
told_listen(int netns_fd, int *ret_fd, struct err *err)
{
	int home_fd = -1, r;

	r = netns_enter(netns_fd, &home_fd, err);
	if (r < 0)
		return r;
	r = nft_told_bell(GROUP, ret_fd, err);
	netns_leave(&home_fd);
	return r;
}
