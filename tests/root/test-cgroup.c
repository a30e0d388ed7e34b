// SPDX-License-Identifier: Apache-2.0
/*
 * Limits that hold, freeze, thaw and kill, on this host's own hierarchies, and
 * on every other kind of host that can be shown: version 1 without a unified
 * tree where this host has a freezer, version 2 as a folder of files.
 */
#include "sandboxd/cgroup/backend.h"
#include "sandboxd/cgroup/use.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/fd.h"
#include "tests/root/check.h"

#define ID	     "sb_0123456789ab"
#define MEMORY_BYTES (64ull << 20)
#define PIDS	     24
#define REMOVE_MS    5000

static const struct cgroup_limits limits = {
    .memory_bytes = MEMORY_BYTES, .pids = PIDS, .cpu_millis = 500};

/* The cgroup parent of this process alone. */
static char parent[64];

/* Runs work(shared) in a child that is in the sandbox's groups. */
static pid_t
start(const struct cgroup_host *host, void (*work)(volatile int *),
    volatile int *shared)
{
	struct err err = {0};
	int gate[2];
	pid_t pid;
	char byte;

	if (pipe2(gate, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		(void)close(gate[1]);
		if (read(gate[0], &byte, 1) == 1)
			work(shared);
		_exit(0);
	}
	(void)close(gate[0]);
	CHECK(cgroup_attach(host, ID, pid, false, &err) == 0, "%s", err.text);
	(void)!write(gate[1], "x", 1);
	(void)close(gate[1]);
	return pid;
}

static int
wait_status(pid_t pid)
{
	int status = -1;

	(void)waitpid(pid, &status, 0);
	return status;
}

/* Children of its own until the kernel says no; how many is told. */
static void
bomb(volatile int *shared)
{
	for (int i = 0; i < PIDS * 4; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			(void)pause();
			_exit(0);
		}
		if (pid > 0)
			++*shared;
		else if (errno == EAGAIN)
			break;
	}
	(void)pause();
}

static void
hog(volatile int *shared)
{
	size_t size = MEMORY_BYTES * 2;
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)shared;
	for (size_t i = 0; i < size; i += 4096)
		memory[i] = 1;
}

static void
spin(volatile int *shared)
{
	for (;;)
		++*shared;
}

static void
rest_ms(int ms)
{
	(void)poll(NULL, 0, ms);
}

static void
test_fork_bomb(const struct cgroup_host *host, volatile int *shared)
{
	struct err err = {0};
	pid_t pid;

	*shared = 0;
	pid = start(host, bomb, shared);
	rest_ms(300);
	CHECK(*shared == PIDS - 1, "%d processes under a limit of %d",
	    *shared + 1, PIDS);
	CHECK(cgroup_kill(host, ID, &err) == 0, "%s", err.text);
	CHECK(WIFSIGNALED(wait_status(pid)), "the bomb is killed");
}

/* Those that were killed count until they are reaped. */
static void
wait_until_gone(const struct cgroup_host *host)
{
	enum cgroup_tree tree = host->backend == &cgroup_v2 ? CGROUP_UNIFIED :
	    CGROUP_PIDS;
	char text[CGROUP_VALUE_SIZE] = "";

	for (int waited_ms = 0; waited_ms < REMOVE_MS; waited_ms += 10) {
		if (cgroup_read(host, tree, ID, "pids.current", text,
			sizeof text, NULL) < 0 || strcmp(text, "0\n") == 0)
			return;
		rest_ms(10);
	}
	CHECK(false, "%s are left", text);
}

/* All together may have less than one could. */
static void
test_all(const struct cgroup_host *host, volatile int *shared)
{
	const struct cgroup_limits few = {.memory_bytes = MEMORY_BYTES * 4,
	    .pids = PIDS / 2};
	const struct cgroup_limits many = {.memory_bytes = MEMORY_BYTES * 8,
	    .pids = PIDS * 8};
	struct err err = {0};
	pid_t pid;

	*shared = 0;
	wait_until_gone(host);
	CHECK(cgroup_limit_all(host, &few, &err) == 0, "%s", err.text);
	pid = start(host, bomb, shared);
	rest_ms(300);
	CHECK(*shared == PIDS / 2 - 1, "%d processes of all under %d",
	    *shared + 1, PIDS / 2);
	CHECK(cgroup_kill(host, ID, &err) == 0, "%s", err.text);
	CHECK(WIFSIGNALED(wait_status(pid)), "the bomb is killed");
	CHECK(cgroup_limit_all(host, &many, &err) == 0, "%s", err.text);
}

static void
test_memory_hog(const struct cgroup_host *host, volatile int *shared)
{
	uint32_t before = 0, after = 0;
	struct err err = {0};
	int status;

	CHECK(cgroup_oom_kills(host, ID, &before, &err) == 0, "%s", err.text);
	status = wait_status(start(host, hog, shared));
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
	    "the hog ended with %x", status);
	CHECK(cgroup_oom_kills(host, ID, &after, &err) == 0 &&
		  after == before + 1,
	    "%u kills, then %u: %s", before, after, err.text);
}

static int
cpu_ms(pid_t pid)
{
	struct timespec time;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 ||
	    clock_gettime(clock, &time) < 0)
		return -1;
	return (int)(time.tv_sec * 1000 + time.tv_nsec / 1000000);
}

/* Half a CPU; and while frozen, none at all; killed while frozen. */
static void
test_spinner(const struct cgroup_host *host, volatile int *shared)
{
	pid_t pid = start(host, spin, shared);
	struct err err = {0};
	int used;

	rest_ms(1000);
	used = cpu_ms(pid);
	CHECK(used > 50 && used < 750, "%d ms of CPU in 1000", used);
	CHECK(!cgroup_is_frozen(host, ID), "frozen by itself");
	CHECK(cgroup_freeze(host, ID, &err) == 0, "%s", err.text);
	CHECK(cgroup_is_frozen(host, ID), "not frozen");
	used = cpu_ms(pid);
	rest_ms(200);
	CHECK(cpu_ms(pid) == used, "it runs while frozen");
	CHECK(cgroup_thaw(host, ID, &err) == 0, "%s", err.text);
	CHECK(!cgroup_is_frozen(host, ID), "still frozen");
	rest_ms(300);
	CHECK(cpu_ms(pid) > used, "it runs again");
	CHECK(cgroup_freeze(host, ID, &err) == 0, "%s", err.text);
	CHECK(cgroup_kill(host, ID, &err) == 0, "%s", err.text);
	CHECK(WIFSIGNALED(wait_status(pid)), "killed while frozen");
	CHECK(cgroup_thaw(host, ID, &err) == 0, "%s", err.text);
}

/* On one CPU: of the sandbox, and of nobody. */
static pid_t
start_outside(volatile int *shared)
{
	pid_t pid = fork();

	if (pid == 0) {
		/* Not with what else this session runs. */
		(void)setsid();
		spin(shared);
	}
	return pid;
}

/* All sandboxes together have a quarter of what others get, where they want it,
 * and all of it where nobody does. */
static void
test_weight(const struct cgroup_host *host, volatile int *shared)
{
	struct err err = {0};
	cpu_set_t one;
	pid_t inside, outside;
	int before;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	CHECK(cgroup_weigh_all(host, 25, &err) == 0, "%s", err.text);
	inside = start(host, spin, shared);
	outside = start_outside(shared);
	/* A cpuset gives who comes into it all of its CPUs. */
	(void)sched_setaffinity(inside, sizeof one, &one);
	(void)sched_setaffinity(outside, sizeof one, &one);
	while (cpu_ms(outside) < 20)
		rest_ms(1);
	before = cpu_ms(inside);
	while (cpu_ms(outside) < 320)
		rest_ms(10);
	CHECK(cpu_ms(inside) - before < 200, "%d ms inside beside %d outside",
	    cpu_ms(inside) - before, cpu_ms(outside));
	(void)kill(outside, SIGKILL);
	(void)wait_status(outside);
	while (cpu_ms(inside) < 300)
		rest_ms(10);
	CHECK(cgroup_kill(host, ID, &err) == 0, "%s", err.text);
	CHECK(WIFSIGNALED(wait_status(inside)), "killed");
}

/* Beside who is in no group, so that the parent is at the top. */
static void
test_shared_cpu(volatile int *shared)
{
	struct cgroup_host *host;
	struct err err = {0};
	char name[64];

	(void)snprintf(name, sizeof name, "sandgate-test-%d-top",
	    (int)getpid());
	if (!CHECK(cgroup_detect(name, &host, &err) == 0, "%s", err.text))
		return;
	CHECK(cgroup_create(host, ID, &limits, &err) == 0, "%s", err.text);
	test_weight(host, shared);
	CHECK(cgroup_remove(host, ID, REMOVE_MS, &err) == 0, "%s", err.text);
	CHECK(cgroup_remove_parent(host, &err) == 0, "%s", err.text);
	cgroup_host_free(host);
}

static void
found(const char *id, void *data)
{
	CHECK(strcmp(id, ID) == 0, "found %s", id);
	++*(int *)data;
}

static int
count_groups(const struct cgroup_host *host)
{
	struct err err = {0};
	int n = 0;

	CHECK(cgroup_list(host, found, &n, &err) == 0, "%s", err.text);
	return n;
}

static void
test_limit_changes(const struct cgroup_host *host)
{
	struct cgroup_limits other = limits;
	struct cgroup_cpu_use use = {0};
	struct err err = {0};

	other.memory_bytes = MEMORY_BYTES * 4;
	other.pids = PIDS * 2;
	CHECK(cgroup_create(host, ID, &other, &err) == 0, "up: %s", err.text);
	/* The kernel takes each, down to the least there is. */
	for (other.cpu_millis = 64; other.cpu_millis >= 10; other.cpu_millis--)
		CHECK(cgroup_change(host, ID, &other, &err) == 0 &&
		    cgroup_cpu_use(host, ID, &use, &err) == 0 &&
		    use.limit_millis == other.cpu_millis, "%u of %u: %s",
		    use.limit_millis, other.cpu_millis, err.text);
	CHECK(cgroup_create(host, ID, &limits, &err) == 0, "%s", err.text);
}

/* How many children of its own the kernel allows, up to a number. */
static int
fork_up_to(int n)
{
	for (int i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return i;
		if (pid == 0) {
			(void)pause();
			_exit(0);
		}
	}
	return n;
}

/* Beyond the limit there are places for who goes to the other group. */
static void
go_and_fork(volatile int *shared)
{
	const int *fds = (const int *)(uintptr_t)shared;

	if (fork_up_to(PIDS * 2) != PIDS - 1)
		_exit(1);
	if (write(fds[CGROUP_INIT_RESCUE], "0", 1) != 1)
		_exit(2);
	if (fork_up_to(CGROUP_PIDS_RESERVE * 2) != CGROUP_PIDS_RESERVE - 1)
		_exit(3);
	_exit(write(fds[CGROUP_INIT_MAIN], "0", 1) == 1 ? 0 : 4);
}

/* Init makes groups of its own there, and not without end. */
static void
check_tasks(int folder_fd)
{
	char name[16];
	int n = 0;

	for (; n < 10000; n++) {
		(void)snprintf(name, sizeof name, "%d", n);
		if (mkdirat(folder_fd, name, 0755) < 0)
			break;
	}
	CHECK(n == 512 && errno == EAGAIN, "%d groups: %s", n, strerror(errno));
	while (n-- > 0) {
		(void)snprintf(name, sizeof name, "%d", n);
		(void)unlinkat(folder_fd, name, AT_REMOVEDIR);
	}
}

static void
test_rescue(const struct cgroup_host *host)
{
	int fds[N_CGROUP_INIT_FILE], status;
	struct err err = {0};
	char text[32] = "";

	if (!CHECK(cgroup_open_for_init(host, ID, 0, fds, &err) == 0, "%s",
		err.text))
		return;
	CHECK(read(fds[CGROUP_INIT_MAX], text, sizeof text - 1) > 0 &&
		  strcmp(text, "24\n") == 0,
	    "limit %s", text);
	if (fds[CGROUP_INIT_TASKS] >= 0)
		check_tasks(fds[CGROUP_INIT_TASKS]);
	status = wait_status(start(host, go_and_fork, fds));
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0,
	    "a full table, and its reserve: %x", status);
	for (int i = 0; i < N_CGROUP_INIT_FILE; i++)
		fd_close(&fds[i]);
	CHECK(cgroup_kill(host, ID, &err) == 0, "%s", err.text);
	/* Until the last of them is gone. */
	CHECK(cgroup_remove(host, ID, REMOVE_MS, &err) == 0 &&
		  cgroup_create(host, ID, &limits, &err) == 0,
	    "%s", err.text);
}

static void
test_names(const struct cgroup_host *host)
{
	struct cgroup_host *other = NULL;
	struct err err = {0};

	CHECK(cgroup_create(host, "../evil", &limits, &err) == -EINVAL,
	    "an id that is a path");
	CHECK(cgroup_remove(host, "..", 0, &err) == -EINVAL,
	    "an id that is a path");
	CHECK(cgroup_detect("../x", &other, &err) == -EINVAL,
	    "a parent that leaves");
}

static void
test_real_groups(const struct cgroup_host *host, volatile int *shared)
{
	struct err err = {0};
	int fd = -1;

	if (!CHECK(cgroup_create(host, ID, &limits, &err) == 0, "%s", err.text))
		return;
	CHECK(count_groups(host) == 1, "one group is listed once");
	CHECK(cgroup_open(host, ID, &fd, &err) == 0, "%s", err.text);
	CHECK((fd >= 0) == (strcmp(cgroup_backend(host), "v1") != 0),
	    "a descriptor of the v2 group");
	fd_close(&fd);
	test_rescue(host);
	test_limit_changes(host);
	test_fork_bomb(host, shared);
	test_all(host, shared);
	test_memory_hog(host, shared);
	test_spinner(host, shared);
	test_names(host);
	CHECK(cgroup_remove(host, ID, REMOVE_MS, &err) == 0, "%s", err.text);
	CHECK(cgroup_remove(host, ID, 0, &err) == 0, "again: %s", err.text);
	CHECK(cgroup_kill(host, ID, &err) == 0, "kill of none: %s", err.text);
	CHECK(count_groups(host) == 0, "nothing is left");
	CHECK(cgroup_remove_parent(host, &err) == 0, "%s", err.text);
	CHECK(cgroup_remove_parent(host, &err) == 0, "again: %s", err.text);
}

/* A busy group is not removed, and says so in time. */
static void
test_busy(const struct cgroup_host *host, volatile int *shared)
{
	struct err err = {0};
	pid_t pid;

	CHECK(cgroup_create(host, ID, &limits, &err) == 0, "%s", err.text);
	pid = start(host, spin, shared);
	CHECK(cgroup_remove(host, ID, 20, &err) == -EBUSY, "a busy group: %s",
	    err.text);
	CHECK(cgroup_create(host, ID, &limits, &err) == 0, "%s", err.text);
	CHECK(kill(pid, SIGKILL) == 0 && WIFSIGNALED(wait_status(pid)), "kill");
	CHECK(cgroup_remove(host, ID, REMOVE_MS, &err) == 0, "%s", err.text);
	CHECK(cgroup_remove_parent(host, &err) == 0, "%s", err.text);
}

/* This host as it would be without its unified tree. */
static void
test_without_unified(const char *folder, volatile int *shared)
{
	struct cgroup_host *host = NULL;
	struct err err = {0};
	char command[512], path[128];

	(void)snprintf(path, sizeof path, "%s/mountinfo", folder);
	(void)snprintf(command, sizeof command,
	    "grep -v cgroup2 /proc/self/mountinfo > %s", path);
	if (system(command) != 0 ||
	    cgroup_detect_in(path, parent, &host, &err) < 0) {
		(void)fprintf(stderr, "no v1 here: %s\n", err.text);
		return;
	}
	CHECK(strcmp(cgroup_backend(host), "v1") == 0, "%s",
	    cgroup_backend(host));
	test_real_groups(host, shared);
	cgroup_host_free(host);
}

static void
check_file(const char *folder, const char *name, const char *expected)
{
	char path[256], text[128] = "";
	auto_close int fd = -1;

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0 && read(fd, text, sizeof text - 1) >= 0 &&
		  strcmp(text, expected) == 0,
	    "%s is \"%s\", not \"%s\"", path, text, expected);
}

/* What is written, as the kernel would see it: files in place of a v2 tree,
 * for this may be a host whose v2 tree has no controllers. */
static void
test_v2_writes(const char *folder)
{
	struct cgroup_host *host = NULL;
	struct err err = {0};
	char command[1024], path[128];
	uint32_t kills = 0;

	(void)snprintf(path, sizeof path, "%s/mountinfo2", folder);
	(void)snprintf(command, sizeof command,
	    "cd %s && mkdir -p v2/p/q/" ID " && "
	    "printf '1 1 0:1 / %s/v2 rw - cgroup2 none rw\\n' > mountinfo2 && "
	    "echo cpuset cpu io memory pids > v2/cgroup.controllers && "
	    "touch v2/cgroup.subtree_control v2/p/cgroup.subtree_control "
	    "v2/p/q/cgroup.subtree_control v2/p/q/memory.max "
	    "v2/p/q/pids.max v2/p/q/cpu.weight && cd v2/p/q/" ID " && "
	    "mkdir main rescue && touch cgroup.kill cgroup.subtree_control "
	    "cgroup.freeze "
	    "rescue/pids.max rescue/cgroup.procs && for d in . main; do "
	    "touch $d/memory.max $d/memory.swap.max $d/pids.max $d/cpu.max "
	    "$d/cgroup.procs $d/pids.current; done && "
	    "printf 'low 0\noom 9\noom_kill 3\n' > memory.events && "
	    "printf 'populated 1\nfrozen 1\n' > cgroup.events",
	    folder, folder);
	if (!CHECK(system(command) == 0, "%s", command) ||
	    !CHECK(cgroup_detect_in(path, "p/q", &host, &err) == 0, "%s",
		err.text))
		return;
	CHECK(strcmp(cgroup_backend(host), "v2") == 0, "%s",
	    cgroup_backend(host));
	check_file(folder, "v2/cgroup.subtree_control", "+memory +pids +cpu");
	check_file(folder, "v2/p/cgroup.subtree_control", "+memory +pids +cpu");
	check_file(
	    folder, "v2/p/q/cgroup.subtree_control", "+memory +pids +cpu");
	/* memory.oom.group is missing, as on older kernels. */
	CHECK(cgroup_create(host, ID, &limits, &err) == 0, "%s", err.text);
	CHECK(cgroup_attach(host, ID, 4711, false, &err) == 0, "%s", err.text);
	CHECK(cgroup_freeze(host, ID, &err) == 0, "%s", err.text);
	CHECK(cgroup_thaw(host, ID, &err) == -ETIMEDOUT, "never thawed");
	CHECK(cgroup_kill(host, ID, &err) == 0, "%s", err.text);
	CHECK(cgroup_oom_kills(host, ID, &kills, &err) == 0 && kills == 3,
	    "%u kills", kills);
	CHECK(cgroup_limit_all(host, &limits, &err) == 0, "%s", err.text);
	CHECK(cgroup_weigh_all(host, 25, &err) == 0, "%s", err.text);
	check_file(folder, "v2/p/q/cpu.weight", "25");
	check_file(folder, "v2/p/q/memory.max", "67108864");
	check_file(folder, "v2/p/q/pids.max", "24");
	check_file(folder, "v2/p/q/" ID "/memory.max", "67108864");
	check_file(folder, "v2/p/q/" ID "/memory.swap.max", "0");
	check_file(folder, "v2/p/q/" ID "/pids.max", "88");
	check_file(folder, "v2/p/q/" ID "/cgroup.subtree_control",
	    "+memory +pids +cpu");
	check_file(folder, "v2/p/q/" ID "/main/memory.max", "67108864");
	check_file(folder, "v2/p/q/" ID "/main/pids.max", "24");
	check_file(folder, "v2/p/q/" ID "/main/cpu.max", "10000 20000");
	check_file(folder, "v2/p/q/" ID "/rescue/pids.max", "64");
	check_file(folder, "v2/p/q/" ID "/cpu.max", "10000 20000");
	check_file(folder, "v2/p/q/" ID "/main/cgroup.procs", "4711");
	check_file(folder, "v2/p/q/" ID "/cgroup.kill", "1");
	cgroup_host_free(host);
}

int
main(void)
{
	char folder[] = "/tmp/test-cgroup-XXXXXX", command[128];
	struct cgroup_host *host = NULL;
	struct err err = {0};
	volatile int *shared;

	skip_unless_root();
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!mkdtemp(folder) || shared == MAP_FAILED)
		return 1;
	(void)snprintf(
	    parent, sizeof parent, "sandgate-test-%d/deep", (int)getpid());
	if (CHECK(cgroup_detect(parent, &host, &err) == 0, "%s", err.text)) {
		(void)printf("back end %s\n", cgroup_backend(host));
		test_real_groups(host, shared);
		cgroup_host_free(host);
		CHECK(cgroup_detect(parent, &host, &err) == 0, "%s", err.text);
		test_busy(host, shared);
		cgroup_host_free(host);
	}
	test_shared_cpu(shared);
	test_without_unified(folder, shared);
	test_v2_writes(folder);
	(void)snprintf(command, sizeof command,
	    "rmdir /sys/fs/cgroup/*/sandgate-test-%d /sys/fs/cgroup/"
	    "sandgate-test-%d 2>/dev/null; rm -r %s",
	    (int)getpid(), (int)getpid(), folder);
	(void)!system(command);
	(void)snprintf(command, sizeof command,
	    "find /sys/fs/cgroup -maxdepth 2 -name sandgate-test-%d | "
	    "grep -q .",
	    (int)getpid());
	CHECK(system(command) != 0, "a group is left behind");
	return check_result();
}
