// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/link_group.h"

#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/net/netlink.h"

#define PATH_SIZE 64

/* False where nothing says so. */
static bool
is_of(const char *link, uint32_t group)
{
	char path[PATH_SIZE], text[16] = "";
	auto_close int fd = -1;

	(void)snprintf(path, sizeof path, "/sys/class/net/%.15s/netdev_group",
	    link);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && read(fd, text, sizeof text - 1) > 0 &&
	    strtoul(text, NULL, 10) == group;
}

int
link_group_set(const char *link, uint32_t group, struct err *err)
{
	auto_netlink struct netlink netlink = {0};
	struct ifinfomsg *header;
	struct nlmsghdr *message;
	unsigned index;
	int r;

	if (is_of(link, group))
		return 0;
	if ((index = if_nametoindex(link)) == 0)
		return err_errno(err, "link %s", link);
	if ((r = netlink_open(NETLINK_ROUTE, &netlink, err)) < 0)
		return r;
	message = netlink_add(&netlink, "cannot set a link's group",
	    RTM_SETLINK, NLM_F_ACK);
	header = mnl_nlmsg_put_extra_header(message, sizeof *header);
	header->ifi_index = (int)index;
	mnl_attr_put_u32(message, IFLA_GROUP, group);
	r = netlink_commit(&netlink, err);
	return r < 0 ? err_wrap(err, "link %s", link) : 1;
}
