// SPDX-License-Identifier: Apache-2.0
/*
 * #11: while a write of gateway-depot is stuck in its disk, it lists, tells,
 * opens and searches, and takes bytes; what promises that something lasts, and
 * that alone, waits. And who is killed then leaves nothing half-done. Nothing
 * here is a matter of time: it is all asked, and answered, while the write is
 * held.
 */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"
#include "gateway/depot/depot.h"
#include "gateway/depot/holder.h"

#define ALL (DEPOT_RIGHT_SEE | DEPOT_RIGHT_FILES)

/* Shared by this test and the depot, which is a process of its own. */
static struct gate {
	atomic_bool is_shut, is_held;
} *gate;

static char dir[] = "/tmp/sandgate-depot-stuck-XXXXXX";
static struct err err;

/* In place of libc's, also for SQLite. */
static void
wait_at_gate(void)
{
	static const struct timespec turn = {0, 1000000};

	while (gate != NULL && atomic_load(&gate->is_shut)) {
		atomic_store(&gate->is_held, true);
		(void)nanosleep(&turn, NULL);
	}
}

int
fsync(int fd)
{
	wait_at_gate();
	return (int)syscall(SYS_fsync, fd);
}

int
fdatasync(int fd)
{
	wait_at_gate();
	return (int)syscall(SYS_fdatasync, fd);
}

struct world {
	pid_t pid;
	int acme, other, acme_too; /* capabilities */
};

static void
add_holder(struct depot *depot, const char *org, int fd)
{
	struct handover_depot order = {.kind = HANDOVER_DEPOT_OPEN,
	    .number = 1, .rights = ALL};

	snprintf(order.org, sizeof order.org, "%s", org);
	snprintf(order.owner, sizeof order.owner, "ada");
	assert(holder_new(depot, &order, fd, &err) == 0);
}

static void
serve(int acme, int other, int acme_too)
{
	static struct depot depot;

	assert(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
	assert(loop_init(&depot.loop) == 0);
	assert(depot_open(&depot, dir, 0, &err) == 0);
	add_holder(&depot, "acme", acme);
	add_holder(&depot, "other", other);
	add_holder(&depot, "acme", acme_too);
	loop_run(&depot.loop);
	abort();
}

static struct world
start(void)
{
	struct world world;
	int pairs[3][2];

	for (int i = 0; i < 3; i++)
		assert(fd_seqpacket_pair(pairs[i]) == 0);
	/* The other side does not wait for a call; this one does. */
	world = (struct world){fork(), pairs[0][0], pairs[1][0], pairs[2][0]};
	assert(world.pid >= 0);
	if (world.pid == 0)
		serve(pairs[0][1], pairs[1][1], pairs[2][1]);
	for (int i = 0; i < 3; i++)
		close(pairs[i][1]);
	return world;
}

static void
stop(struct world *world, int how)
{
	assert(kill(world->pid, how) == 0);
	assert(waitpid(world->pid, NULL, 0) == world->pid);
	close(world->acme);
	close(world->other);
	close(world->acme_too);
}

static void
create(int sock, char ret_id[32])
{
	const struct rpc_disk_create_req request = {"d", ""};
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_disk_info disk;

	assert(rpc_disk_create(sock, &request, &disk, &message, &err) == 0);
	snprintf(ret_id, 32, "%s", disk.id);
}

/* Its number; its bytes are on their way. */
static uint64_t
begin(int sock, const char *disk, const char *path, const char *text)
{
	const struct rpc_artifact_begin_req request = {disk, path, "", "{}"};
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_artifact_begin_rep reply;

	assert(rpc_artifact_begin(sock, &request, &reply, &message,
	    &err) == 0 && message.n_fds == 1);
	assert(fd_write_all(message.fds[0], text, strlen(text)) == 0);
	/* Closed with the message: at its end before its commit it would be
	 * thought better of. */
	assert(dup(message.fds[0]) >= 0);
	return reply.upload;
}

static void
ask_commit(int sock, uint64_t upload, const char *text)
{
	const struct rpc_artifact_commit_req request = {upload, strlen(text),
	    "", ""};

	assert(rpc_send_request(sock, &rpc_call_artifact_commit, 77, &request,
	    NULL, 0, 0) == 0);
}

static int
await_commit(int sock)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_artifact_info artifact;

	assert(rpc_receive(sock, &message, 0) == 1);
	assert(message.header.id == 77);
	return rpc_open_reply(&rpc_call_artifact_commit, &message, &artifact,
	    &err);
}

static bool
is_answered(int sock)
{
	struct pollfd poll_fd = {sock, POLLIN, 0};

	return poll(&poll_fd, 1, 0) == 1;
}

static int
get(int sock, const char *disk, const char *path)
{
	const struct rpc_artifact_name request = {disk, path};
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_artifact_info artifact;

	return rpc_artifact_get(sock, &request, &artifact, &message, &err);
}

/* All that may not wait for who writes, by one capability. */
static void
look(int sock, const char *disk)
{
	const struct rpc_artifact_name name = {disk, "/a.txt"};
	const struct rpc_artifact_list_req list = {disk, "/", "", 10};
	const struct rpc_artifact_search_req glob = {disk, "*", 10},
	    grep = {disk, "first", 10};
	const struct rpc_disk_list_req disks = {"", "", 0, 10};
	const struct rpc_depot_quota_req quota = {};
	struct rpc_artifact_info artifact;
	struct rpc_artifact_list_rep listed;
	struct rpc_artifact_search_rep found;
	struct rpc_disk_list_rep told;
	struct rpc_depot_quota_rep used;
	struct rpc_message message = {0};
	char text[6] = "";

	assert(rpc_disk_list(sock, &disks, &told, &message, &err) == 0);
	assert(told.disks.size > 0);
	rpc_message_free(&message);
	assert(rpc_artifact_list(sock, &list, &listed, &message, &err) == 0);
	assert(listed.artifacts.size > 0);
	rpc_message_free(&message);
	assert(rpc_artifact_open(sock, &name, &artifact, &message,
	    &err) == 0 && message.n_fds == 1);
	assert(read(message.fds[0], text, 5) == 5 &&
	    strcmp(text, "first") == 0);
	rpc_message_free(&message);
	assert(rpc_artifact_glob(sock, &glob, &found, &message, &err) == 0);
	assert(found.artifacts.size > 0);
	rpc_message_free(&message);
	assert(rpc_artifact_grep(sock, &grep, &found, &message, &err) == 0);
	assert(found.artifacts.size > 0);
	rpc_message_free(&message);
	assert(rpc_depot_quota(sock, &quota, &used, &message, &err) == 0);
	assert(used.max_artifacts_used == 5 && used.disks_used == 1);
	rpc_message_free(&message);
}

static void
shut(void)
{
	atomic_store(&gate->is_held, false);
	atomic_store(&gate->is_shut, true);
}

static void
await_held(void)
{
	static const struct timespec turn = {0, 1000000};

	while (!atomic_load(&gate->is_held))
		(void)nanosleep(&turn, NULL);
}

int
main(void)
{
	static const char second[] = "second, and longer";
	char command[64], disk[32], others[32];
	struct world world;
	uint64_t upload;

	alarm(300); /* for hangs */
	gate = mmap(NULL, sizeof *gate, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert(gate != MAP_FAILED && mkdtemp(dir) != NULL);
	world = start();
	create(world.acme, disk);
	create(world.other, others);
	upload = begin(world.acme, disk, "/a.txt", "first");
	ask_commit(world.acme, upload, "first");
	assert(await_commit(world.acme) == 0);
	upload = begin(world.other, others, "/a.txt", "first");
	ask_commit(world.other, upload, "first");
	assert(await_commit(world.other) == 0);

	upload = begin(world.acme, disk, "/b", second);
	shut();
	ask_commit(world.acme, upload, second);
	await_held();
	look(world.acme_too, disk);
	look(world.other, others);
	/* Its bytes are taken, up to what promises that they stay. */
	upload = begin(world.other, others, "/c", second);
	ask_commit(world.other, upload, second);
	assert(get(world.acme_too, disk, "/b") < 0 && err.code == ENOENT);
	assert(!is_answered(world.acme) && atomic_load(&gate->is_held));
	atomic_store(&gate->is_shut, false);
	assert(await_commit(world.acme) == 0);
	assert(await_commit(world.other) == 0);
	assert(get(world.acme_too, disk, "/b") == 0);

	/* Killed while it is held: it is whole, or it has never been. */
	upload = begin(world.acme, disk, "/d", second);
	shut();
	ask_commit(world.acme, upload, second);
	await_held();
	stop(&world, SIGKILL);
	atomic_store(&gate->is_shut, false);
	world = start();
	assert(get(world.acme, disk, "/b") == 0);
	assert(get(world.acme, disk, "/d") < 0 && err.code == ENOENT);
	upload = begin(world.acme, disk, "/d", second);
	ask_commit(world.acme, upload, second);
	assert(await_commit(world.acme) == 0);
	assert(get(world.other, others, "/c") == 0);
	stop(&world, SIGKILL);
	snprintf(command, sizeof command, "rm -rf %s", dir);
	return system(command);
}
