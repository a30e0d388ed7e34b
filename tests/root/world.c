// SPDX-License-Identifier: Apache-2.0
#include "tests/root/world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/net/netns.h"

#define CONNECT_WAIT_MS	 500
#define DATAGRAM_WAIT_MS 80
#define BACKLOG		 64
#define COMMAND_SIZE	 512
#define N_WORLD_PLACE	 (2 + N_WORLD_SANDBOX)

/* The listeners of a place: TCP and UDP on both ports. */
struct place {
	int tcp_fds[2], udp_fds[2];
};

static struct place places[N_WORLD_PLACE];
static const uint16_t ports[2] = {WORLD_PORT, WORLD_DNS_PORT};

/* Addresses the internet answers for: true internet, and private networks. */
static const char *const internet_addresses[] = {"198.51.100.7", "192.0.2.7",
    "10.99.0.1", "172.16.5.5", "192.168.77.1", "100.64.0.9", "192.0.0.192",
    "198.18.0.1", "169.254.169.254", "2001:db8:9::9", "fd00:99::1",
    "fd00:ec2::254", "64:ff9b::a63:1", "2002:a63:1::1"};

static void
give_up(const char *words)
{
	perror(words);
	exit(1);
}

static void
enter(int netns_fd, int *ret_home_fd)
{
	struct err err = {0};

	if (netns_enter(netns_fd, ret_home_fd, &err) < 0) {
		(void)fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
}

bool
world_can(int netns_fd, const char *command)
{
	int home_fd, status;

	enter(netns_fd, &home_fd);
	status = system(command);
	netns_leave(&home_fd);
	return status == 0;
}

void
world_run(int netns_fd, const char *command)
{
	if (!world_can(netns_fd, command)) {
		(void)fprintf(stderr, "failed: %s\n", command);
		exit(1);
	}
}

void
world_await_links(int netns_fd)
{
	world_run(netns_fd, "timeout 5 sh -c 'while ip -o link show up | "
			    "grep -qv \"state U[PN]\"; do sleep 0.01; done'");
}

static int
own_netns(void)
{
	int fd = open("/proc/self/ns/net", O_RDONLY);

	if (fd < 0)
		give_up("/proc/self/ns/net");
	return fd;
}

static int
new_netns(int host_fd)
{
	int fd;

	if (unshare(CLONE_NEWNET) < 0)
		give_up("unshare");
	fd = own_netns();
	if (setns(host_fd, CLONE_NEWNET) < 0)
		give_up("setns");
	return fd;
}

/* One socket for both families. */
static int
listen_here(int type, uint16_t port)
{
	struct sockaddr_in6 address = {
	    .sin6_family = AF_INET6, .sin6_port = htons(port)};
	int fd = socket(AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
	    (type == SOCK_STREAM && listen(fd, BACKLOG) < 0))
		give_up("listen");
	return fd;
}

static void
open_place(struct place *place, int netns_fd)
{
	int home_fd;

	enter(netns_fd, &home_fd);
	for (int i = 0; i < 2; i++) {
		place->tcp_fds[i] = listen_here(SOCK_STREAM, ports[i]);
		place->udp_fds[i] = listen_here(SOCK_DGRAM, ports[i]);
	}
	netns_leave(&home_fd);
}

static void
make_internet(struct world *world)
{
	char command[COMMAND_SIZE];

	(void)snprintf(command, sizeof command,
	    "echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad && "
	    "ip link set lo up && "
	    "ip link add out0 type veth peer name in0 && "
	    "ip link set in0 netns /proc/%d/fd/%d && "
	    "ip addr add " WORLD_HOST "/24 dev out0 && "
	    "ip addr add " WORLD_HOST6 "/64 dev out0 nodad && "
	    "ip link set out0 mtu %d up",
	    (int)getpid(), world->internet_fd, WORLD_MTU);
	world_run(world->host_fd, command);
	world_run(world->internet_fd,
	    "echo 0 > /proc/sys/net/ipv6/conf/in0/accept_dad && "
	    "ip link set lo up && ip addr add 203.0.113.2/24 dev in0 && "
	    "ip addr add 2001:db8:1::2/64 dev in0 nodad && "
	    "ip link set in0 up && ip route add default via " WORLD_HOST
	    " && ip -6 route add default via " WORLD_HOST6);
	for (size_t i = 0;
	     i < sizeof internet_addresses / sizeof *internet_addresses; i++) {
		(void)snprintf(command, sizeof command, "ip addr add %s dev lo",
		    internet_addresses[i]);
		world_run(world->internet_fd, command);
	}
	world_run(world->host_fd, "ip route add default via 203.0.113.2 && "
				  "ip -6 route add default via 2001:db8:1::2");
}

static int
settle(int netns_fd, struct err *err)
{
	int home_fd, r = netns_enter(netns_fd, &home_fd, err);
	auto_close int sys_fd = -1;

	if (r < 0)
		return r;
	sys_fd = open("/proc/sys", O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = sys_fd < 0 ? err_errno(err, "/proc/sys") :
	    net_settle(sys_fd, WORLD_GID_BASE, err);
	netns_leave(&home_fd);
	return r;
}

void
world_make(struct world *world)
{
	struct err err = {0};
	struct net_range *range = &world->egress.range;

	memset(world, 0, sizeof *world);
	world->egress.table = "sandgate-test";
	range->prefix = 16;
	strcpy(range->link_prefix, "sgt");
	if (inet_pton(AF_INET, "10.213.0.0", &range->base) != 1 ||
	    inet_pton(AF_INET6, "fd5a:9a7e:1::", &range->base6) != 1)
		give_up("range");
	if (unshare(CLONE_NEWNET) < 0)
		give_up("unshare");
	world->host_fd = own_netns();
	world->internet_fd = new_netns(world->host_fd);
	make_internet(world);
	if (net_host_up(&err) < 0)
		give_up(err.text);
	open_place(&places[0], world->host_fd);
	open_place(&places[1], world->internet_fd);
	for (uint32_t i = 0; i < N_WORLD_SANDBOX; i++) {
		world->sandbox_fds[i] = new_netns(world->host_fd);
		if (net_link_of_slot(range, i, &world->links[i], &err) < 0 ||
		    net_link_up(&world->links[i], world->sandbox_fds[i],
			&err) < 0 ||
		    settle(world->sandbox_fds[i], &err) < 0)
			give_up(err.text);
		open_place(&places[2 + i], world->sandbox_fds[i]);
		world_await_links(world->sandbox_fds[i]);
	}
	world_await_links(world->internet_fd);
	world_await_links(world->host_fd);
}

static socklen_t
parse_address(const char *text, uint16_t port, struct sockaddr_storage *ret)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ret;
	struct sockaddr_in *in = (struct sockaddr_in *)ret;

	memset(ret, 0, sizeof *ret);
	if (inet_pton(AF_INET, text, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		return sizeof *in;
	}
	if (inet_pton(AF_INET6, text, &in6->sin6_addr) != 1)
		give_up(text);
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(port);
	return sizeof *in6;
}

static int
now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int)(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

static int
socket_in(int netns_fd, int family, int type, int protocol)
{
	int home_fd, fd;

	enter(netns_fd, &home_fd);
	fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	netns_leave(&home_fd);
	return fd;
}

/* Waits for the outcome of a connect under way. */
static int
finish_connect(int fd)
{
	struct pollfd event = {.fd = fd, .events = POLLOUT};
	socklen_t size = sizeof(int);
	int code = 0;

	if (poll(&event, 1, CONNECT_WAIT_MS) != 1)
		return -ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) < 0)
		return -errno;
	return -code;
}

int
world_dial(int netns_fd, const char *address, uint16_t port, int *ret_ms)
{
	struct sockaddr_storage to;
	socklen_t size = parse_address(address, port, &to);
	auto_close int fd = socket_in(netns_fd, to.ss_family, SOCK_STREAM, 0);
	int start_ms = now_ms(), r = 0;

	if (fd < 0)
		give_up("socket");
	if (connect(fd, (struct sockaddr *)&to, size) < 0)
		r = errno == EINPROGRESS ? finish_connect(fd) : -errno;
	if (ret_ms)
		*ret_ms = now_ms() - start_ms;
	return r < 0 ? r : take_fd(&fd);
}

int
world_connect(int netns_fd, const char *address, uint16_t port, int *ret_ms)
{
	auto_close int fd = world_dial(netns_fd, address, port, ret_ms);

	return fd < 0 ? fd : 0;
}

void
world_last_peer(char *text, socklen_t size)
{
	struct sockaddr_in6 peer;
	socklen_t peer_size = sizeof peer;
	int fd;

	text[0] = '\0';
	while ((fd = accept4(places[1].tcp_fds[0], (struct sockaddr *)&peer,
		    &peer_size, SOCK_CLOEXEC)) >= 0) {
		(void)inet_ntop(AF_INET6, &peer.sin6_addr, text, size);
		fd_close(&fd);
	}
}

/* Takes what the listeners hold; whether there was anything. */
static bool
drain_datagrams(int timeout_ms)
{
	struct pollfd events[N_WORLD_PLACE * 2];
	bool had_any = false;
	char byte;

	for (size_t i = 0; i < N_WORLD_PLACE * 2; i++)
		events[i] = (struct pollfd){
		    .fd = places[i / 2].udp_fds[i % 2], .events = POLLIN};
	if (poll(events, N_WORLD_PLACE * 2, timeout_ms) <= 0)
		return false;
	for (size_t i = 0; i < N_WORLD_PLACE * 2; i++)
		while (recv(events[i].fd, &byte, 1, MSG_DONTWAIT) >= 0)
			had_any = true;
	return had_any;
}

bool
world_datagram_arrives(int netns_fd, const char *address, uint16_t port)
{
	struct sockaddr_storage to;
	socklen_t size = parse_address(address, port, &to);
	auto_close int fd = socket_in(netns_fd, to.ss_family, SOCK_DGRAM, 0);

	(void)drain_datagrams(0);
	if (sendto(fd, "x", 1, 0, (struct sockaddr *)&to, size) < 0)
		return false;
	return drain_datagrams(DATAGRAM_WAIT_MS);
}

/* IPv4 by hand; IPv6 by binding to an address that is not ours. */
bool
world_forged_arrives(
    int netns_fd, const char *source, const char *address, uint16_t port)
{
	struct {
		struct iphdr ip;
		struct udphdr udp;
		char data[4];
	} packet = {
	    .ip = {.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP}};
	struct sockaddr_storage from, to;
	socklen_t size = parse_address(address, port, &to);
	bool is_ipv4 = to.ss_family == AF_INET;
	auto_close int fd = socket_in(netns_fd, to.ss_family,
	    is_ipv4 ? SOCK_RAW : SOCK_DGRAM, is_ipv4 ? IPPROTO_RAW : 0);
	int one = 1;

	(void)drain_datagrams(0);
	(void)parse_address(source, 0, &from);
	if (is_ipv4) {
		packet.ip.tot_len = htons(sizeof packet);
		packet.ip.saddr =
		    ((struct sockaddr_in *)&from)->sin_addr.s_addr;
		packet.ip.daddr = ((struct sockaddr_in *)&to)->sin_addr.s_addr;
		packet.udp.source = packet.udp.dest = htons(port);
		packet.udp.len = htons(sizeof packet.udp + sizeof packet.data);
		((struct sockaddr_in *)&to)->sin_port = 0;
	} else if (setsockopt(fd, SOL_IPV6, IPV6_FREEBIND, &one, sizeof one) <
		       0 ||
		   bind(fd, (struct sockaddr *)&from, size) < 0) {
		give_up("bind");
	}
	if (sendto(fd, &packet, sizeof packet, 0, (struct sockaddr *)&to,
		size) < 0)
		return false;
	return drain_datagrams(DATAGRAM_WAIT_MS);
}

bool
world_ping(int netns_fd, const char *address, gid_t gid)
{
	struct icmphdr echo = {.type = ICMP_ECHO};
	struct sockaddr_storage to;
	socklen_t size = parse_address(address, 0, &to);
	struct pollfd event = {.events = POLLIN};
	auto_close int fd = -1;

	if (to.ss_family == AF_INET6)
		echo.type = 128; /* ICMPv6 echo request */
	if (setegid(gid) < 0)
		give_up("setegid");
	fd = socket_in(netns_fd, to.ss_family, SOCK_DGRAM,
	    to.ss_family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	if (setegid(0) < 0)
		give_up("setegid");
	if (fd < 0 ||
	    sendto(fd, &echo, sizeof echo, 0, (struct sockaddr *)&to, size) < 0)
		return false;
	event.fd = fd;
	if (poll(&event, 1, DATAGRAM_WAIT_MS) != 1)
		return false;
	return recv(fd, &echo, sizeof echo, 0) >= 0 &&
	       (echo.type == ICMP_ECHOREPLY || echo.type == 129);
}
