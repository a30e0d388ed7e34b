// SPDX-License-Identifier: Apache-2.0
/*
 * What is listed is whole, and listed, though others change tables of the same
 * namespace all the while, as a host's other firewalls do: a namespace of the
 * test's own.
 */
#include <assert.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandboxd/net/nft.h"
#include "sandboxd/net/nft_map.h"

#define TABLE	 "sandgate-dump"
#define N_CHAINS 600
#define N_LISTS	 300

static void
make(void)
{
	auto_nft struct nft nft = {0};
	struct err err = {0};
	char name[32];

	assert(nft_open(TABLE, &nft, &err) == 0);
	nft_table_new(&nft);
	for (int i = 0; i < N_CHAINS; i++) {
		(void)snprintf(name, sizeof name, "chain-%d", i);
		nft_chain(&nft, name);
	}
	assert(nft_commit(&nft, &err) == 0);
}

/* Another's table, which comes and goes. */
__attribute__((noreturn)) static void
disturb(void)
{
	struct err err = {0};

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		auto_nft struct nft there = {0}, gone = {0};

		assert(nft_open("another", &there, &err) == 0);
		nft_table_new(&there);
		assert(nft_commit(&there, &err) == 0);
		assert(nft_open("another", &gone, &err) == 0);
		nft_table_remove(&gone);
		assert(nft_commit(&gone, &err) == 0);
		(void)usleep(200);
	}
}

static void
count(const char *name, void *data)
{
	(void)name;
	++*(int *)data;
}

int
main(void)
{
	pid_t pid;

	if (unshare(CLONE_NEWNET) < 0) {
		perror("a network namespace");
		return 77;
	}
	make();
	pid = fork();
	assert(pid >= 0);
	if (pid == 0)
		disturb();
	for (int i = 0; i < N_LISTS; i++) {
		struct err err = {0};
		int n = 0;

		if (nft_chain_list(TABLE, count, &n, &err) < 0) {
			(void)fprintf(stderr, "list %d: %s\n", i, err.text);
			assert(0);
		}
		if (n != N_CHAINS)
			(void)fprintf(stderr, "list %d: %d chains\n", i, n);
		assert(n == N_CHAINS);
	}
	assert(kill(pid, SIGKILL) == 0 && waitpid(pid, NULL, 0) == pid);
	return 0;
}
