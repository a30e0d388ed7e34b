// SPDX-License-Identifier: Apache-2.0
/*
 * The rules judge every packet that leaves, whatever the tracker knows of its
 * flow; what comes in passes as an answer. So a flow that has become forbidden
 * is taken out of the tracker: then what still comes is no answer to anything.
 */
#include "sandboxd/net/egress/flows.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "sandboxd/net/egress/always.h"
#include "sandboxd/net/egress/encrypted_dns.h"
#include "sandboxd/net/egress/policy.h"
#include "sandboxd/net/netlink.h"

#define ANSWER_SIZE	  (32 * 1024)
#define ANSWER_SIZE_SMALL 4096

/* Forbidden flows that are forgotten in one batch; it is dumped again for
 * more. */
#define CUT_MAX	       (NETLINK_BATCH_MESSAGES - 1)
#define TUPLE_SIZE_MAX 128

/* Rounds of that: more flows than a host has for one sandbox. */
#define ROUNDS_MAX 64

struct cut {
	const struct egress_host *host;
	const struct policy *policy, *ceiling; /* NULL: none */
	bool is_host; /* of others' flows those of sandboxes alone */
	struct netlink *netlink; /* where they are forgotten */
	size_t n;
};

/* The attribute of this type among those of `size` bytes, or NULL. */
static const struct nlattr *
find_in(const void *attributes, size_t size, uint16_t type)
{
	const char *end = (const char *)attributes + size;
	const struct nlattr *attribute = attributes;

	while (mnl_attr_ok(attribute, (int)(end - (const char *)attribute))) {
		if (mnl_attr_get_type(attribute) == type)
			return attribute;
		attribute = mnl_attr_next(attribute);
	}
	return NULL;
}

static const struct nlattr *
find(const struct nlattr *parent, uint16_t type)
{
	return find_in(mnl_attr_get_payload(parent),
	    mnl_attr_get_payload_len(parent), type);
}

/* One of the tuple's two, by the attribute that it is in IPv4 or in IPv6. */
static bool
read_address(const struct nlattr *tuple, uint16_t type4, uint16_t type6,
    struct prefix *ret)
{
	const struct nlattr *ip = find(tuple, CTA_TUPLE_IP), *found;

	if (!ip)
		return false;
	*ret = (struct prefix){.family = AF_INET, .length = 32};
	found = find(ip, type4);
	if (!found && (found = find(ip, type6)))
		*ret = (struct prefix){.family = AF_INET6, .length = 128};
	if (!found || mnl_attr_get_payload_len(found) * 8 != ret->length)
		return false;
	memcpy(ret->address, mnl_attr_get_payload(found),
	    mnl_attr_get_payload_len(found));
	return true;
}

/* Where the flow's first packet went; false for what is not one. */
static bool
read_tuple(const struct nlattr *tuple, struct policy_packet *ret)
{
	const struct nlattr *protocol = find(tuple, CTA_TUPLE_PROTO), *number,
			    *port;

	memset(ret, 0, sizeof *ret);
	if (!protocol || !read_address(tuple, CTA_IP_V4_DST, CTA_IP_V6_DST,
	    &ret->to) ||
	    !(number = find(protocol, CTA_PROTO_NUM)))
		return false;
	ret->protocol = mnl_attr_get_u8(number);
	port = find(protocol, CTA_PROTO_DST_PORT);
	if (port)
		ret->port = ntohs(mnl_attr_get_u16(port));
	return true;
}

/* The name by which it was let out (policy_rules.c); 0 = by none. */
static uint32_t
read_mark(const void *attributes, size_t size)
{
	const struct nlattr *mark = find_in(attributes, size, CTA_MARK);

	return mark != NULL && mnl_attr_get_payload_len(mark) ==
	    sizeof(uint32_t) ? ntohl(mnl_attr_get_u32(mark)) : 0;
}

/* Whether a sandbox began it, or it was to lead to one. */
static bool
is_of_sandbox(const struct cut *cut, const struct nlattr *tuple,
    const struct prefix *to)
{
	struct prefix range[ALWAYS_RANGES], from;

	if (!read_address(tuple, CTA_IP_V4_SRC, CTA_IP_V6_SRC, &from))
		return false;
	always_range(&cut->host->range, range);
	for (size_t i = 0; i < ALWAYS_RANGES; i++)
		if (prefix_has(&range[i], &from) || prefix_has(&range[i], to))
			return true;
	return false;
}

static bool
is_forbidden(const struct cut *cut, const struct policy_packet *packet)
{
	const bool is_tcp = packet->protocol == IPPROTO_TCP;
	const bool has_port = is_tcp || packet->protocol == IPPROTO_UDP;
	const char *name;

	return always_refuses(cut->host, &packet->to, is_tcp,
		   has_port ? packet->port : -1) != NULL ||
	    (has_port && encrypted_dns_is_closed_by(cut->host, cut->policy,
		cut->ceiling) &&
		encrypted_dns_refuses(&packet->to, packet->port) != NULL) ||
	    (cut->ceiling != NULL && !policy_allows(cut->ceiling,
		packet, policy_decide(cut->ceiling, packet), &name)) ||
	    (cut->policy != NULL && !policy_allows(cut->policy, packet,
		policy_decide(cut->policy, packet), &name));
}

static void
forget(struct cut *cut, uint8_t family, const struct nlattr *tuple)
{
	struct nlmsghdr *message = netlink_add(cut->netlink,
	    "cannot forget a flow",
	    (NFNL_SUBSYS_CTNETLINK << 8) | IPCTNL_MSG_CT_DELETE, 0);
	struct nfgenmsg *header =
	    mnl_nlmsg_put_extra_header(message, sizeof *header);

	header->nfgen_family = family;
	header->version = NFNETLINK_V0;
	mnl_attr_put(message, CTA_TUPLE_ORIG | NLA_F_NESTED,
	    mnl_attr_get_payload_len(tuple), mnl_attr_get_payload(tuple));
	cut->n++;
}

/* One flow of the dump. */
static int
judge(const struct nlmsghdr *message, void *data)
{
	struct cut *cut = data;
	const struct nfgenmsg *header = mnl_nlmsg_get_payload(message);
	const size_t size = mnl_nlmsg_get_payload_len(message);
	const struct nlattr *tuple;
	struct policy_packet packet;

	if (cut->n == CUT_MAX || size < sizeof *header)
		return MNL_CB_OK;
	tuple = find_in(header + 1, size - sizeof *header, CTA_TUPLE_ORIG);
	if (tuple && mnl_attr_get_payload_len(tuple) <= TUPLE_SIZE_MAX &&
	    read_tuple(tuple, &packet) && (!cut->is_host ||
	    is_of_sandbox(cut, tuple, &packet.to))) {
		packet.mark = read_mark(header + 1, size - sizeof *header);
		if (is_forbidden(cut, &packet))
			forget(cut, header->nfgen_family, tuple);
	}
	return MNL_CB_OK;
}

static int
ask_for_dump(struct netlink *netlink, struct err *err)
{
	struct nlmsghdr *message = netlink_add(netlink, "cannot list flows",
	    (NFNL_SUBSYS_CTNETLINK << 8) | IPCTNL_MSG_CT_GET, NLM_F_DUMP);
	struct nfgenmsg *header =
	    mnl_nlmsg_put_extra_header(message, sizeof *header);

	header->nfgen_family = AF_UNSPEC;
	header->version = NFNETLINK_V0;
	return netlink_commit(netlink, err);
}

static int
dump(struct cut *cut, struct err *err)
{
	auto_netlink struct netlink netlink = {0};
	auto_free char *buffer = malloc(ANSWER_SIZE);
	int r = netlink_open(NETLINK_NETFILTER, &netlink, err);

	if (r < 0 || (r = ask_for_dump(&netlink, err)) < 0)
		return r;
	if (!buffer)
		return err_set(err, ENOMEM, "no memory for flows");
	do {
		ssize_t n = mnl_socket_recvfrom(
		    netlink.socket, buffer, ANSWER_SIZE);

		if (n < 0 && errno == EINTR)
			continue;
		r = n < 0 ? -1 : mnl_cb_run(buffer, (size_t)n, 0, 0, judge,
		    cut);
		if (r < 0 && errno != EINTR)
			return err_errno(err, "cannot list flows");
	} while (r > 0);
	return 0;
}

static int
read_count(const struct nlmsghdr *message, void *data)
{
	const size_t size = mnl_nlmsg_get_payload_len(message);
	const struct nfgenmsg *header = mnl_nlmsg_get_payload(message);
	const struct nlattr *count;

	if (size < sizeof *header)
		return MNL_CB_OK;
	count = find_in(header + 1, size - sizeof *header,
	    CTA_STATS_GLOBAL_ENTRIES);
	if (count != NULL && mnl_attr_get_payload_len(count) ==
	    sizeof(uint32_t))
		*(uint32_t *)data = ntohl(mnl_attr_get_u32(count));
	return MNL_CB_OK;
}

/*
 * Whether the namespace has any: a dump goes through the whole host's table,
 * which takes milliseconds. Those that are not confirmed yet count. 1, 0 or
 * -errno.
 */
static int
has_flows(struct netlink *netlink, struct err *err)
{
	struct nfgenmsg *header;
	char buffer[ANSWER_SIZE_SMALL];
	uint32_t n = UINT32_MAX;
	ssize_t size;
	int r;

	header = mnl_nlmsg_put_extra_header(netlink_add(netlink,
	    "cannot count flows", (NFNL_SUBSYS_CTNETLINK << 8) |
	    IPCTNL_MSG_CT_GET_STATS, 0), sizeof *header);
	header->nfgen_family = AF_UNSPEC;
	header->version = NFNETLINK_V0;
	if ((r = netlink_commit(netlink, err)) < 0)
		return r;
	size = mnl_socket_recvfrom(netlink->socket, buffer, sizeof buffer);
	if (size < 0 || mnl_cb_run(buffer, (size_t)size, 0, 0, read_count,
	    &n) < 0)
		return err_errno(err, "cannot count flows");
	return n > 0;
}

/* Forgets up to CUT_MAX; returns how many it found. */
static int
cut_some(struct cut *cut, struct err *err)
{
	auto_netlink struct netlink netlink = {0};
	int r = netlink_open(NETLINK_NETFILTER, &netlink, err);

	cut->netlink = &netlink;
	cut->n = 0;
	if (r < 0 || (r = dump(cut, err)) < 0)
		return r;
	if (cut->n == 0)
		return 0;
	r = netlink_commit(&netlink, err);
	return r < 0 ? r : (int)cut->n;
}

static int
cut_all(struct cut *cut, struct netlink *netlink, struct err *err)
{
	int r = has_flows(netlink, err);

	for (size_t i = 0; r > 0 && i < ROUNDS_MAX; i++)
		r = cut_some(cut, err);
	if (r > 0)
		return err_set(err, EBUSY, "forbidden flows: they stay");
	return r;
}

int
flows_cut(const struct egress_host *host, const struct policy *policy,
    const struct policy *ceiling, struct netlink *netlink, struct err *err)
{
	struct cut cut = {.host = host, .policy = policy, .ceiling = ceiling};

	return cut_all(&cut, netlink, err);
}

int
flows_cut_host(const struct egress_host *host, struct netlink *netlink,
    struct err *err)
{
	struct cut cut = {.host = host, .is_host = true};

	return cut_all(&cut, netlink, err);
}
