// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/shape.h"

#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "sandboxd/net/netlink.h"

#define BURST_PART 8 /* of a second */
#define QUEUE_PART 4

static uint32_t
between(uint64_t value, uint32_t min, uint32_t max)
{
	return value < min ? min : value > max ? max : (uint32_t)value;
}

uint32_t
shape_burst_bytes(uint64_t bytes_per_second)
{
	return between(bytes_per_second / BURST_PART, SHAPE_BURST_MIN_BYTES,
	    UINT32_MAX);
}

static struct nlmsghdr *
add(struct netlink *netlink, const char *what, uint16_t type, uint16_t flags,
    unsigned index)
{
	struct nlmsghdr *message = netlink_add(netlink, what, type,
	    flags | NLM_F_ACK);
	struct tcmsg *header = mnl_nlmsg_put_extra_header(message,
	    sizeof *header);

	header->tcm_family = AF_UNSPEC;
	header->tcm_ifindex = (int)index;
	header->tcm_parent = TC_H_ROOT;
	return message;
}

static void
add_bucket(struct nlmsghdr *message, uint64_t bytes_per_second)
{
	const struct tc_tbf_qopt bucket = {.rate = {
	    .linklayer = TC_LINKLAYER_ETHERNET,
	    .rate = between(bytes_per_second, 1, UINT32_MAX)},
	    .limit = between(bytes_per_second / QUEUE_PART,
		SHAPE_QUEUE_MIN_BYTES, SHAPE_QUEUE_MAX_BYTES)};
	struct nlattr *options;

	mnl_attr_put_strz(message, TCA_KIND, "tbf");
	options = mnl_attr_nest_start(message, TCA_OPTIONS);
	mnl_attr_put(message, TCA_TBF_PARMS, sizeof bucket, &bucket);
	mnl_attr_put_u32(message, TCA_TBF_BURST,
	    shape_burst_bytes(bytes_per_second));
	if (bytes_per_second > UINT32_MAX)
		mnl_attr_put_u64(message, TCA_TBF_RATE64, bytes_per_second);
	mnl_attr_nest_end(message, options);
}

int
shape_link(const char *link, uint64_t bytes_per_second, struct err *err)
{
	auto_netlink struct netlink netlink = {0};
	const unsigned index = if_nametoindex(link);
	int r;

	if (index == 0)
		return err_errno(err, "link %s", link);
	if ((r = netlink_open(NETLINK_ROUTE, &netlink, err)) < 0)
		return r;
	add_bucket(add(&netlink, "cannot limit the rate of a link",
	    RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, index),
	    bytes_per_second);
	r = netlink_commit(&netlink, err);
	return r < 0 ? err_wrap(err, "link %s", link) : 0;
}

int
shape_none(const char *link, struct err *err)
{
	auto_netlink struct netlink netlink = {0};
	const unsigned index = if_nametoindex(link);
	struct err inner = {0};
	int r;

	if (index == 0)
		return err_errno(err, "link %s", link);
	if ((r = netlink_open(NETLINK_ROUTE, &netlink, err)) < 0)
		return r;
	(void)add(&netlink, "cannot lift the limit of a link", RTM_DELQDISC, 0,
	    index);
	r = netlink_commit(&netlink, &inner);
	if (r == 0 || r == -ENOENT || r == -EINVAL)
		return 0;
	return err_set(err, -r, "link %s: %s", link, inner.text);
}
