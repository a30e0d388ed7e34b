// SPDX-License-Identifier: Apache-2.0
/* Links: addresses by slot, reachability, conveniences, nothing left behind. */
#include "sandboxd/net/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/net/netns.h"
#include "tests/root/check.h"
#include "tests/root/world.h"

#define REAPS 20

static void
test_slots(void)
{
	struct net_range range = {.prefix = 24, .link_prefix = "sg"};
	struct net_link link;
	struct err err = {0};
	char text[INET6_ADDRSTRLEN];

	(void)inet_pton(AF_INET, "10.1.2.0", &range.base);
	(void)inet_pton(AF_INET6, "fd00:1::", &range.base6);
	CHECK(net_range_slots(&range) == 254, "a /24 has 254 slots");
	CHECK(net_link_of_slot(&range, 253, &link, &err) == 0, "%s", err.text);
	(void)inet_ntop(AF_INET, &link.address, text, sizeof text);
	CHECK(strcmp(text, "10.1.2.254") == 0, "address %s", text);
	(void)inet_ntop(AF_INET6, &link.address6, text, sizeof text);
	CHECK(strcmp(text, "fd00:1::fe") == 0, "address %s", text);
	CHECK(strcmp(link.name, "sg253") == 0, "name %s", link.name);
	CHECK(net_link_of_slot(&range, 254, &link, &err) == -ERANGE,
	    "slot 254 of a /24");
	strcpy(range.link_prefix, "toolong");
	range.prefix = 16;
	CHECK(net_link_of_slot(&range, 65533, &link, &err) == 0,
	    "the longest name fits: %s", err.text);
	range.prefix = 8;
	CHECK(net_link_of_slot(&range, 0, &link, &err) == -EINVAL, "a /8");
}

static void
test_reach(const struct world *world)
{
	char address[INET6_ADDRSTRLEN];

	CHECK(world_connect(
		  world->sandbox_fds[0], "198.51.100.7", WORLD_PORT, NULL) == 0,
	    "IPv4 out");
	CHECK(world_connect(world->sandbox_fds[0], "2001:db8:9::9", WORLD_PORT,
		  NULL) == 0,
	    "IPv6 out");
	(void)inet_ntop(
	    AF_INET, &world->links[0].address, address, sizeof address);
	CHECK(world_connect(world->host_fd, address, WORLD_PORT, NULL) == 0,
	    "the host reaches %s", address);
	CHECK(world_connect(world->sandbox_fds[0], address, WORLD_PORT, NULL) ==
		  0,
	    "the sandbox reaches itself");
	CHECK(world_connect(
		  world->sandbox_fds[0], "127.0.0.1", WORLD_PORT, NULL) == 0,
	    "loopback is up");
	CHECK(world_ping(
		  world->sandbox_fds[0], "198.51.100.7", WORLD_GID_BASE + 1000),
	    "ping without privileges");
	CHECK(world_ping(world->sandbox_fds[0], "2001:db8:9::9",
		  WORLD_GID_BASE + 65535),
	    "ping over IPv6");
	CHECK(!world_ping(world->sandbox_fds[0], "198.51.100.7",
		  WORLD_GID_BASE + 65536),
	    "the next sandbox's groups may not");
}

/* The host learns nothing and answers nothing on a link. */
static void
test_silence(const struct world *world)
{
	world_run(world->sandbox_fds[0],
	    "ip neigh show dev eth0 | grep -q '169.254.0.1.*PERMANENT'");
	world_run(world->host_fd,
	    "test -z \"$(ip -6 addr show dev sgt0 scope link)\"");
	world_run(world->sandbox_fds[0],
	    "test -z \"$(ip -6 addr show dev eth0 scope link)\"");
	world_run(world->host_fd,
	    "ip neigh show dev sgt0 | grep -q '10.213.0.1.*PERMANENT'");
	world_run(world->sandbox_fds[0],
	    "ip link show dev eth0 | grep -q 06:53:00:00:00:00");
	world_run(world->sandbox_fds[1],
	    "ip link show dev eth0 | grep -q 06:53:00:00:00:01");
	world_run(world->sandbox_fds[0],
	    "test $(cat /proc/sys/net/ipv4/ip_unprivileged_port_start) = 0");
}

static void
test_failures(const struct world *world)
{
	struct net_link other = world->links[0];
	struct err err = {0};

	CHECK(net_link_up(&world->links[0], world->sandbox_fds[0],
		  &err) == -EEXIST,
	    "a second link of one name: %s", err.text);
	CHECK(net_link_exists(&world->links[0], &err) == 1,
	    "the first one stays");
	/* The namespace has an eth0 already: half-made, and undone. */
	other.slot = 77;
	strcpy(other.name, "sgt77");
	CHECK(net_link_up(&other, world->sandbox_fds[0], &err) < 0,
	    "two links in one namespace");
	CHECK(net_link_exists(&other, &err) == 0, "nothing is left of it");
	CHECK(net_link_up(&other, 0, &err) < 0,
	    "a descriptor that is no namespace");
	CHECK(net_link_exists(&other, &err) == 0, "nothing is left of it");
}

static void
test_down(const struct world *world)
{
	struct err err = {0};

	for (int i = 0; i < N_WORLD_SANDBOX; i++) {
		CHECK(net_link_exists(&world->links[i], &err) == 1, "exists");
		CHECK(
		    net_link_down(&world->links[i], &err) == 0, "%s", err.text);
		CHECK(net_link_down(&world->links[i], &err) == 0, "again: %s",
		    err.text);
		CHECK(net_link_exists(&world->links[i], &err) == 0, "gone");
	}
	world_run(world->host_fd, "! ip link show | grep -q sgt");
	world_run(world->host_fd, "! ip neigh show nud all | grep -q sgt");
}

/*
 * However the namespace ends, or does not, the slot is free for the next right
 * after: the same names and addresses are made anew each time.
 */
static void
test_reap(const struct world *world)
{
	void (*before)(int) = signal(SIGCHLD, SIG_IGN);
	const struct net_link *link = &world->links[0];
	struct err err = {0};

	CHECK(net_link_reap(link, &err) == 0, "one that is gone: %s",
	    err.text);
	for (int i = 0; i < REAPS; i++) {
		bool is_dying = i % 2 == 0;
		int home_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
		auto_close int netns_fd = -1;

		CHECK(unshare(CLONE_NEWNET) == 0, "a namespace");
		netns_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
		CHECK(setns(home_fd, CLONE_NEWNET) == 0, "home");
		fd_close(&home_fd);
		CHECK(net_link_up(link, netns_fd, &err) == 0,
		    "%d: %s", i, err.text);
		if (is_dying)
			fd_close(&netns_fd);
		CHECK(net_link_reap(link, &err) == 0, "%d: %s", i, err.text);
		CHECK(net_link_exists(link, &err) == 0, "%d: gone", i);
	}
	(void)signal(SIGCHLD, before);
	world_run(world->host_fd, "! ip link show | grep -q sgt");
	world_run(world->host_fd, "! ip route show table all | grep -q sgt");
}

/* A host whose kernel has IPv6 switched off gets links of IPv4 alone. */
static void
test_without_ipv6(const struct world *world)
{
	struct err err = {0};

	world_run(world->host_fd,
	    "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6");
	CHECK(net_link_up(&world->links[1], world->sandbox_fds[1],
		  &err) == 0,
	    "%s", err.text);
	world_await_links(world->sandbox_fds[1]);
	world_await_links(world->host_fd);
	CHECK(world_connect(
		  world->sandbox_fds[1], "198.51.100.7", WORLD_PORT, NULL) == 0,
	    "IPv4 out, without IPv6");
	CHECK(net_link_down(&world->links[1], &err) == 0, "%s", err.text);
}

int
main(void)
{
	struct world world;

	skip_unless_root();
	test_slots();
	world_make(&world);
	test_reach(&world);
	test_silence(&world);
	test_failures(&world);
	test_down(&world);
	test_reap(&world);
	test_without_ipv6(&world);
	return check_result();
}
