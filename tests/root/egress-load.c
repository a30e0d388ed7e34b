// SPDX-License-Identifier: Apache-2.0
/*
 * What policies and packets cost among many sandboxes: network namespaces with
 * the links and the tables that sandboxd makes, and no processes in them.
 *
 *	egress-load COUNT...
 *
 * For each count, which do not become fewer, prints a line
 *
 *	n=10 install_us=.. update_us=.. delete_us=.. packet_ns=.. plain_ns=..
 *	tracked_ns=..
 *
 * of medians: to give a namespace the table of a policy, another policy, and
 * the host's default in its place; and a UDP packet to behind the host, of a
 * flow that was answered, in its sender's processor time, beside the same
 * through a host with as many links and from a namespace without any table; and
 * where the namespace lets in answers alone and the host masquerades, and no
 * other rule is there: what their connection tracking takes.
 * Nothing of it can be seen from outside, and it dies with the process.
 * contrib/bench runs it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/parse.h"
#include "sandboxd/net/egress/egress.h"
#include "sandboxd/net/egress/policy.h"
#include "sandboxd/net/linger.h"
#include "sandboxd/net/netns.h"

#define N_MAX	      4000
#define RULES	      8
#define CHANGES	      40
#define PACKETS	      20000
#define PACKET_ROUNDS 9
#define PACKET_BYTES  64
#define SINK	      "198.51.100.9"
#define SINK_PORT     443
#define COMMAND_SIZE  512

/* A host with sandboxes, and what is behind it. */
struct place {
	int host_fd, internet_fd;
	int sandbox_fds[N_MAX];
	size_t n;
	struct egress_host egress;
	int sink_fd; /* never read: what is beyond its room is dropped */
};

static struct place ours, plain, tracked;
static struct policy policies[2], default_policy = {.is_allow = true};

static void
give_up(const char *words)
{
	(void)fprintf(stderr, "egress-load: %s: %s\n", words, strerror(errno));
	exit(1);
}

static void
check(int r, const struct err *err)
{
	if (r >= 0)
		return;
	(void)fprintf(stderr, "egress-load: %s\n", err->text);
	exit(1);
}

static uint64_t
now_ns(clockid_t clock)
{
	struct timespec now;

	(void)clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int
compare(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static uint64_t
median(uint64_t *samples, size_t n)
{
	qsort(samples, n, sizeof *samples, compare);
	return samples[n / 2];
}

/* In a namespace; the caller's is the same before and after. */
static void
run_in(int netns_fd, const char *command)
{
	struct err err = {0};
	int home_fd;

	check(netns_enter(netns_fd, &home_fd, &err), &err);
	if (system(command) != 0) {
		(void)fprintf(stderr, "egress-load: failed: %s\n", command);
		exit(1);
	}
	netns_leave(&home_fd);
}

static int
socket_in(int netns_fd)
{
	struct err err = {0};
	int home_fd, fd;

	check(netns_enter(netns_fd, &home_fd, &err), &err);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	netns_leave(&home_fd);
	if (fd < 0)
		give_up("socket");
	return fd;
}

static int
new_netns(void)
{
	const int home_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int fd;

	if (home_fd < 0 || unshare(CLONE_NEWNET) < 0)
		give_up("network namespace");
	fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(home_fd, CLONE_NEWNET) < 0)
		give_up("network namespace");
	(void)close(home_fd);
	return fd;
}

static struct sockaddr_in
sink_address(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons(SINK_PORT)};

	(void)inet_pton(AF_INET, SINK, &address.sin_addr);
	return address;
}

static void
open_sink(struct place *place)
{
	const struct sockaddr_in address = sink_address();
	static const int least = 1;

	place->sink_fd = socket_in(place->internet_fd);
	if (setsockopt(place->sink_fd, SOL_SOCKET, SO_RCVBUF, &least,
	    sizeof least) < 0 || bind(place->sink_fd,
	    (const struct sockaddr *)&address, sizeof address) < 0)
		give_up("sink");
}

static void
make_place(struct place *place)
{
	struct net_range *range = &place->egress.range;
	char command[COMMAND_SIZE];
	struct err err = {0};
	int home_fd;

	place->egress.table = "sandgate-load";
	range->prefix = 16;
	strcpy(range->link_prefix, "sgl");
	(void)inet_pton(AF_INET, "10.213.0.0", &range->base);
	(void)inet_pton(AF_INET6, "fd5a:9a7e:1::", &range->base6);
	place->host_fd = new_netns();
	place->internet_fd = new_netns();
	(void)snprintf(command, sizeof command, "ip link set lo up && "
	    "ip link add out0 type veth peer name in0 && "
	    "ip link set in0 netns /proc/%d/fd/%d && "
	    "ip addr add 203.0.113.1/24 dev out0 && ip link set out0 up && "
	    "ip route add default via 203.0.113.2", (int)getpid(),
	    place->internet_fd);
	run_in(place->host_fd, command);
	run_in(place->internet_fd, "ip link set lo up && "
	    "ip addr add 203.0.113.2/24 dev in0 && ip link set in0 up && "
	    "ip addr add " SINK " dev lo && "
	    "ip route add default via 203.0.113.1");
	open_sink(place);
	check(netns_enter(place->host_fd, &home_fd, &err), &err);
	check(net_host_up(&err), &err);
	netns_leave(&home_fd);
}

/* A sandbox's namespace with its link, and no table yet. */
static int
add_sandbox(struct place *place)
{
	struct net_link link;
	struct err err = {0};
	int home_fd, fd = new_netns();

	check(netns_enter(place->host_fd, &home_fd, &err), &err);
	check(net_link_of_slot(&place->egress.range, (uint32_t)place->n, &link,
	    &err), &err);
	check(net_link_up(&link, fd, &err), &err);
	netns_leave(&home_fd);
	place->sandbox_fds[place->n++] = fd;
	return fd;
}

static uint64_t
install_ns(int netns_fd, const struct policy *policy)
{
	const uint64_t start = now_ns(CLOCK_MONOTONIC);
	struct err err = {0};

	uint64_t took;

	check(egress_sandbox_install(&ours.egress, policy, NULL, NULL, netns_fd,
	    &err), &err);
	took = now_ns(CLOCK_MONOTONIC) - start;
	(void)linger_settle();
	return took;
}

/* RULES rules, of which none but the last is for the packets. */
static void
make_policy(struct policy *policy, uint8_t base)
{
	char text[PREFIX_TEXT_SIZE];

	for (size_t i = 0; i < RULES; i++) {
		(void)snprintf(text, sizeof text, "203.0.113.%zu", base + i);
		check(prefix_parse(i < RULES - 1 ? text : "198.51.100.0/24",
		    &policy->cidrs[i]), &(struct err){.text = "prefix"});
		policy->ports[2 * i] = (struct policy_ports){80, 80};
		policy->ports[2 * i + 1] = (struct policy_ports){SINK_PORT,
		    SINK_PORT + base};
		policy->rules[i] = (struct policy_rule){.is_allow = true,
		    .protocols = EGRESS_TCP | EGRESS_UDP, .n_cidrs = 1,
		    .first_cidr = (uint16_t)i, .n_ports = 2,
		    .first_ports = (uint16_t)(2 * i)};
	}
	policy->n_rules = policy->n_cidrs = RULES;
	policy->n_ports = 2 * RULES;
}

/* So that the flow has been seen both ways. */
static void
answer_one(const struct place *place, int fd)
{
	struct sockaddr_storage from;
	socklen_t size = sizeof from;
	char data[PACKET_BYTES] = {0};

	while (recv(place->sink_fd, data, sizeof data, MSG_DONTWAIT) > 0)
		;
	if (send(fd, data, sizeof data, 0) < 0 ||
	    recvfrom(place->sink_fd, data, sizeof data, 0,
	    (struct sockaddr *)&from, &size) < 0 ||
	    sendto(place->sink_fd, data, 1, 0, (struct sockaddr *)&from,
	    size) < 0 || recv(fd, data, sizeof data, 0) != 1)
		give_up("no answer");
}

static uint64_t
packet_ns(const struct place *place)
{
	static const char data[PACKET_BYTES];
	const struct sockaddr_in to = sink_address();
	auto_close int fd = socket_in(place->sandbox_fds[0]);
	uint64_t start;

	if (connect(fd, (const struct sockaddr *)&to, sizeof to) < 0)
		give_up("connect");
	answer_one(place, fd);
	for (int i = 0; i < PACKETS / 10; i++)
		if (send(fd, data, sizeof data, 0) < 0)
			give_up("send");
	start = now_ns(CLOCK_THREAD_CPUTIME_ID);
	for (int i = 0; i < PACKETS; i++)
		if (send(fd, data, sizeof data, 0) < 0)
			give_up("send");
	return (now_ns(CLOCK_THREAD_CPUTIME_ID) - start) / PACKETS;
}

/* What the sink got shows that the packets are let through. */
static void
check_arrives(const struct place *place)
{
	char data[PACKET_BYTES];

	if (recv(place->sink_fd, data, sizeof data, MSG_DONTWAIT) !=
	    sizeof data)
		give_up("no packet came through");
}

static void
measure(size_t n)
{
	uint64_t install[CHANGES], update[CHANGES], removal[CHANGES],
	    packet[PACKET_ROUNDS], bare[PACKET_ROUNDS],
	    alone[PACKET_ROUNDS];

	while (ours.n + CHANGES < n)
		(void)install_ns(add_sandbox(&ours), &policies[0]);
	for (size_t i = 0; i < CHANGES; i++)
		install[i] = install_ns(add_sandbox(&ours), &policies[0]);
	for (size_t i = 0; i < CHANGES; i++) {
		const int fd = ours.sandbox_fds[ours.n - 1 - i % 8];

		removal[i] = install_ns(fd, &default_policy);
		(void)install_ns(fd, &policies[1]);
		update[i] = install_ns(fd, &policies[0]);
	}
	while (plain.n < ours.n)
		(void)add_sandbox(&plain);
	for (size_t i = 0; i < PACKET_ROUNDS; i++) {
		packet[i] = packet_ns(&ours);
		bare[i] = packet_ns(&plain);
		alone[i] = packet_ns(&tracked);
	}
	check_arrives(&ours);
	check_arrives(&plain);
	check_arrives(&tracked);
	printf("n=%zu install_us=%.1f update_us=%.1f delete_us=%.1f "
	    "packet_ns=%llu plain_ns=%llu tracked_ns=%llu\n", n,
	    (double)median(install, CHANGES) / 1e3,
	    (double)median(update, CHANGES) / 1e3,
	    (double)median(removal, CHANGES) / 1e3,
	    (unsigned long long)median(packet, PACKET_ROUNDS),
	    (unsigned long long)median(bare, PACKET_ROUNDS),
	    (unsigned long long)median(alone, PACKET_ROUNDS));
	(void)fflush(stdout);
}

static void
make_tracked(void)
{
	make_place(&tracked);
	run_in(tracked.host_fd, "nft 'table ip t { chain p { type nat hook "
	    "postrouting priority srcnat; oifname out0 masquerade; }; }'");
	run_in(add_sandbox(&tracked), "nft 'table inet t { chain i { type "
	    "filter hook input priority filter; policy drop; "
	    "ct state established,related accept; }; }'");
}

int
main(int argc, char **argv)
{
	const struct rlimit files = {3 * N_MAX, 3 * N_MAX};
	struct err err = {0};
	uint64_t n;
	int home_fd;

	if (setrlimit(RLIMIT_NOFILE, &files) < 0 || unshare(CLONE_NEWNET) < 0)
		give_up("needs root");
	make_place(&ours);
	make_place(&plain);
	make_tracked();
	make_policy(&policies[0], 1);
	make_policy(&policies[1], 2);
	check(netns_enter(ours.host_fd, &home_fd, &err), &err);
	check(egress_host_install(&ours.egress, &err), &err);
	netns_leave(&home_fd);
	(void)install_ns(add_sandbox(&ours), &policies[0]);
	(void)add_sandbox(&plain);
	for (int i = 1; i < argc; i++) {
		if (parse_u64(argv[i], &n) < 0 || n > N_MAX - CHANGES) {
			errno = EINVAL;
			give_up(argv[i]);
		}
		measure((size_t)n);
	}
	return 0;
}
