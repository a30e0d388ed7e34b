// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/egress/totals.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4.h>
#include <net/if.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "sandboxd/net/egress/told.h"
#include "sandboxd/net/link_group.h"
#include "sandboxd/net/nft_list.h"
#include "sandboxd/net/nft_map.h"
#include "sandboxd/net/nft_rate.h"

/* Another with every change of what the table says of the same totals. */
#define FORM "form_1"

/* After the host's table: what that refuses is not counted. */
#define PRIORITY (NF_IP_PRI_FILTER + 10)

#define OUT	  "out" /* from an organisation to its chain of what leaves */
#define IN	  "in"	/* and of what comes */
#define TOLD_SETS "told"
#define TOLD_SIZE 4096

/* As limits.c has it: of packets an eighth of a second's come at once. */
#define PACKETS_PART	  8
#define PACKETS_BURST_MIN 32

/* Of several who make the same one is first; the others look again. */
#define TRIES_MAX 16

#define NAME_SIZE 80
#define KEY_BYTES 16
#define PART_SIZE (2 * KEY_BYTES + 1)

struct wanted {
	const struct egress_host *host;
	const struct egress_limits *totals;
	const char *link;
	uint32_t group; /* of the organisation's links; never 0 */
	char table[TOTALS_TABLE_SIZE];
	char out[NAME_SIZE], in[NAME_SIZE]; /* its chains */
	/* What the names of its markers begin with, and the one of these
	 * totals: a chain that is empty, and says that its chains are right. */
	char marks[NAME_SIZE], marker[NAME_SIZE];
};

void
totals_table(const struct egress_host *host, char ret[TOTALS_TABLE_SIZE])
{
	(void)snprintf(ret, TOTALS_TABLE_SIZE, "%.60s_totals", host->table);
}

static uint16_t
group_of(const struct egress_host *host)
{
	const uint16_t group = (uint16_t)egress_resolver_mark(host);

	return group > 1 ? group : 2;
}

static void
name_parts(struct wanted *wanted, const char *org)
{
	uint8_t key[KEY_BYTES], digest[KEY_BYTES];
	char whose[PART_SIZE], what[PART_SIZE];

	crypto_generichash(key, sizeof key, (const uint8_t *)org, strlen(org),
	    NULL, 0);
	memcpy(&wanted->group, key, sizeof wanted->group);
	if (wanted->group == 0)
		wanted->group = 1;
	crypto_generichash(digest, sizeof digest,
	    (const uint8_t *)wanted->totals, sizeof *wanted->totals, NULL, 0);
	sodium_bin2hex(whose, sizeof whose, key, sizeof key);
	sodium_bin2hex(what, sizeof what, digest, sizeof digest);
	(void)snprintf(wanted->out, NAME_SIZE, "out_%s", whose);
	(void)snprintf(wanted->in, NAME_SIZE, "in_%s", whose);
	(void)snprintf(wanted->marks, NAME_SIZE, "is_%s_", whose);
	(void)snprintf(wanted->marker, NAME_SIZE, "is_%s_%.32s", whose, what);
}

/* What becomes of what is over a limit, whoever's. */
static void
add_over(struct nft *nft, const char *chain, enum egress_limit limit,
    uint16_t group)
{
	const bool is_in = limit == EGRESS_LIMIT_IN;

	nft_chain(nft, chain);
	nft_rule(nft, chain);
	nft_counter(nft);
	nft_rule(nft, chain);
	nft_tell_link(nft, TOLD_SETS, (uint16_t)limit, is_in, group);
	nft_rule(nft, chain);
	if (limit != EGRESS_LIMIT_CONNECTIONS) {
		nft_verdict(nft, NF_DROP, NULL);
		return;
	}
	nft_reject(nft, true);
	nft_rule(nft, chain);
	nft_reject(nft, false);
}

static const char *const over[N_EGRESS_LIMIT] = {
    [EGRESS_LIMIT_OUT] = "over_out",
    [EGRESS_LIMIT_IN] = "over_in",
    [EGRESS_LIMIT_PACKETS] = "over_packets",
    [EGRESS_LIMIT_CONNECTS] = "over_connects",
    [EGRESS_LIMIT_CONNECTIONS] = "over_connections",
};

static void
add_hook(struct nft *nft, const char *hook, uint32_t link, const char *map)
{
	nft_rule(nft, hook);
	nft_jump_by_group(nft, link, map);
}

/* What is the same for all organisations. */
static void
add_table(struct nft *nft, const struct egress_host *host)
{
	nft_chain(nft, FORM);
	nft_told_sets(nft, TOLD_SETS, TOLD_SIZE, TOLD_PERIOD_MS);
	nft_group_map(nft, OUT);
	nft_group_map(nft, IN);
	for (size_t i = 0; i < N_EGRESS_LIMIT; i++)
		add_over(nft, over[i], i, group_of(host));
	nft_base_chain(nft, "forward", "filter", NF_INET_FORWARD, PRIORITY,
	    NF_ACCEPT);
	add_hook(nft, "forward", NFT_META_IIFGROUP, OUT);
	add_hook(nft, "forward", NFT_META_OIFGROUP, IN);
	/* What the host answers itself: names, where it is the resolver. */
	nft_base_chain(nft, "input", "filter", NF_INET_LOCAL_IN, PRIORITY,
	    NF_ACCEPT);
	add_hook(nft, "input", NFT_META_IIFGROUP, OUT);
}

static void
add_out(struct nft *nft, const struct wanted *wanted)
{
	const uint64_t *of = wanted->totals->of;
	uint64_t burst = of[EGRESS_LIMIT_PACKETS] / PACKETS_PART;

	if (burst < PACKETS_BURST_MIN)
		burst = PACKETS_BURST_MIN;
	if (of[EGRESS_LIMIT_CONNECTIONS] != 0) {
		nft_rule(nft, wanted->out);
		nft_match_first_packet(nft);
		nft_match_flows_over(nft,
		    (uint32_t)of[EGRESS_LIMIT_CONNECTIONS]);
		nft_verdict(nft, NFT_GOTO, over[EGRESS_LIMIT_CONNECTIONS]);
	}
	if (of[EGRESS_LIMIT_CONNECTS] != 0) {
		nft_rule(nft, wanted->out);
		nft_match_first_packet(nft);
		nft_match_packets_over(nft, of[EGRESS_LIMIT_CONNECTS],
		    (uint32_t)of[EGRESS_LIMIT_CONNECTS]);
		nft_verdict(nft, NFT_GOTO, over[EGRESS_LIMIT_CONNECTS]);
	}
	if (of[EGRESS_LIMIT_PACKETS] != 0) {
		nft_rule(nft, wanted->out);
		nft_match_packets_over(nft, of[EGRESS_LIMIT_PACKETS],
		    (uint32_t)burst);
		nft_verdict(nft, NFT_GOTO, over[EGRESS_LIMIT_PACKETS]);
	}
	if (of[EGRESS_LIMIT_OUT] != 0) {
		nft_rule(nft, wanted->out);
		nft_match_bytes_over(nft, of[EGRESS_LIMIT_OUT],
		    TOTALS_BURST_BYTES);
		nft_verdict(nft, NFT_GOTO, over[EGRESS_LIMIT_OUT]);
	}
}

static void
add_in(struct nft *nft, const struct wanted *wanted)
{
	if (wanted->totals->of[EGRESS_LIMIT_IN] == 0)
		return;
	nft_rule(nft, wanted->in);
	nft_match_bytes_over(nft, wanted->totals->of[EGRESS_LIMIT_IN],
	    TOTALS_BURST_BYTES);
	nft_verdict(nft, NFT_GOTO, over[EGRESS_LIMIT_IN]);
}

/* The markers of an organisation's totals that were. */
struct old {
	const struct wanted *wanted;
	struct nft *nft;
};

static void
remove_marker(const char *name, void *data)
{
	const struct old *old = data;
	const char *marks = old->wanted->marks;

	if (strncmp(name, marks, strlen(marks)) == 0)
		nft_chain_remove(old->nft, name);
}

static int
remove_markers(const struct wanted *wanted, struct nft *nft, struct err *err)
{
	struct old old = {wanted, nft};

	return nft_chain_list(wanted->table, remove_marker, &old, err);
}

/* Its chains, which are new, or are emptied: between two rules of the same
 * transaction there is no packet. */
static int
add_org(const struct wanted *wanted, bool is_new, struct nft *nft,
    struct err *err)
{
	int r = is_new ? 0 : remove_markers(wanted, nft, err);

	nft_chain(nft, wanted->out);
	nft_chain(nft, wanted->in);
	if (is_new) {
		nft_group_map_put(nft, OUT, wanted->group, wanted->out);
		nft_group_map_put(nft, IN, wanted->group, wanted->in);
	} else {
		nft_chain_flush(nft, wanted->out);
		nft_chain_flush(nft, wanted->in);
	}
	nft_chain(nft, wanted->marker);
	add_out(nft, wanted);
	add_in(nft, wanted);
	return r;
}

/* Where its totals are others, or the first of all. */
static int
make_org(const struct wanted *wanted, struct err *err)
{
	const int has_form = nft_chain_exists(wanted->table, FORM, err);
	const int has_table = has_form != 0 ? has_form :
	    nft_table_exists(wanted->table, err);
	const int has_org = has_form <= 0 ? has_form :
	    nft_chain_exists(wanted->table, wanted->out, err);
	auto_nft struct nft nft = {0};
	int r;

	if (has_table < 0 || has_org < 0)
		return has_table < 0 ? has_table : has_org;
	if ((r = nft_open(wanted->table, &nft, err)) < 0)
		return r;
	if (has_form == 0 && has_table > 0)
		nft_table_replace(&nft);
	else if (has_form == 0)
		nft_table_new(&nft);
	if (has_form == 0)
		add_table(&nft, wanted->host);
	r = add_org(wanted, has_org == 0, &nft, err);
	return r < 0 ? r : nft_commit(&nft, err);
}

/* What is left of an organisation whose totals have ended. */
static int
remove_org(const struct wanted *wanted, struct err *err)
{
	int r = nft_chain_exists(wanted->table, wanted->out, err);
	auto_nft struct nft nft = {0};

	if (r <= 0 || (r = nft_open(wanted->table, &nft, err)) < 0)
		return r;
	nft_group_map_drop(&nft, OUT, wanted->group);
	nft_group_map_drop(&nft, IN, wanted->group);
	nft_chain_flush(&nft, wanted->out);
	nft_chain_flush(&nft, wanted->in);
	nft_chain_remove(&nft, wanted->out);
	nft_chain_remove(&nft, wanted->in);
	r = remove_markers(wanted, &nft, err);
	return r < 0 ? r : nft_commit(&nft, err);
}

static bool
has_any(const struct egress_limits *totals)
{
	for (size_t i = 0; i < N_EGRESS_LIMIT; i++)
		if (totals->of[i] != 0)
			return true;
	return false;
}

static int
try_once(const struct wanted *wanted, struct err *err)
{
	const bool is_counted = has_any(wanted->totals);
	int r;

	if (!is_counted) {
		/* Where it is nobody's there is nothing to end. */
		r = link_group_set(wanted->link, 0, err);
		return r <= 0 ? r : remove_org(wanted, err);
	}
	/* The rules first: a group that leads nowhere is counted by none. */
	r = nft_chain_exists(wanted->table, wanted->marker, err);
	if (r == 0)
		r = make_org(wanted, err);
	return r < 0 ? r : link_group_set(wanted->link, wanted->group, err);
}

/* Somebody else has made, or removed, what was about to be. */
static bool
is_overtaken(int r)
{
	return r == -EEXIST || r == -ENOENT || r == -EBUSY;
}

int
totals_install(const struct egress_host *host, const char *org,
    const struct egress_limits *totals, const char *link, struct err *err)
{
	struct wanted wanted = {.host = host, .totals = totals, .link = link};
	int r = -EBUSY;

	totals_table(host, wanted.table);
	name_parts(&wanted, org);
	for (size_t i = 0; i < TRIES_MAX && is_overtaken(r); i++)
		r = try_once(&wanted, err);
	return r < 0 ? err_wrap(err, "totals of %s", org) : 0;
}

int
totals_remove(const struct egress_host *host, struct err *err)
{
	char table[TOTALS_TABLE_SIZE];
	auto_nft struct nft nft = {0};
	int r;

	totals_table(host, table);
	if ((r = nft_table_exists(table, err)) <= 0 ||
	    (r = nft_open(table, &nft, err)) < 0)
		return r;
	nft_table_remove(&nft);
	return nft_commit(&nft, err);
}

int
totals_list(const struct egress_host *host, struct totals_told *ret,
    size_t max, size_t *ret_n, struct err *err)
{
	auto_free struct nft_told *found = calloc(TOLD_SIZE, sizeof *found);
	char table[TOTALS_TABLE_SIZE];
	size_t n = 0;
	int r;

	*ret_n = 0;
	if (found == NULL)
		return err_set(err, ENOMEM, "no memory for what is told");
	totals_table(host, table);
	r = nft_told_list(table, TOLD_SETS, AF_INET, found, TOLD_SIZE, &n,
	    err);
	for (size_t i = 0; r == 0 && i < n && *ret_n < max; i++) {
		struct totals_told *one = &ret[*ret_n];

		if (found[i].port >= N_EGRESS_LIMIT ||
		    if_indextoname(found[i].mark, one->link) == NULL)
			continue;
		one->limit = found[i].port;
		one->left_ms = found[i].left_ms;
		++*ret_n;
	}
	return r;
}

int
totals_listen(const struct egress_host *host, int *ret_fd, struct err *err)
{
	return nft_told_bell(group_of(host), ret_fd, err);
}
