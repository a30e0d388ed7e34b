// SPDX-License-Identifier: Apache-2.0
/*
 * A policy that changes every 10 ms under 20 000 packets a second: none that
 * both policies allow is lost, none that neither does gets through, and of a
 * flow that one of them allows none that is sent while the other is in force. A
 * sandbox's namespace with its link and its tables, and no process in it; the
 * host and what is behind it are namespaces of the test's own.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/net/egress/egress.h"
#include "sandboxd/net/egress/policy.h"
#include "sandboxd/net/linger.h"
#include "sandboxd/net/netns.h"

#define SINK	   "198.51.100.9"
#define ALLOWED	   443
#define FORBIDDEN  9
#define TURNED	   10 /* allowed by the first policy alone */
#define SINKS	   3
#define CHANGES	   300
#define CHANGE_NS  10000000L
#define BURST	   10 /* packets of each kind, every PAUSE_NS */
#define PAUSE_NS   1000000L
#define ROOM_BYTES (64 << 20)

static struct egress_host host = {.table = "sandgate-swap"};
static struct policy policies[2];
static int sandbox_fd, send_fds[SINKS], sink_fds[SINKS];
static const uint16_t ports[SINKS] = {ALLOWED, FORBIDDEN, TURNED};
static atomic_bool is_over;
static uint32_t n_sent, n_refused;
static atomic_uint n_turned; /* is one more before a packet is sent */

static void
check(int r, const struct err *err)
{
	if (r < 0)
		(void)fprintf(stderr, "%s\n", err->text);
	assert(r >= 0);
}

static void
run(const char *command)
{
	assert(system(command) == 0);
}

static struct sockaddr_in
address_of(uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons(port)};

	(void)inet_pton(AF_INET, SINK, &address.sin_addr);
	return address;
}

/* In the caller's namespace. */
static int
open_socket(uint16_t port, bool is_sink)
{
	const struct sockaddr_in address = address_of(port);
	static const int room = ROOM_BYTES;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert(fd >= 0);
	assert(!is_sink || setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room,
	    sizeof room) == 0);
	assert((is_sink ? bind : connect)(fd,
	    (const struct sockaddr *)&address, sizeof address) == 0);
	return fd;
}

static int
new_netns(void)
{
	const int home_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int fd;

	assert(home_fd >= 0 && unshare(CLONE_NEWNET) == 0);
	fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	assert(fd >= 0 && setns(home_fd, CLONE_NEWNET) == 0);
	(void)close(home_fd);
	return fd;
}

static void
make_sandbox(void)
{
	struct net_range *range = &host.range;
	struct net_link link;
	struct err err = {0};
	int home_fd;

	range->prefix = 16;
	strcpy(range->link_prefix, "sgw");
	(void)inet_pton(AF_INET, "10.213.0.0", &range->base);
	(void)inet_pton(AF_INET6, "fd5a:9a7e:1::", &range->base6);
	assert(unshare(CLONE_NEWNET) == 0);
	run("ip link set lo up && ip link add out0 type veth peer name in0");
	check(net_host_up(&err), &err);
	sandbox_fd = new_netns();
	check(net_link_of_slot(range, 0, &link, &err), &err);
	check(net_link_up(&link, sandbox_fd, &err), &err);
	check(egress_host_install(&host, &err), &err);
	/* Behind the host, where forwarding leads. */
	const int internet_fd = new_netns();
	char command[256];

	(void)snprintf(command, sizeof command, "ip link set in0 netns "
	    "/proc/%d/fd/%d && ip addr add 203.0.113.1/24 dev out0 && "
	    "ip link set out0 up && ip route add default via 203.0.113.2",
	    (int)getpid(), internet_fd);
	run(command);
	check(netns_enter(internet_fd, &home_fd, &err), &err);
	run("ip link set lo up && ip addr add 203.0.113.2/24 dev in0 && "
	    "ip link set in0 up && ip addr add " SINK " dev lo && "
	    "ip route add default via 203.0.113.1");
	for (int i = 0; i < SINKS; i++)
		sink_fds[i] = open_socket(ports[i], true);
	netns_leave(&home_fd);
	(void)close(internet_fd);
}

/* Both let the sink's one port through, and say something else besides. */
static void
make_policy(struct policy *policy, uint16_t other, uint16_t third)
{
	*policy = (struct policy){.n_rules = 1, .n_cidrs = 1, .n_ports = 3};
	assert(prefix_parse("198.51.100.0/24", &policy->cidrs[0]) == 0);
	policy->ports[0] = (struct policy_ports){ALLOWED, ALLOWED};
	policy->ports[1] = (struct policy_ports){other, other};
	policy->ports[2] = (struct policy_ports){third, third};
	policy->rules[0] = (struct policy_rule){.is_allow = true,
	    .protocols = EGRESS_UDP, .n_cidrs = 1, .n_ports = 3};
}

static void
install(const struct policy *policy)
{
	struct err err = {0};

	check(egress_sandbox_install(&host, policy, NULL, NULL, sandbox_fd,
	    &err), &err);
	(void)linger_settle();
}

/* Nobody but this thread sends, so that each number is one of a packet. */
static void *
send_all(void *arg)
{
	const struct timespec pause = {0, PAUSE_NS};
	uint32_t number;

	(void)arg;
	while (!atomic_load(&is_over)) {
		for (int i = 0; i < BURST; i++) {
			if (send(send_fds[0], &n_sent, sizeof n_sent, 0) < 0)
				n_refused++;
			n_sent++;
			(void)send(send_fds[1], &n_sent, sizeof n_sent, 0);
			number = atomic_fetch_add(&n_turned, 1);
			(void)send(send_fds[2], &number, sizeof number, 0);
		}
		(void)nanosleep(&pause, NULL);
	}
	return NULL;
}

/* Of those that arrived, how many were sent from `first` on. */
static uint32_t
count_from(int fd, uint32_t first)
{
	uint32_t number, n = 0;

	while (recv(fd, &number, sizeof number, MSG_DONTWAIT) > 0)
		n += number >= first;
	return n;
}

static uint32_t
count(int fd)
{
	uint32_t number, n = 0;

	while (recv(fd, &number, sizeof number, MSG_DONTWAIT) > 0)
		n++;
	return n;
}

int
main(void)
{
	const struct timespec pause = {0, CHANGE_NS};
	uint32_t arrived = 0, passed = 0, turned = 0, late = 0;
	struct err err = {0};
	uint32_t first = 0;
	pthread_t sender;
	int home_fd;

	make_sandbox();
	make_policy(&policies[0], 80, TURNED);
	make_policy(&policies[1], 81, 82);
	install(&policies[0]);
	check(netns_enter(sandbox_fd, &home_fd, &err), &err);
	for (int i = 0; i < SINKS; i++)
		send_fds[i] = open_socket(ports[i], false);
	netns_leave(&home_fd);
	assert(pthread_create(&sender, NULL, send_all, NULL) == 0);
	for (int i = 0; i < CHANGES; i++) {
		(void)nanosleep(&pause, NULL);
		/* Of the first, what came; of the second, what it let out. */
		if (i % 2 == 0)
			turned += count(sink_fds[2]);
		else
			late += count_from(sink_fds[2], first);
		install(&policies[(i + 1) % 2]);
		first = atomic_load(&n_turned);
		arrived += count(sink_fds[0]);
		passed += count(sink_fds[1]);
	}
	atomic_store(&is_over, true);
	assert(pthread_join(sender, NULL) == 0);
	(void)nanosleep(&(struct timespec){0, 200000000L}, NULL);
	arrived += count(sink_fds[0]);
	passed += count(sink_fds[1]);
	printf("%u changes: of %u packets allowed %u refused, %u lost; of %u "
	    "forbidden %u passed; of a flow that one allows %u, and %u late\n",
	    CHANGES, n_sent, n_refused, n_sent - n_refused - arrived, n_sent,
	    passed, turned, late);
	(void)fflush(stdout);
	assert(n_sent > 0 && arrived == n_sent && passed == 0);
	assert(turned > 0 && late == 0);
	return 0;
}
