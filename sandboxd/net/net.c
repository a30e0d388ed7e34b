// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/net/net.h"

#include <arpa/inet.h>
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/net/netlink.h"
#include "sandboxd/net/netns.h"

#define GIDS_A_SANDBOX 65536u
#define SYSCTL_SIZE    160
#define MAC_SIZE       6

/* How long a dying namespace may take to take its link along, how long a
 * removal may take to show, and how often to look. */
#define REAP_PATIENCE_US 500
#define REMOVAL_LIMIT_US 2000000
#define LOOK_EVERY_US	 100

/* First octets of the fixed addresses: locally administered, one per end. */
#define MAC_HOST_END	0x02
#define MAC_SANDBOX_END 0x06
#define MAC_SECOND	'S'

struct mac {
	unsigned char bytes[MAC_SIZE];
};

static struct mac
mac_of_slot(unsigned char first, uint32_t slot)
{
	return (struct mac){{first, MAC_SECOND, (unsigned char)(slot >> 24),
	    (unsigned char)(slot >> 16), (unsigned char)(slot >> 8),
	    (unsigned char)slot}};
}

uint32_t
net_range_slots(const struct net_range *range)
{
	/* Neither the network's address nor the broadcast is given away. */
	return (1u << (32 - range->prefix)) - 2;
}

int
net_link_of_slot(const struct net_range *range, uint32_t slot,
    struct net_link *ret, struct err *err)
{
	uint32_t host_part = slot + 1;
	int n;

	if (range->prefix < 16 || range->prefix > 24)
		return err_set(err, EINVAL,
		    "network prefix /%u: must be /16 to /24", range->prefix);
	if (slot >= net_range_slots(range))
		return err_set(err, ERANGE, "link slot %u: the network has %u",
		    slot, net_range_slots(range));
	memset(ret, 0, sizeof *ret);
	ret->slot = slot;
	n = snprintf(
	    ret->name, sizeof ret->name, "%s%u", range->link_prefix, slot);
	if (n < 0 || (size_t)n >= sizeof ret->name)
		return err_set(
		    err, ERANGE, "link name of slot %u too long", slot);
	ret->address.s_addr = htonl(ntohl(range->base.s_addr) | host_part);
	ret->address6 = range->base6;
	host_part = htonl(host_part);
	memcpy(&ret->address6.s6_addr[12], &host_part, sizeof host_part);
	return 0;
}

/* Writes a file under /proc/sys/net, which is that of the current namespace. */
static int
write_sysctl(const char *name, const char *value, struct err *err)
{
	char path[SYSCTL_SIZE];
	auto_close int fd = -1;
	int r;

	(void)snprintf(path, sizeof path, "/proc/sys/net/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "cannot open %s", path);
	r = fd_write_all(fd, value, strlen(value));
	if (r < 0) {
		errno = -r;
		return err_errno(err, "cannot write \"%s\" to %s", value, path);
	}
	return 0;
}

/* The first character of a file under /proc/sys/net, or 0. */
static char
read_sysctl(const char *name)
{
	char path[SYSCTL_SIZE], value = 0;
	auto_close int fd = -1;

	(void)snprintf(path, sizeof path, "/proc/sys/net/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, &value, 1) != 1)
		return 0;
	return value;
}

static int
write_link_sysctl(const char *family, const char *link, const char *name,
    const char *value, struct err *err)
{
	char key[SYSCTL_SIZE / 2];

	(void)snprintf(key, sizeof key, "%s/conf/%s/%s", family, link, name);
	return write_sysctl(key, value, err);
}

/* Whether the current namespace speaks IPv6 at all. */
static bool
has_ipv6(void)
{
	return read_sysctl("ipv6/conf/all/disable_ipv6") == '0';
}

/*
 * A host that forwards stops listening to router advertisements, and with
 * that loses its own default route, unless told to go on (2).
 */
static int
keep_router_advertisements(struct err *err)
{
	struct dirent *entry;
	char key[SYSCTL_SIZE / 2];
	DIR *dir;
	int r = 0;

	dir = opendir("/proc/sys/net/ipv6/conf");
	if (!dir)
		return err_errno(err, "cannot list the links");
	while (r == 0 && (entry = readdir(dir))) {
		const char *name = entry->d_name;

		if (name[0] == '.' || strcmp(name, "all") == 0 ||
		    strcmp(name, "default") == 0 || strlen(name) >= IFNAMSIZ)
			continue;
		(void)snprintf(key, sizeof key, "ipv6/conf/%.15s/accept_ra",
		    name);
		if (read_sysctl(key) == '1')
			r = write_sysctl(key, "2", err);
	}
	(void)closedir(dir);
	return r;
}

int
net_host_up(struct err *err)
{
	int r;

	if (read_sysctl("ipv4/ip_forward") != '1' &&
	    (r = write_sysctl("ipv4/ip_forward", "1", err)) < 0)
		return r;
	if (!has_ipv6() || read_sysctl("ipv6/conf/all/forwarding") == '1')
		return 0;
	r = keep_router_advertisements(err);
	if (r < 0)
		return r;
	return write_sysctl("ipv6/conf/all/forwarding", "1", err);
}

static struct ifinfomsg *
add_link_message(struct netlink *netlink, const char *what, uint16_t type,
    uint16_t flags, struct nlmsghdr **ret_message)
{
	*ret_message = netlink_add(netlink, what, type, flags | NLM_F_ACK);
	return mnl_nlmsg_put_extra_header(
	    *ret_message, sizeof(struct ifinfomsg));
}

static void
add_link_create(
    struct netlink *netlink, const struct net_link *link, int netns_fd)
{
	struct mac host = mac_of_slot(MAC_HOST_END, link->slot);
	struct mac inside = mac_of_slot(MAC_SANDBOX_END, link->slot);
	struct nlattr *info, *data, *peer;
	struct nlmsghdr *message;

	(void)add_link_message(netlink, "cannot make a veth pair", RTM_NEWLINK,
	    NLM_F_CREATE | NLM_F_EXCL, &message);
	mnl_attr_put_strz(message, IFLA_IFNAME, link->name);
	mnl_attr_put(message, IFLA_ADDRESS, MAC_SIZE, host.bytes);
	info = mnl_attr_nest_start(message, IFLA_LINKINFO);
	mnl_attr_put_strz(message, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(message, VETH_INFO_PEER);
	(void)mnl_nlmsg_put_extra_header(message, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(message, IFLA_IFNAME, NET_SANDBOX_LINK);
	mnl_attr_put(message, IFLA_ADDRESS, MAC_SIZE, inside.bytes);
	mnl_attr_put_u32(message, IFLA_NET_NS_FD, (uint32_t)netns_fd);
	mnl_attr_nest_end(message, peer);
	mnl_attr_nest_end(message, data);
	mnl_attr_nest_end(message, info);
}

static void
add_link_set_up(struct netlink *netlink, int index)
{
	struct nlmsghdr *message;
	struct ifinfomsg *link;

	link = add_link_message(
	    netlink, "cannot bring a link up", RTM_SETLINK, 0, &message);
	link->ifi_index = index;
	link->ifi_flags = IFF_UP;
	link->ifi_change = IFF_UP;
}

static size_t
address_size(sa_family_t family)
{
	return family == AF_INET ? sizeof(struct in_addr)
				 : sizeof(struct in6_addr);
}

static void
add_address(
    struct netlink *netlink, int index, sa_family_t family, const void *address)
{
	struct ifaddrmsg *header;
	struct nlmsghdr *message;

	message = netlink_add(netlink, "cannot add an address", RTM_NEWADDR,
	    NLM_F_CREATE | NLM_F_REPLACE | NLM_F_ACK);
	header = mnl_nlmsg_put_extra_header(message, sizeof *header);
	header->ifa_family = (unsigned char)family;
	header->ifa_prefixlen = (unsigned char)(address_size(family) * 8);
	header->ifa_index = (uint32_t)index;
	/* Nobody else can have it, so it need not be asked about. */
	header->ifa_flags = family == AF_INET6 ? IFA_F_NODAD : 0;
	mnl_attr_put(message, IFA_LOCAL, address_size(family), address);
	mnl_attr_put(message, IFA_ADDRESS, address_size(family), address);
}

/* To destination/length, or the default route where destination is NULL. */
static void
add_route(struct netlink *netlink, int index, sa_family_t family,
    const void *destination, const void *gateway)
{
	struct nlmsghdr *message;
	struct rtmsg *route;

	message = netlink_add(netlink, "cannot add a route", RTM_NEWROUTE,
	    NLM_F_CREATE | NLM_F_REPLACE | NLM_F_ACK);
	route = mnl_nlmsg_put_extra_header(message, sizeof *route);
	route->rtm_family = (unsigned char)family;
	route->rtm_table = RT_TABLE_MAIN;
	route->rtm_protocol = RTPROT_STATIC;
	route->rtm_type = RTN_UNICAST;
	route->rtm_scope = gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
	if (destination) {
		route->rtm_dst_len = (unsigned char)(address_size(family) * 8);
		mnl_attr_put(
		    message, RTA_DST, address_size(family), destination);
	}
	if (gateway) {
		route->rtm_flags = RTNH_F_ONLINK;
		mnl_attr_put(
		    message, RTA_GATEWAY, address_size(family), gateway);
	}
	mnl_attr_put_u32(message, RTA_OIF, (uint32_t)index);
}

static void
add_neighbour(struct netlink *netlink, int index, sa_family_t family,
    const void *address, struct mac mac)
{
	struct nlmsghdr *message;
	struct ndmsg *neighbour;

	message = netlink_add(netlink, "cannot add a neighbour", RTM_NEWNEIGH,
	    NLM_F_CREATE | NLM_F_REPLACE | NLM_F_ACK);
	neighbour = mnl_nlmsg_put_extra_header(message, sizeof *neighbour);
	neighbour->ndm_family = (unsigned char)family;
	neighbour->ndm_ifindex = index;
	neighbour->ndm_state = NUD_PERMANENT;
	mnl_attr_put(message, NDA_DST, address_size(family), address);
	mnl_attr_put(message, NDA_LLADDR, MAC_SIZE, mac.bytes);
}

/* What the host end must not do: answer, redirect, take up addresses. */
static int
restrain_host_end(const char *link, bool is_ipv6, struct err *err)
{
	static const struct {
		const char *family, *name, *value;
	} settings[] = {
	    {"ipv4", "rp_filter", "1"},
	    {"ipv4", "arp_ignore", "8"},
	    {"ipv4", "proxy_arp", "0"},
	    {"ipv4", "accept_redirects", "0"},
	    {"ipv4", "send_redirects", "0"},
	    {"ipv4", "accept_source_route", "0"},
	    {"ipv4", "route_localnet", "0"},
	    {"ipv6", "addr_gen_mode", "1"},
	    {"ipv6", "accept_ra", "0"},
	    {"ipv6", "accept_redirects", "0"},
	    {"ipv6", "proxy_ndp", "0"},
	    {"ipv6", "forwarding", "1"},
	};

	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
		int r;

		if (!is_ipv6 && strcmp(settings[i].family, "ipv6") == 0)
			continue;
		r = write_link_sysctl(settings[i].family, link,
		    settings[i].name, settings[i].value, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int
set_up_host_end(
    struct netlink *netlink, const struct net_link *link, struct err *err)
{
	struct mac inside = mac_of_slot(MAC_SANDBOX_END, link->slot);
	bool is_ipv6 = has_ipv6();
	int index, r;

	index = (int)if_nametoindex(link->name);
	if (index == 0)
		return err_errno(err, "link %s is gone", link->name);
	r = restrain_host_end(link->name, is_ipv6, err);
	if (r < 0)
		return r;
	add_link_set_up(netlink, index);
	add_neighbour(netlink, index, AF_INET, &link->address, inside);
	add_route(netlink, index, AF_INET, &link->address, NULL);
	if (is_ipv6) {
		add_neighbour(
		    netlink, index, AF_INET6, &link->address6, inside);
		add_route(netlink, index, AF_INET6, &link->address6, NULL);
	}
	return netlink_commit(netlink, err);
}

/* No address by itself: before it comes up. */
static void
add_no_own_address(struct netlink *netlink, int index)
{
	struct nlattr *families, *family;
	struct nlmsghdr *message;
	struct ifinfomsg *link;

	link = add_link_message(netlink, "cannot set up IPv6 of a link",
	    RTM_SETLINK, 0, &message);
	link->ifi_index = index;
	families = mnl_attr_nest_start(message, IFLA_AF_SPEC);
	family = mnl_attr_nest_start(message, AF_INET6);
	mnl_attr_put_u8(message, IFLA_INET6_ADDR_GEN_MODE,
	    IN6_ADDR_GEN_MODE_NONE);
	mnl_attr_nest_end(message, family);
	mnl_attr_nest_end(message, families);
}

/* A namespace of its own may have been given none, where the host has it. */
static int
set_up_ipv6(struct netlink *netlink, const struct net_link *link, int index,
    struct mac host, struct err *err)
{
	struct in6_addr gateway;
	struct err inner = {0};
	int r;

	if (inet_pton(AF_INET6, NET_GATEWAY6, &gateway) != 1)
		return err_set(err, EINVAL, "gateway addresses");
	add_address(netlink, index, AF_INET6, &link->address6);
	add_neighbour(netlink, index, AF_INET6, &gateway, host);
	add_route(netlink, index, AF_INET6, NULL, &gateway);
	r = netlink_commit(netlink, &inner);
	if (r == -EACCES)
		return 0;
	return r < 0 ? err_set(err, -r, "%s", inner.text) : 0;
}

/* The caller is in the sandbox's namespace. */
static int
set_up_sandbox_end(const struct net_link *link, bool is_ipv6, struct err *err)
{
	auto_netlink struct netlink netlink = {0};
	struct mac host = mac_of_slot(MAC_HOST_END, link->slot);
	struct in_addr gateway;
	int index, lo, r;

	if (inet_pton(AF_INET, NET_GATEWAY, &gateway) != 1)
		return err_set(err, EINVAL, "gateway addresses");
	r = netlink_open(NETLINK_ROUTE, &netlink, err);
	if (r < 0)
		return r;
	index = (int)if_nametoindex(NET_SANDBOX_LINK);
	lo = (int)if_nametoindex("lo");
	if (index == 0 || lo == 0)
		return err_errno(
		    err, "%s is not in the namespace", NET_SANDBOX_LINK);
	if (is_ipv6)
		add_no_own_address(&netlink, index);
	add_link_set_up(&netlink, lo);
	add_address(&netlink, index, AF_INET, &link->address);
	add_link_set_up(&netlink, index);
	add_neighbour(&netlink, index, AF_INET, &gateway, host);
	add_route(&netlink, index, AF_INET, NULL, &gateway);
	r = netlink_commit(&netlink, err);
	return r < 0 || !is_ipv6 ? r :
	    set_up_ipv6(&netlink, link, index, host, err);
}

static int
set_up_ends(struct netlink *netlink, const struct net_link *link, int netns_fd,
    struct err *err)
{
	bool is_ipv6 = has_ipv6();
	int home_fd = -1, r;

	r = set_up_host_end(netlink, link, err);
	if (r < 0)
		return r;
	r = netns_enter(netns_fd, &home_fd, err);
	if (r < 0)
		return r;
	r = set_up_sandbox_end(link, is_ipv6, err);
	netns_leave(&home_fd);
	return r;
}

int
net_link_up(const struct net_link *link, int netns_fd, struct err *err)
{
	auto_netlink struct netlink netlink = {0};
	int r;

	r = netlink_open(NETLINK_ROUTE, &netlink, err);
	if (r < 0)
		return err_wrap(err, "link %s", link->name);
	add_link_create(&netlink, link, netns_fd);
	r = netlink_commit(&netlink, err);
	if (r < 0)
		return err_wrap(err, "link %s", link->name);
	r = set_up_ends(&netlink, link, netns_fd, err);
	if (r < 0) {
		(void)net_link_down(link, NULL);
		return err_wrap(err, "link %s", link->name);
	}
	return 0;
}

/* Of the caller's namespace; what it has not is left out. */
static int
write_own_sysctl(int sys_fd, const char *name, const char *value,
    struct err *err)
{
	auto_close int fd = openat(sys_fd, name, O_WRONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		return err_errno(err, "cannot write \"%s\" to %s", value, name);
	return 0;
}

int
net_settle(int sys_fd, uint32_t gid_base, struct err *err)
{
	static const char *const off[] = {
	    "net/ipv4/ip_unprivileged_port_start",
	    /* Of IPv4 either of the two is enough to be led elsewhere. */
	    "net/ipv4/conf/all/accept_redirects",
	    "net/ipv4/conf/" NET_SANDBOX_LINK "/accept_redirects",
	    "net/ipv6/conf/" NET_SANDBOX_LINK "/accept_redirects",
	    "net/ipv6/conf/" NET_SANDBOX_LINK "/accept_ra",
	    "net/ipv6/conf/" NET_SANDBOX_LINK "/accept_dad",
	    "net/ipv6/conf/" NET_SANDBOX_LINK "/dad_transmits"};
	char range[32];
	int r;

	(void)snprintf(range, sizeof range, "%u %u", gid_base,
	    gid_base + GIDS_A_SANDBOX - 1);
	r = write_own_sysctl(sys_fd, "net/ipv4/ping_group_range", range, err);
	for (size_t i = 0; r == 0 && i < sizeof off / sizeof *off; i++)
		r = write_own_sysctl(sys_fd, off[i], "0", err);
	return r;
}

/* That of the index, or 0: of the name. */
static int
remove_link(const struct net_link *link, unsigned index, struct err *err)
{
	auto_netlink struct netlink netlink = {0};
	struct nlmsghdr *message;
	struct ifinfomsg *header;
	int r;

	r = netlink_open(NETLINK_ROUTE, &netlink, err);
	if (r < 0)
		return r;
	header = add_link_message(
	    &netlink, "cannot remove a link", RTM_DELLINK, 0, &message);
	header->ifi_index = (int)index;
	if (index == 0)
		mnl_attr_put_strz(message, IFLA_IFNAME, link->name);
	r = netlink_commit(&netlink, err);
	if (r == -ENODEV)
		return 0;
	return r < 0 ? err_wrap(err, "link %s", link->name) : 0;
}

int
net_link_down(const struct net_link *link, struct err *err)
{
	return remove_link(link, 0, err);
}

int
net_link_exists(const struct net_link *link, struct err *err)
{
	if (if_nametoindex(link->name) != 0)
		return 1;
	if (errno == ENODEV)
		return 0;
	return err_errno(err, "link %s", link->name);
}

/* Looks until the host end is gone: 0, -EBUSY after limit_us, or -errno. */
static int
wait_until_gone(const struct net_link *link, unsigned limit_us,
    struct err *err)
{
	static const struct timespec pause = {
	    .tv_nsec = LOOK_EVERY_US * 1000L};

	for (unsigned waited = 0;; waited += LOOK_EVERY_US) {
		int r = net_link_exists(link, err);

		if (r <= 0)
			return r;
		if (waited >= limit_us)
			return err_set(err, EBUSY, "link %s stays",
			    link->name);
		(void)nanosleep(&pause, NULL);
	}
}

int
net_link_reap(const struct net_link *link, struct err *err)
{
	int r = wait_until_gone(link, REAP_PATIENCE_US, err);
	unsigned index;
	pid_t child;

	if (r != -EBUSY)
		return r;
	/* By its index: it may go by itself and another be made by its name
	 * before the child has its turn. */
	index = if_nametoindex(link->name);
	if (index == 0)
		return 0;
	child = fork();
	if (child == 0)
		_exit(remove_link(link, index, NULL) < 0);
	/* Without a child, and its 20 ms for us. */
	if (child < 0)
		return net_link_down(link, err);
	return wait_until_gone(link, REMOVAL_LIMIT_US, err);
}
