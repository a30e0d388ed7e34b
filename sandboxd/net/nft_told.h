// SPDX-License-Identifier: Apache-2.0
/*
 * Sets that the kernel adds packets' destinations to by itself, each for a
 * time, and the bell that it rings when it has added one. Who reads them sees
 * numbers that the kernel took out of packets, and no packet.
 */
#pragma once

#include "sandboxd/net/nft.h"

/* One destination. */
struct nft_told {
	sa_family_t family;
	uint8_t address[16]; /* 4 or 16 bytes of it */
	uint8_t protocol;
	uint16_t port; /* of TCP and UDP; else 0 */
	uint32_t mark; /* the packet's */
	uint64_t left_ms;
};

/* Makes the sets NAME4 and NAME6, of `size` destinations each, which stay for
 * timeout_ms. */
void nft_told_sets(
    struct nft *nft, const char *name, uint32_t size, uint64_t timeout_ms);

/*
 * To be the end of a rule that matches one family and protocol: goes on only
 * where the set of the family does not have the packet's destination and has
 * room for it; it is added, and the bell of this group is rung.
 */
void nft_tell(struct nft *nft, const char *name, sa_family_t family,
    bool has_port, uint16_t group);

/* The same where the set of IPv4 does not have this number, as the mark of no
 * destination at all. */
void nft_tell_number(struct nft *nft, const char *name, uint32_t number,
    uint16_t group);

/* The same of a number and the index of the link that the packet came in by or
 * (is_out) goes out by: as the port and the mark of no destination. */
void nft_tell_link(struct nft *nft, const char *name, uint16_t number,
    bool is_out, uint16_t group);

/* The packet's own mark, from here on. */
void nft_set_packet_mark(struct nft *nft, uint32_t mark);
/* It is an ICMP echo request, of the family's ICMP. */
void nft_match_echo(struct nft *nft, sa_family_t family);

/*
 * What is in one of the sets, at most max. The caller is in the namespace; a
 * set that is not there is an empty one.
 */
int nft_told_list(const char *table, const char *name, sa_family_t family,
    struct nft_told *ret, size_t max, size_t *ret_n, struct err *err);

/*
 * A socket that becomes readable when a bell of this group is rung in the
 * caller's namespace, which it keeps; what can be read from it says nothing.
 * Close-on-exec. -EBUSY: another has it.
 */
int nft_told_bell(uint16_t group, int *ret_fd, struct err *err);
