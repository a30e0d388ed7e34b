// SPDX-License-Identifier: Apache-2.0
/*
 * The host's table, which sandboxd says anew when it starts, and limits that
 * change, every 10 ms under 20 000 packets a second: none that may pass is
 * lost, none that may not gets through. As test-egress-swap.c has it of
 * policies; a sandbox's namespace with its link and its tables, and no process
 * in it, and the host and what is behind it namespaces of the test's own.
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

#include "common/clock.h"
#include "common/fd.h"
#include "sandboxd/net/egress/egress.h"
#include "sandboxd/net/egress/policy.h"
#include "sandboxd/net/linger.h"
#include "sandboxd/net/netns.h"

#define SINK	   "198.51.100.9"
/* What the host's table alone refuses: the sandbox's is of another host. */
#define INSIDE	   "10.9.0.9"
#define ALLOWED	   443
#define FORBIDDEN  9
#define CHANGES	   100 /* of each kind */
#define CHANGE_NS  10000000L
#define BURST	   10 /* packets of each kind, every PAUSE_NS */
#define PAUSE_NS   1000000L
#define ROOM_BYTES (64 << 20)

static struct egress_host host = {.table = "sandgate-refill"}, other_host;
static struct policy policy;
static int sandbox_fd, send_fds[2], sink_fds[2];
static const uint16_t ports[2] = {ALLOWED, FORBIDDEN};
static atomic_bool is_over;
static uint32_t n_sent, n_refused, arrived, passed;
static uint32_t lasted_s; /* rounded up */

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
address_of(const char *text, uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons(port)};

	(void)inet_pton(AF_INET, text, &address.sin_addr);
	return address;
}

/* In the caller's namespace; a sink hears what is sent to any address. */
static int
open_socket(const char *to, uint16_t port, bool is_sink)
{
	const struct sockaddr_in address = address_of(to, port);
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
	    "ip addr add " INSIDE " dev lo && "
	    "ip route add default via 203.0.113.1");
	for (int i = 0; i < 2; i++)
		sink_fds[i] = open_socket("0.0.0.0", ports[i], true);
	netns_leave(&home_fd);
	(void)close(internet_fd);
}

/* Lets the sink's one port through. */
static void
make_policy(void)
{
	policy = (struct policy){.n_rules = 1, .n_cidrs = 1, .n_ports = 1};
	assert(prefix_parse("198.51.100.0/24", &policy.cidrs[0]) == 0);
	policy.ports[0] = (struct policy_ports){ALLOWED, ALLOWED};
	policy.rules[0] = (struct policy_rule){.is_allow = true,
	    .protocols = EGRESS_UDP, .n_cidrs = 1, .n_ports = 1};
}

static void
install(const struct egress_host *whose)
{
	struct err err = {0};

	check(egress_sandbox_install(whose, &policy, NULL, "sgw0", sandbox_fd,
	    &err), &err);
	(void)linger_settle();
}

/* As sandboxd does when it starts. */
static void
change_host(int i)
{
	struct err err = {0};

	(void)i;
	check(egress_host_install(&host, &err), &err);
	(void)linger_settle();
}

/* Limits that nothing here reaches. */
static void
change_limits(int i)
{
	policy.limits.of[EGRESS_LIMIT_PACKETS] =
	    egress_limit_rows[EGRESS_LIMIT_PACKETS].max - (uint64_t)(i % 2);
	policy.limits.of[EGRESS_LIMIT_CONNECTIONS] = 1000;
	install(&host);
}

/* And one that all but the first packets are over: no more gets through than
 * what may at once when the counting begins anew. */
static void
change_narrow(int i)
{
	policy.limits.of[EGRESS_LIMIT_PACKETS] = 10 + (uint64_t)(i % 2);
	install(&host);
}

/* Nobody but this thread sends, so that each number is one of a packet. */
static void *
send_all(void *arg)
{
	const struct timespec pause = {0, PAUSE_NS};

	(void)arg;
	while (!atomic_load(&is_over)) {
		for (int i = 0; i < BURST; i++) {
			if (send(send_fds[0], &n_sent, sizeof n_sent, 0) < 0)
				n_refused++;
			n_sent++;
			(void)send(send_fds[1], &n_sent, sizeof n_sent, 0);
		}
		(void)nanosleep(&pause, NULL);
	}
	return NULL;
}

static uint32_t
count(int fd)
{
	uint32_t number, n = 0;

	while (recv(fd, &number, sizeof number, MSG_DONTWAIT) > 0)
		n++;
	return n;
}

static void
count_all(void)
{
	arrived += count(sink_fds[0]);
	passed += count(sink_fds[1]);
}

/* Sends to the one port that is let through, and to `forbidden` at the other,
 * while change(1), change(2)... */
static void
run_changes(const char *what, const char *forbidden, void (*change)(int i))
{
	const struct timespec pause = {0, CHANGE_NS};
	const uint64_t begun_ms = clock_monotonic_ms();
	struct err err = {0};
	pthread_t sender;
	int home_fd;

	check(netns_enter(sandbox_fd, &home_fd, &err), &err);
	send_fds[0] = open_socket(SINK, ALLOWED, false);
	send_fds[1] = open_socket(forbidden, FORBIDDEN, false);
	netns_leave(&home_fd);
	n_sent = n_refused = arrived = passed = 0;
	atomic_store(&is_over, false);
	assert(pthread_create(&sender, NULL, send_all, NULL) == 0);
	for (int i = 1; i <= CHANGES; i++) {
		(void)nanosleep(&pause, NULL);
		change(i);
		count_all();
	}
	atomic_store(&is_over, true);
	assert(pthread_join(sender, NULL) == 0);
	lasted_s = (uint32_t)((clock_monotonic_ms() - begun_ms) / 1000) + 1;
	(void)nanosleep(&(struct timespec){0, 200000000L}, NULL);
	count_all();
	for (int i = 0; i < 2; i++)
		(void)close(send_fds[i]);
	printf("%u changes of %s: of %u packets allowed %u refused, %u lost; "
	    "of %u forbidden %u passed\n", CHANGES, what, n_sent, n_refused,
	    n_sent - n_refused - arrived, n_sent, passed);
	(void)fflush(stdout);
	assert(n_sent > 0);
}

static void
check_all_arrived(void)
{
	assert(arrived == n_sent && passed == 0);
}

int
main(void)
{
	make_sandbox();
	make_policy();
	install(&host);
	run_changes("limits", SINK, change_limits);
	check_all_arrived();
	run_changes("a limit that is reached", SINK, change_narrow);
	/* What may at once is 32, and then 10 or 11 a second; of two changes
	 * there may be one more for what was left of it. */
	assert(passed == 0 && arrived <= (CHANGES + 1) * 33 + 11 * lasted_s);
	/* The sandbox's own lets all of it out: what is left is the host's. */
	other_host = host;
	other_host.n_allowed_private = 1;
	assert(prefix_parse("10.9.0.0/16", &other_host.allowed_private[0]) ==
	    0);
	policy = (struct policy){.is_allow = true};
	install(&other_host);
	run_changes("the host's table", INSIDE, change_host);
	check_all_arrived();
	return 0;
}
