// SPDX-License-Identifier: Apache-2.0
/* Flows of sandboxes, as a namespace's connection tracker knows them. */
#pragma once

#include "common/err.h"

struct egress_host;
struct netlink;
struct policy;

/*
 * Forgets every flow of the caller's network namespace that the host, the
 * ceiling (NULL: there is none) or the policy forbids: no rule lets anything
 * more of it in, as the rules let nothing more of it out. Flows that came in
 * are judged by where they lead. Takes as long as the host has flows, and no
 * time where the namespace has none, which is asked over `netlink`, a socket of
 * NETLINK_NETFILTER there whose batch is empty.
 */
int flows_cut(const struct egress_host *host, const struct policy *policy,
    const struct policy *ceiling, struct netlink *netlink, struct err *err);

/* The same of the host's namespace, which is the caller's: of flows from
 * sandboxes or to them what the host forbids to all. */
int flows_cut_host(const struct egress_host *host, struct netlink *netlink,
    struct err *err);
