// SPDX-License-Identifier: Apache-2.0
/* What turns connections to a port of the namespace's own. */
#pragma once

#include "sandboxd/net/nft.h"

/* To this port of 127.0.0.1 or ::1; in a chain of type "nat" at the hook
 * NF_INET_LOCAL_OUT, which sees the first packet of each flow. */
void nft_redirect(struct nft *nft, uint16_t port);

/* The flow was turned. */
void nft_match_redirected(struct nft *nft);

/* TCP from this port. */
void nft_match_from_port(struct nft *nft, uint16_t port);
