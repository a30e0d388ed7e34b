// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/view/server.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/parse.h"

/* As /proc/PID/comm shows it. */
#define NAME "sandboxd-views"

/* Reads that wait for their turn; one that comes then does not. */
#define HELD_MAX 4096

#define EVENTS_SIZE 4096 /* some 170 of them */

/* Above all descriptors that one had events with. */
#define TAKEN_FDS_MAX (HELD_MAX + EVENTS_SIZE / FAN_EVENT_METADATA_LEN + 16)

/* Below what sandboxd itself has, and above what most processes do. */
#define SERVER_NICE 5

/* What is known of the sandbox that has a slot. */
struct seen {
	char id[SANDBOX_ID_SIZE];
	struct timespec boot;
	uint64_t written_ms[N_VIEW_KIND]; /* 0 = never */
	unsigned n_cpus;		  /* in its cpuinfo; 0 = unknown */
	uint64_t faded_us, faded_cpu_us;  /* at loads: its age, and use */
	double loads[LOAD_AVERAGES];
	uint64_t turn; /* which it was, and how many answers it had then */
	unsigned n_answers;
};

struct server {
	struct view_place place;
	const struct cgroup_host *cgroups;
	int group_fd, place_fd;
	uint32_t n_slots;
	struct seen *seen;
	unsigned n_held;
	int held_fds[HELD_MAX];
	char buffer[VIEW_TEXT_SIZE];
};

/* Closes what the event came with. */
static void
allow(struct server *server, int fd)
{
	const struct fanotify_response response = {.fd = fd,
	    .response = FAN_ALLOW};

	if (write(server->group_fd, &response, sizeof response) < 0 &&
	    errno != ENOENT)
		log_error("view: %s", strerror(errno));
	(void)close(fd);
}

static uint64_t
us_since(const struct timespec *then, const struct timespec *now)
{
	int64_t us = ((int64_t)now->tv_sec - then->tv_sec) * 1000000 +
	    (now->tv_nsec - then->tv_nsec) / 1000;

	return us > 0 ? (uint64_t)us : 0;
}

/* Who has the slot now, from its link; what was known of another is not of
 * this one. */
static int
recognise(struct server *server, uint32_t slot)
{
	struct seen *seen = &server->seen[slot], now = {0};
	char path[32], about[VIEW_ABOUT_SIZE] = "";
	long long seconds;

	(void)snprintf(path, sizeof path, "%" PRIu32 "/about", slot);
	if (readlinkat(server->place_fd, path, about, sizeof about - 1) < 0)
		return -1;
	_Static_assert(SANDBOX_ID_SIZE == 32, "the width below");
	if (sscanf(about, "%31s %lld.%9ld", now.id, &seconds,
	    &now.boot.tv_nsec) != 3)
		return -1;
	now.boot.tv_sec = seconds;
	if (strcmp(now.id, seen->id) != 0 ||
	    now.boot.tv_sec != seen->boot.tv_sec ||
	    now.boot.tv_nsec != seen->boot.tv_nsec)
		*seen = now;
	return 0;
}

static int
find_facts(struct server *server, struct seen *seen, enum view_kind kind,
    struct view_facts *ret, struct err *err)
{
	struct timespec now, unix_now;
	uint64_t used_us;
	int r;

	*ret = (struct view_facts){
	    .host_memory_bytes = server->place.host_memory_bytes,
	    .n_host_cpus = server->place.n_host_cpus,
	    .cpuinfo = server->place.cpuinfo};
	if (kind == VIEW_MEMINFO || kind == VIEW_VMSTAT)
		return cgroup_memory_use(server->cgroups, seen->id,
		    &ret->memory, err);
	if ((r = cgroup_cpu_use(server->cgroups, seen->id, &ret->cpu,
	    err)) < 0)
		return r;
	clock_gettime(CLOCK_BOOTTIME, &now);
	clock_gettime(CLOCK_REALTIME, &unix_now);
	ret->age_us = us_since(&seen->boot, &now);
	ret->boot_unix_s = ((uint64_t)unix_now.tv_sec * 1000000 +
	    (uint64_t)unix_now.tv_nsec / 1000 - ret->age_us) / 1000000;
	used_us = ret->cpu.user_us + ret->cpu.system_us;
	if (kind == VIEW_LOADAVG && used_us >= seen->faded_cpu_us &&
	    ret->age_us >= seen->faded_us) {
		load_average_fade(seen->loads, ret->age_us - seen->faded_us,
		    used_us - seen->faded_cpu_us);
		seen->faded_us = ret->age_us;
		seen->faded_cpu_us = used_us;
	}
	memcpy(ret->loads, seen->loads, sizeof ret->loads);
	return 0;
}

/* The file that is read, and not one that came after it in its slot. */
static int
open_to_write(const struct server *server, uint32_t slot, enum view_kind kind,
    const struct stat *read)
{
	char path[32];
	struct stat st;
	auto_close int fd = -1;

	(void)snprintf(path, sizeof path, "%" PRIu32 "/%s", slot,
	    view_names[kind]);
	fd = openat(server->place_fd, path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_ino != read->st_ino)
		return -1;
	return take_fd(&fd);
}

/*
 * In one write, and in place: who reads at the same time, for which it had to
 * wait VIEW_FRESH_MS since it was let, gets parts of both, and numbers
 * that all have their places.
 */
static void
refresh(struct server *server, uint32_t slot, enum view_kind kind,
    const struct stat *read)
{
	struct seen *seen = &server->seen[slot];
	const uint64_t now_ms = clock_monotonic_ms();
	auto_close int fd = -1;
	struct view_facts facts;
	const char *text;
	size_t length;
	unsigned n_cpus;

	if (seen->written_ms[kind] != 0 &&
	    now_ms - seen->written_ms[kind] < VIEW_FRESH_MS)
		return;
	if (recognise(server, slot) < 0 ||
	    find_facts(server, seen, kind, &facts, NULL) < 0)
		return; /* it ends */
	n_cpus = view_cpus(&facts);
	seen->written_ms[kind] = now_ms;
	if (kind == VIEW_CPUINFO && n_cpus == seen->n_cpus)
		return;
	fd = open_to_write(server, slot, kind, read);
	length = view_text(kind, &facts, server->buffer, &text);
	if (fd < 0 || pwrite(fd, text, length, 0) != (ssize_t)length ||
	    ftruncate(fd, (off_t)length) < 0)
		return;
	if (kind == VIEW_CPUINFO)
		seen->n_cpus = n_cpus;
}

static bool
has_turn(struct seen *seen)
{
	const uint64_t turn = clock_monotonic_ms() / VIEW_TURN_MS;

	if (seen->turn != turn) {
		seen->turn = turn;
		seen->n_answers = 0;
	}
	return ++seen->n_answers <= VIEW_TURN_ANSWERS;
}

static void
serve(struct server *server, int fd)
{
	uint32_t slot;
	struct stat st;

	if (fstat(fd, &st) < 0) {
		allow(server, fd);
		return;
	}
	slot = st.st_gid / N_VIEW_KIND;
	if (slot >= server->n_slots) {
		allow(server, fd);
		return;
	}
	if (!has_turn(&server->seen[slot]) && server->n_held < HELD_MAX) {
		server->held_fds[server->n_held++] = fd;
		return;
	}
	refresh(server, slot, (enum view_kind)(st.st_gid % N_VIEW_KIND), &st);
	allow(server, fd);
}

/* Those that waited: what they read has been written in the turn before. */
static void
let_go(struct server *server)
{
	for (unsigned i = 0; i < server->n_held; i++)
		allow(server, server->held_fds[i]);
	server->n_held = 0;
}

static void
read_events(struct server *server)
{
	char events[EVENTS_SIZE] __attribute__((
	    aligned(__alignof__(struct fanotify_event_metadata))));
	ssize_t left = read(server->group_fd, events, sizeof events);
	const struct fanotify_event_metadata *event =
	    (const struct fanotify_event_metadata *)(const void *)events;

	if (left < 0 && errno != EINTR && errno != EAGAIN)
		fatal("views: %s", strerror(errno));
	for (; left > 0 && FAN_EVENT_OK(event, left);
	    event = FAN_EVENT_NEXT(event, left))
		if (event->vers == FANOTIFY_METADATA_VERSION && event->fd >= 0)
			serve(server, event->fd);
}

__attribute__((noreturn)) static void
run(struct server *server)
{
	struct pollfd pollfd = {.fd = server->group_fd, .events = POLLIN};
	uint64_t turn = 0, now;

	for (;;) {
		now = clock_monotonic_ms();
		if (now / VIEW_TURN_MS != turn)
			let_go(server);
		turn = now / VIEW_TURN_MS;
		if (poll(&pollfd, 1, server->n_held == 0 ? -1 :
		    (int)(VIEW_TURN_MS - now % VIEW_TURN_MS)) > 0)
			read_events(server);
	}
}

/* What one before took and died over: an answer goes by the number that the
 * descriptor had there. */
static void
allow_taken(const struct server *server)
{
	for (int fd = 0; fd < (int)TAKEN_FDS_MAX; fd++) {
		const struct fanotify_response response = {.fd = fd,
		    .response = FAN_ALLOW};

		if (write(server->group_fd, &response, sizeof response) < 0 &&
		    errno != ENOENT)
			fatal("views: %s", strerror(errno));
	}
}

/* Views are nobody's to write, root's neither, but for this capability. */
static int
drop_capabilities(void)
{
	struct __user_cap_header_struct header = {
	    .version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};

	data[0].effective = data[0].permitted = 1u << CAP_DAC_OVERRIDE;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return (int)syscall(SYS_capset, &header, data);
}

/* What sandboxd was keeps nothing here. group_fd is 3 from here on. */
static void
prepare(struct server *server, pid_t parent)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	prctl(PR_SET_NAME, NAME);
	for (int signal = 1; signal < NSIG; signal++)
		if (signal != SIGKILL && signal != SIGSTOP)
			sigaction(signal,
			    &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (server->group_fd != 3 && dup3(server->group_fd, 3, O_CLOEXEC) < 0)
		fatal("views: %s", strerror(errno));
	server->group_fd = 3;
	close_range(4, ~0U, 0);
	server->place_fd = open(server->place.path, O_PATH | O_DIRECTORY |
	    O_CLOEXEC);
	if (server->place_fd < 0 ||
	    setpriority(PRIO_PROCESS, 0, SERVER_NICE) < 0 ||
	    drop_capabilities() < 0)
		fatal("views: %s", strerror(errno));
}

int
view_questions_open(const struct view_place *place, int *ret_fd,
    struct err *err)
{
	auto_close int fd = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC |
	    FAN_NONBLOCK, O_RDONLY | O_LARGEFILE | O_CLOEXEC);

	/* All of the tmpfs, wherever it is mounted and whatever it gets. */
	if (fd < 0 || fanotify_mark(fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM,
	    FAN_ACCESS_PERM, AT_FDCWD, place->path) < 0)
		return err_errno(err, "views: fanotify");
	*ret_fd = take_fd(&fd);
	return 0;
}

int
view_server_start(const struct view_place *place, int questions_fd,
    const struct cgroup_host *cgroups, uint32_t n_slots, pid_t *ret_pid,
    struct err *err)
{
	struct server *server = calloc(1, sizeof *server);
	struct seen *seen = calloc(n_slots, sizeof *seen);
	const pid_t parent = getpid();
	pid_t pid;

	if (server == NULL || seen == NULL) {
		free(server);
		free(seen);
		return err_set(err, ENOMEM, "views: no memory");
	}
	*server = (struct server){.place = *place, .cgroups = cgroups,
	    .group_fd = questions_fd, .place_fd = -1, .n_slots = n_slots,
	    .seen = seen};
	pid = fork();
	if (pid == 0) {
		prepare(server, parent);
		allow_taken(server);
		run(server);
	}
	free(seen);
	free(server);
	if (pid < 0)
		return err_errno(err, "views");
	*ret_pid = pid;
	return 0;
}
