// SPDX-License-Identifier: Apache-2.0
/*
 * The firewall, attack by attack: each is shown to work with no rules at all,
 * then not with either lock alone, then not with both.
 */
#include "sandboxd/net/egress/egress.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/ip.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/net/egress/policy.h"
#include "sandboxd/net/netns.h"
#include "tests/root/check.h"
#include "tests/root/world.h"

/* A refusal is an answer, not a silence. */
#define REFUSAL_MS 200

enum lock { LOCK_HOST = 1 << 0, LOCK_SANDBOX = 1 << 1 };

struct attack {
	const char *address;
	unsigned locks; /* each of these is enough */
};

#define BOTH (LOCK_HOST | LOCK_SANDBOX)

static const struct attack attacks[] = {
    {"169.254.169.254", BOTH}, /* metadata */
    {"fd00:ec2::254", BOTH},
    {"10.99.0.1", BOTH}, /* private networks behind the host */
    {"172.16.5.5", BOTH},
    {"192.168.77.1", BOTH},
    {"100.64.0.9", BOTH},
    {"192.0.0.192", BOTH},
    {"198.18.0.1", BOTH},
    {"fd00:99::1", BOTH},
    {"64:ff9b::a63:1", BOTH}, /* 10.99.0.1 by NAT64 and by 6to4 */
    {"2002:a63:1::1", BOTH},
    {"10.213.0.2", BOTH}, /* the other sandbox */
    {"fd5a:9a7e:1::2", BOTH},
    /* Only the host knows which public addresses are its own. */
    {WORLD_HOST, LOCK_HOST},
    {WORLD_HOST6, LOCK_HOST},
};

static const char *const open_addresses[] = {
    "198.51.100.7", "192.0.2.7", "203.0.113.2", "2001:db8:9::9"};

static const struct policy open_policy = {.is_allow = true};

static const char *
lock_name(unsigned locks)
{
	static const char *const names[] = {
	    "no lock", "the host's lock", "the sandbox's lock", "both locks"};

	return names[locks];
}

/* The kernel's word for it, as nft(8) reads it: our table is there, or not. */
static void
check_table(
    const struct world *world, int netns_fd, bool is_wanted, const char *whose)
{
	char command[128];

	(void)snprintf(command, sizeof command,
	    "nft list table inet %s >/dev/null 2>&1", world->egress.table);
	CHECK(world_can(netns_fd, command) == is_wanted, "%s table is %s",
	    whose, is_wanted ? "missing" : "there");
}

static void
set_sandbox_lock(const struct world *world, int netns_fd, bool is_wanted)
{
	char command[128];
	struct err err = {0};

	/* A sandbox's table dies with its namespace: nothing else ends it. */
	(void)snprintf(command, sizeof command,
	    "nft delete table inet %s 2>/dev/null; true", world->egress.table);
	if (is_wanted)
		CHECK(
		    egress_sandbox_install(&world->egress, &open_policy, NULL,
			NULL, netns_fd, &err) == 0,
		    "%s", err.text);
	else
		world_run(netns_fd, command);
	check_table(world, netns_fd, is_wanted, "a sandbox's");
}

/* Puts exactly these locks on. */
static void
set_locks(const struct world *world, unsigned locks)
{
	struct err err = {0};

	if (locks & LOCK_HOST)
		CHECK(egress_host_install(&world->egress, &err) == 0, "%s",
		    err.text);
	else
		CHECK(egress_host_remove(&world->egress, &err) == 0, "%s",
		    err.text);
	CHECK(egress_host_exists(&world->egress, &err) ==
		  ((locks & LOCK_HOST) != 0),
	    "the host's table is there or not: %s", err.text);
	check_table(world, world->host_fd, locks & LOCK_HOST, "the host's");
	for (int i = 0; i < N_WORLD_SANDBOX; i++)
		set_sandbox_lock(
		    world, world->sandbox_fds[i], locks & LOCK_SANDBOX);
}

/* Nothing is left in a namespace, and it is known: nft answered. */
static void
check_no_tables(int netns_fd, const char *whose)
{
	CHECK(world_can(
		  netns_fd, "tables=$(nft list tables) && test -z \"$tables\""),
	    "tables are left in %s namespace", whose);
}

static void
check_refused(const struct world *world, unsigned locks, const char *address)
{
	int ms,
	    r = world_connect(world->sandbox_fds[0], address, WORLD_PORT, &ms);

	CHECK(r == -ECONNREFUSED, "%s: TCP to %s: %s", lock_name(locks),
	    address, strerror(-r));
	CHECK(ms < REFUSAL_MS, "%s: TCP to %s refused after %d ms",
	    lock_name(locks), address, ms);
	CHECK(
	    !world_datagram_arrives(world->sandbox_fds[0], address, WORLD_PORT),
	    "%s: UDP to %s", lock_name(locks), address);
	CHECK(!world_datagram_arrives(
		  world->sandbox_fds[0], address, WORLD_DNS_PORT),
	    "%s: DNS to %s", lock_name(locks), address);
	CHECK(!world_ping(world->sandbox_fds[0], address, WORLD_GID_BASE),
	    "%s: echo to %s", lock_name(locks), address);
}

static void
check_open(const struct world *world, unsigned locks, const char *address)
{
	int r = world_connect(world->sandbox_fds[0], address, WORLD_PORT, NULL);

	CHECK(r == 0, "%s: TCP to %s: %s", lock_name(locks), address,
	    strerror(-r));
	CHECK(
	    world_datagram_arrives(world->sandbox_fds[0], address, WORLD_PORT),
	    "%s: UDP to %s", lock_name(locks), address);
	CHECK(world_ping(world->sandbox_fds[0], address, WORLD_GID_BASE),
	    "%s: echo to %s", lock_name(locks), address);
}

static void
test_destinations(const struct world *world, unsigned locks)
{
	for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++)
		if (attacks[i].locks & locks)
			check_refused(world, locks, attacks[i].address);
		else
			check_open(world, locks, attacks[i].address);
	for (size_t i = 0; i < sizeof open_addresses / sizeof *open_addresses;
	     i++)
		check_open(world, locks, open_addresses[i]);
}

static void
test_inbound(const struct world *world, unsigned locks)
{
	bool is_open = locks == 0;

	CHECK((world_connect(world->internet_fd, "10.213.0.1", WORLD_PORT,
		   NULL) == 0) == is_open,
	    "%s: the internet to a sandbox", lock_name(locks));
	CHECK((world_connect(world->internet_fd, "fd5a:9a7e:1::1", WORLD_PORT,
		   NULL) == 0) == is_open,
	    "%s: the internet to a sandbox, IPv6", lock_name(locks));
	CHECK(world_datagram_arrives(
		  world->internet_fd, "10.213.0.1", WORLD_PORT) == is_open,
	    "%s: UDP of the internet to a sandbox", lock_name(locks));
	CHECK((world_connect(world->host_fd, "10.213.0.1", WORLD_PORT, NULL) ==
		  0) == is_open,
	    "%s: the host to a sandbox", lock_name(locks));
}

static void
test_forged(const struct world *world, unsigned locks)
{
	bool is_open = locks == 0;

	CHECK(world_forged_arrives(world->sandbox_fds[0], "203.0.113.77",
		  "198.51.100.7", WORLD_PORT) == is_open,
	    "%s: a stranger's source", lock_name(locks));
	CHECK(world_forged_arrives(world->sandbox_fds[0], "10.213.0.2",
		  "198.51.100.7", WORLD_PORT) == is_open,
	    "%s: the other sandbox's source", lock_name(locks));
	CHECK(world_forged_arrives(world->sandbox_fds[0], "2001:db8:77::1",
		  "2001:db8:9::9", WORLD_PORT) == is_open,
	    "%s: a stranger's IPv6 source", lock_name(locks));
	CHECK(world_forged_arrives(world->sandbox_fds[0], "10.213.0.1",
		  "198.51.100.7", WORLD_PORT),
	    "%s: its own source", lock_name(locks));
}

static void
test_masquerade(const struct world *world)
{
	char peer[INET6_ADDRSTRLEN];

	world_last_peer(peer, sizeof peer);
	(void)world_connect(
	    world->sandbox_fds[0], "198.51.100.7", WORLD_PORT, NULL);
	world_last_peer(peer, sizeof peer);
	CHECK(strcmp(peer, "::ffff:" WORLD_HOST) == 0, "seen as %s", peer);
	(void)world_connect(
	    world->sandbox_fds[0], "2001:db8:9::9", WORLD_PORT, NULL);
	world_last_peer(peer, sizeof peer);
	CHECK(strcmp(peer, WORLD_HOST6) == 0, "seen as %s", peer);
}

/* A packet too large for the way is told so, from behind both locks. */
static void
test_path_mtu(const struct world *world)
{
	static const char data[1400];
	struct sockaddr_in to = {
	    .sin_family = AF_INET, .sin_port = htons(WORLD_PORT)};
	int mtu = 0, how = IP_PMTUDISC_DO, home_fd;
	auto_close int fd = -1;
	socklen_t size = sizeof mtu;
	struct err err = {0};

	(void)inet_pton(AF_INET, "198.51.100.7", &to.sin_addr);
	if (netns_enter(world->sandbox_fds[0], &home_fd, &err) < 0)
		return;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	netns_leave(&home_fd);
	CHECK(
	    connect(fd, (struct sockaddr *)&to, sizeof to) == 0 &&
		setsockopt(fd, SOL_IP, IP_MTU_DISCOVER, &how, sizeof how) == 0,
	    "connect");
	CHECK(send(fd, data, sizeof data, 0) == sizeof data, "send");
	(void)usleep(100 * 1000);
	(void)send(fd, data, 1, 0);
	CHECK(getsockopt(fd, SOL_IP, IP_MTU, &mtu, &size) == 0 &&
		  mtu == WORLD_MTU,
	    "path MTU %d", mtu);
}

static void
set_prefix(struct prefix *prefix, const char *address, unsigned length)
{
	prefix->family = strchr(address, ':') ? AF_INET6 : AF_INET;
	prefix->length = length;
	(void)inet_pton(prefix->family, address, prefix->address);
}

/* DNS to the resolvers, wherever they are, and nothing else of them. */
static void
test_resolvers(struct world *world, unsigned locks)
{
	static const char *const resolvers[] = {
	    "10.99.0.1", "169.254.169.254", "fd00:99::1", WORLD_HOST};

	for (size_t i = 0; i < 4; i++)
		set_prefix(&world->egress.resolvers[i], resolvers[i],
		    strchr(resolvers[i], ':') ? 128 : 32);
	world->egress.n_resolvers = 4;
	set_locks(world, locks);
	for (size_t i = 0; i < 4; i++) {
		CHECK(world_datagram_arrives(
			  world->sandbox_fds[0], resolvers[i], WORLD_DNS_PORT),
		    "%s: DNS to %s", lock_name(locks), resolvers[i]);
		CHECK(world_connect(world->sandbox_fds[0], resolvers[i],
			  WORLD_DNS_PORT, NULL) == 0,
		    "%s: DNS over TCP to %s", lock_name(locks), resolvers[i]);
		CHECK(world_connect(world->sandbox_fds[0], resolvers[i],
			  WORLD_PORT, NULL) == -ECONNREFUSED ||
			  (i == 3 && locks == LOCK_SANDBOX),
		    "%s: another port of %s", lock_name(locks), resolvers[i]);
	}
	world->egress.n_resolvers = 0;
}

/* An allowance opens private ranges, never what is refused to all. */
static void
test_allowed(struct world *world, unsigned locks)
{
	struct prefix *allowed = world->egress.allowed_private;

	set_prefix(&allowed[0], "192.168.0.0", 16);
	set_prefix(&allowed[1], "192.168.77.0", 24); /* within the first */
	set_prefix(&allowed[2], "192.168.77.0", 24);
	set_prefix(&allowed[3], "169.254.0.0", 16);
	set_prefix(&allowed[4], "10.213.0.0", 16);
	set_prefix(&allowed[5], "fd00:99::", 32);
	world->egress.n_allowed_private = 6;
	set_locks(world, locks);
	check_open(world, locks, "192.168.77.1");
	check_open(world, locks, "fd00:99::1");
	check_refused(world, locks, "169.254.169.254");
	check_refused(world, locks, "10.213.0.2");
	check_refused(world, locks, "10.99.0.1");
	world->egress.n_allowed_private = 0;
}

/* Sends a byte: 0 once the other end has it, -ECONNRESET, or -ETIMEDOUT. */
static int
send_byte(int fd)
{
	struct pollfd event = {.fd = fd, .events = POLLIN};
	int unsent;

	if (send(fd, "x", 1, MSG_NOSIGNAL) < 0)
		return -errno;
	for (int i = 0; i < 100; i++) {
		if (poll(&event, 1, 20) > 0)
			return -ECONNRESET;
		if (ioctl(fd, SIOCOUTQ, &unsent) == 0 && unsent == 0)
			return 0;
	}
	return -ETIMEDOUT;
}

/* What the host's table trusts, as it has begun, is judged by each table that
 * comes in its place. */
static void
test_established(struct world *world)
{
	auto_close int allowed = -1, kept = -1, allowed6 = -1;

	set_prefix(&world->egress.allowed_private[0], "192.168.77.0", 24);
	set_prefix(&world->egress.allowed_private[1], "fd00:99::", 32);
	world->egress.n_allowed_private = 2;
	set_locks(world, LOCK_HOST);
	allowed = world_dial(world->sandbox_fds[0], "192.168.77.1", WORLD_PORT,
	    NULL);
	allowed6 = world_dial(world->sandbox_fds[0], "fd00:99::1", WORLD_PORT,
	    NULL);
	kept = world_dial(world->sandbox_fds[0], "198.51.100.7", WORLD_PORT,
	    NULL);
	CHECK(allowed >= 0 && allowed6 >= 0 && kept >= 0, "flows");
	CHECK(send_byte(allowed) == 0 && send_byte(allowed6) == 0 &&
	    send_byte(kept) == 0, "a flow that is allowed");
	world->egress.n_allowed_private = 0;
	set_locks(world, LOCK_HOST);
	CHECK(send_byte(allowed) == -ECONNRESET, "a flow that is forbidden");
	CHECK(send_byte(allowed6) == -ECONNRESET, "the same, IPv6");
	CHECK(send_byte(kept) == 0, "a flow that is still allowed");
}

/* What a sandbox's table knows of a flow is worth nothing to another policy's,
 * be it that somebody removed the one before. */
static void
test_known(const struct world *world)
{
	static const struct policy closed = {.is_allow = false};
	struct err err = {0};

	for (int is_removed = 0; is_removed < 2; is_removed++) {
		auto_close int fd = -1;

		set_locks(world, LOCK_SANDBOX);
		fd = world_dial(world->sandbox_fds[0], "198.51.100.7",
		    WORLD_PORT, NULL);
		CHECK(fd >= 0 && send_byte(fd) == 0 && send_byte(fd) == 0,
		    "a flow that is allowed");
		if (is_removed)
			set_sandbox_lock(world, world->sandbox_fds[0], false);
		CHECK(egress_sandbox_install(&world->egress, &closed, NULL,
		    NULL, world->sandbox_fds[0], &err) == 0, "%s", err.text);
		CHECK(send_byte(fd) == -ECONNRESET, "a flow that is not, %d",
		    is_removed);
	}
}

int
main(void)
{
	struct world world;
	struct err err = {0};

	skip_unless_root();
	if (system("command -v nft >/dev/null") != 0) {
		(void)fprintf(stderr, "skipped: nft: not found\n");
		return TEST_SKIPPED;
	}
	world_make(&world);
	/* The link's reverse path filter would hide a forged source. */
	world_run(world.host_fd,
	    "echo 0 | "
	    "tee /proc/sys/net/ipv4/conf/*/rp_filter > /dev/null");
	for (unsigned locks = 0; locks <= BOTH; locks++) {
		set_locks(&world, locks);
		test_destinations(&world, locks);
		test_inbound(&world, locks);
		test_forged(&world, locks);
	}
	test_masquerade(&world);
	test_established(&world);
	test_known(&world);
	set_locks(&world, BOTH);
	test_path_mtu(&world);
	for (unsigned locks = LOCK_HOST; locks <= BOTH; locks++) {
		test_resolvers(&world, locks);
		test_allowed(&world, locks);
	}
	if (getenv("SHOW_TABLES")) {
		set_locks(&world, BOTH);
		world_run(world.host_fd, "nft list ruleset");
		world_run(world.sandbox_fds[0], "nft list ruleset");
	}
	set_locks(&world, 0);
	CHECK(egress_host_remove(&world.egress, &err) == 0, "again: %s",
	    err.text);
	check_no_tables(world.host_fd, "the host's");
	for (int i = 0; i < N_WORLD_SANDBOX; i++)
		check_no_tables(world.sandbox_fds[i], "a sandbox's");
	return check_result();
}
