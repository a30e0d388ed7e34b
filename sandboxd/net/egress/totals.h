// SPDX-License-Identifier: Apache-2.0
/*
 * How much all sandboxes of an organisation send and receive together
 * (docs/EGRESS.md, Totals), in a table of its own of the host's namespace,
 * which is there only where an organisation has any. An organisation's rules
 * are a chain each way, which the group of a sandbox's link leads to: so no
 * rule and no element is one sandbox's, and one more of them changes nothing
 * here. What is right already is left alone: nobody's counting begins anew
 * because another is started, nor when sandboxd is.
 */
#pragma once

#include "common/egress.h"
#include "sandboxd/net/egress/egress.h"

/* What a bucket of bytes has beside a second's worth, so that the largest
 * packet that the kernel has as one passes it. */
#define TOTALS_BURST_BYTES (128u * 1024)

#define TOTALS_TABLE_SIZE 80

/* The name of the table. */
void totals_table(const struct egress_host *host,
    char ret[TOTALS_TABLE_SIZE]);

/*
 * Has a sandbox of an organisation, by its link's name in the caller's
 * namespace, which is the host's, be counted by these totals, of which 0 is
 * none; or where all are, by nobody's, whoever's the link was before.
 * Idempotent; several may be at it at once.
 */
int totals_install(const struct egress_host *host, const char *org,
    const struct egress_limits *totals, const char *link, struct err *err);

/* Removes the table; one that is gone is no error. */
int totals_remove(const struct egress_host *host, struct err *err);

/* A limit that somebody's total has reached through a sandbox's link. */
struct totals_told {
	char link[16];
	enum egress_limit limit;
	uint64_t left_ms; /* of TOLD_PERIOD_MS */
};

/* What has been within the period: at most max, in the host's namespace. */
int totals_list(const struct egress_host *host, struct totals_told *ret,
    size_t max, size_t *ret_n, struct err *err);

/* A descriptor that is readable when there is more; see nft_told_bell. */
int totals_listen(const struct egress_host *host, int *ret_fd,
    struct err *err);
