// SPDX-License-Identifier: Apache-2.0
/*
 * One nftables transaction: a table is thrown away and built anew, all or
 * nothing. Failures on the way (memory) are kept and told by nft_commit, so
 * that a list of rules reads as one.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libnftnl/rule.h>

#include "common/err.h"
#include "common/prefix.h"
#include "sandboxd/net/netlink.h"

struct nft {
	struct netlink netlink;
	struct nft *sets; /* of a refill: what is made before; else NULL */
	char set_form;	  /* what the names of its sets end with, 0: nothing */
	const char *table;	 /* of family inet */
	struct nftnl_rule *rule; /* the one being written, or NULL */
	bool is_first;		 /* it goes before those that are there */
	bool is_removing;	 /* what the kernel frees after a while */
	int error;		 /* the first failure, a positive errno */
};

#define auto_nft __attribute__((cleanup(nft_close)))

/*
 * Begins a transaction in the caller's network namespace. The table's name is
 * kept, not copied. Zero-initialise *ret; free with nft_close.
 */
int nft_open(const char *table, struct nft *ret, struct err *err);

/* The same in the namespace of a socket (netlink_borrow), whoever calls. */
int nft_open_by(const char *table, struct mnl_socket *socket, struct nft *ret,
    struct err *err);
void nft_close(struct nft *nft);

/* The two halves of that: what is asked comes between them (nft_list.h), over
 * the same socket, whose namespace is the caller's of this moment. */
int nft_look(const char *table, struct nft *ret, struct err *err);
void nft_begin(struct nft *nft);

/* Makes the table; the commit is -EEXIST where there is one. Not having to
 * remove anything spares the commit a grace period of the kernel. */
void nft_table_new(struct nft *nft);

/* Removes the table if it is there; with nft_table_replace makes it again. */
void nft_table_replace(struct nft *nft);
void nft_table_remove(struct nft *nft);

/*
 * Empties the table, which must be there, and keeps its chains at hooks, which
 * are to be made again as they were (-EEXIST of the commit: one is there of
 * another form). A packet on its way meets the old rules or the new ones,
 * whole: of two chains at a hook, as where a table is replaced, it may meet the
 * new one before that says anything and the old one when that says nothing any
 * more. And a set of ranges has nothing in it for a moment after the rules that
 * look in it are there; so these sets, under names that are free, are made by a
 * transaction of their own, `sets`, which has been opened and is the caller's,
 * and nft_commit sends that first. NULL: the table has no such sets.
 */
void nft_table_refill(struct nft *nft, struct nft *sets);

/* What follows is of another table, whose name is kept; a rule that is being
 * written is of the one that it was begun in. */
static inline void
nft_into(struct nft *nft, const char *table)
{
	nft->table = table;
}

/* Makes the sets NAME4 and NAME6 of prefixes, which may overlap. */
void nft_sets(struct nft *nft, const char *name,
    const struct prefix *prefixes, size_t n);

struct nft_ports {
	uint16_t first, last; /* both are of it */
};

/* Makes a set of ports; ranges may overlap. */
void nft_ports_set(struct nft *nft, const char *name,
    const struct nft_ports *ports, size_t n);

/* Makes a set of protocols. */
void nft_protocols_set(struct nft *nft, const char *name,
    const uint8_t *protocols, size_t n);

/* A chain that is jumped to, and one at a hook ("filter", NF_INET_FORWARD, 0,
 * NF_ACCEPT or NF_DROP). */
void nft_chain(struct nft *nft, const char *name);
void nft_base_chain(struct nft *nft, const char *name, const char *type,
    uint32_t hook, int32_t priority, uint32_t policy);

/* Takes all rules out of a chain that is there. */
void nft_chain_flush(struct nft *nft, const char *chain);

/* Ends the rule before and begins one, the last of its chain or the first; the
 * matches below add to it in order. */
void nft_rule(struct nft *nft, const char *chain);
void nft_rule_first(struct nft *nft, const char *chain);

/* meta iifname or oifname (NFT_META_IIFNAME...) begins with prefix, or is all
 * of it; `is` false turns the match round. */
void nft_match_link(
    struct nft *nft, uint32_t key, const char *prefix, bool is_whole, bool is);
/* meta iif or oif (NFT_META_IIF...) is the namespace's loopback. */
void nft_match_loopback(struct nft *nft, uint32_t key);
void nft_match_family(struct nft *nft, sa_family_t family);
void nft_match_protocol(struct nft *nft, uint8_t protocol);
void nft_match_protocols(struct nft *nft, const char *set);
void nft_match_dport(struct nft *nft, uint16_t port);
/* The same without a set: the destination is in the prefix, and the destination
 * port, of a protocol that has been matched, in the range. */
void nft_match_prefix(struct nft *nft, const struct prefix *prefix);
void nft_match_port_range(struct nft *nft, const struct nft_ports *ports);
/* The destination port, of a protocol that has been matched, is in the set. */
void nft_match_ports(struct nft *nft, const char *set);
/* The destination is in the set NAME4 or NAME6, by family, of nft_sets; and of
 * nft_timed_sets. */
void nft_match_destination(
    struct nft *nft, sa_family_t family, const char *set);
void nft_match_timed(struct nft *nft, sa_family_t family, const char *set);
void nft_match_source(struct nft *nft, const struct prefix *prefix);
/* A piece of an IPv4 packet, or one with options; and an IPv6 one with a
 * routing header. The family has been matched. */
void nft_match_disguise(struct nft *nft);
void nft_match_routing_header(struct nft *nft);
/* The flow's mark, and the packet's own. */
void nft_match_flow_mark(struct nft *nft, uint32_t mark);
void nft_match_packet_mark(struct nft *nft, uint32_t mark);
void nft_match_other_packet_mark(struct nft *nft, uint32_t mark);
/* ct state is one of the bits (NF_CT_STATE_BIT). */
void nft_match_state(struct nft *nft, uint32_t states);
/* The route back to the source does not leave by the link it came in by. */
void nft_match_foreign_source(struct nft *nft);
/* The source is not an address of the link the packet leaves by. */
void nft_match_borrowed_source(struct nft *nft);
/* The packet's next hop, of a family that has been matched, is another than
 * this address (4 or 16 bytes). */
void nft_match_next_hop(
    struct nft *nft, sa_family_t family, const void *address);
/* More flows than `count` have passed here and are still tracked. */
void nft_match_flows_over(struct nft *nft, uint32_t count);

/* Connection tracking leaves the packet alone; before it, NF_IP_PRI_RAW. */
void nft_notrack(struct nft *nft);
void nft_counter(struct nft *nft);
/* What the rule is called in listings: at most NFT_COMMENT_SIZE bytes,
 * terminator included. */
#define NFT_COMMENT_SIZE 128
void nft_comment(struct nft *nft, const char *words);
void nft_set_flow_mark(struct nft *nft, uint32_t mark);
/* NF_ACCEPT, NF_DROP, or NFT_JUMP and NFT_GOTO with a chain. */
void nft_verdict(struct nft *nft, int verdict, const char *chain);
/* TCP reset, or "administratively prohibited" of either family. */
void nft_reject(struct nft *nft, bool is_tcp);
void nft_masquerade(struct nft *nft);

/* Sends it all. 0, or -errno and nothing is changed. */
int nft_commit(struct nft *nft, struct err *err);
