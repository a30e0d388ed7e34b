// SPDX-License-Identifier: Apache-2.0
/* Matches of how much comes by, for transactions of nft.h. */
#pragma once

#include "sandboxd/net/nft.h"

/* Bytes of a rule below may be a little over one second's worth ahead, as the
 * kernel has it: its bucket is that and the burst. */
#define NFT_RATE_BYTES_MAX (1ull << 33)

/* More than so many packets a second have come by here, `burst` of them at
 * once being none too many. A packet is what the kernel has as one. */
void nft_match_packets_over(
    struct nft *nft, uint64_t per_second, uint32_t burst);

/* The same of bytes, without those of the link; at most NFT_RATE_BYTES_MAX.
 * What may come at once is a second's worth and `burst` bytes. */
void nft_match_bytes_over(
    struct nft *nft, uint64_t per_second, uint32_t burst);

/* The connection tracker has not seen another packet of this flow leave. */
void nft_match_first_packet(struct nft *nft);
