// SPDX-License-Identifier: Apache-2.0
/*
 * An address that a name leads to has the time that it was given last, longer,
 * shorter or the same, on a kernel that renews what is there and on one that
 * does not: a namespace of the test's own.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sandboxd/net/nft_timed.h"

#define TABLE	 "sandgate-timed"
#define ROOM	 2 /* addresses in a set */
#define PAUSE_MS 1000
#define CLEANS	 10 /* of the kernel, at most */
#define LATE_MS	 10000 /* of a machine that has much to do */

static const char *const addresses[] = {"192.0.2.1", "192.0.2.2", "192.0.2.3"};

static void
make(void)
{
	auto_nft struct nft nft = {0};
	struct err err = {0};

	assert(nft_open(TABLE, &nft, &err) == 0);
	nft_table_replace(&nft);
	nft_timed_sets(&nft, "one", ROOM);
	assert(nft_commit(&nft, &err) == 0);
}

/* 0 or -errno. */
static int
add(const char *set, const char *text, uint64_t ttl_ms, bool can_renew)
{
	auto_nft struct nft nft = {0};
	struct err err = {0};
	struct in_addr address;

	assert(inet_pton(AF_INET, text, &address) == 1);
	assert(nft_open(TABLE, &nft, &err) == 0);
	nft_timed_add(&nft, set, AF_INET, &address, ttl_ms, can_renew);
	return nft_commit(&nft, &err);
}

static uint64_t
left_ms(const char *text)
{
	struct nft_timed found[ROOM];
	struct in_addr address;
	struct err err = {0};
	size_t n;

	assert(inet_pton(AF_INET, text, &address) == 1);
	assert(nft_timed_list(TABLE, "one", AF_INET, found, ROOM, &n,
	    &err) == 0);
	for (size_t i = 0; i < n; i++)
		if (memcmp(found[i].address, &address, sizeof address) == 0)
			return found[i].left_ms;
	return 0;
}

static void
expect(const char *text, uint64_t ttl_ms)
{
	const uint64_t left = left_ms(text);

	if (left > ttl_ms || left + LATE_MS < ttl_ms)
		(void)fprintf(stderr, "%s: %llu ms left of %llu\n", text,
		    (unsigned long long)left, (unsigned long long)ttl_ms);
	assert(left <= ttl_ms && left + LATE_MS >= ttl_ms);
}

static void
test(bool can_renew)
{
	uint64_t before;
	int r = -1;

	make();
	assert(add("one", addresses[0], 60000, can_renew) == 0);
	expect(addresses[0], 60000);
	assert(usleep(PAUSE_MS * 1000) == 0);
	before = left_ms(addresses[0]);
	assert(add("one", addresses[0], 60000, can_renew) == 0);
	assert(left_ms(addresses[0]) > before);
	assert(add("one", addresses[0], 90000, can_renew) == 0);
	expect(addresses[0], 90000);
	assert(add("one", addresses[0], 30000, can_renew) == 0);
	expect(addresses[0], 30000);
	assert(add("one", addresses[1], 40000, can_renew) == 0);
	expect(addresses[0], 30000);
	expect(addresses[1], 40000);
	/* A set that is full takes no other, and those in it again. */
	assert(add("one", addresses[2], 40000, can_renew) == -ENFILE);
	assert(left_ms(addresses[2]) == 0);
	assert(add("one", addresses[1], 60000, can_renew) == 0);
	expect(addresses[1], 60000);
	assert(add("none", addresses[0], 40000, can_renew) == -ENOENT);
	/* What is over is not there, and comes as any other. */
	assert(add("one", addresses[1], 100, can_renew) == 0);
	assert(usleep(PAUSE_MS * 1000) == 0);
	assert(left_ms(addresses[1]) == 0);
	/* It has its room until the kernel cleans up, each second. */
	for (int i = 0; i < CLEANS && (r = add("one", addresses[1], 40000,
	    can_renew)) == -ENFILE; i++)
		assert(usleep(PAUSE_MS * 1000) == 0);
	assert(r == 0);
	expect(addresses[1], 40000);
}

int
main(void)
{
	if (unshare(CLONE_NEWNET) < 0) {
		perror("a network namespace");
		return 77;
	}
	test(false);
	if (nft_timed_can_renew())
		test(true);
	return 0;
}
