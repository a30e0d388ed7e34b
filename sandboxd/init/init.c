// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/init.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "common/fd.h"
#include "sandboxd/init/forward/dial.h"
#include "sandboxd/init/peer.h"
#include "sandboxd/init/process/deputy.h"
#include "sandboxd/init/process/process.h"
#include "sandboxd/init/task/ending.h"
#include "sandboxd/init/task/task.h"
#include "sandboxd/init/terminal/terminals.h"

/* From the host's SIGTERM to the end of all that runs inside, where the host
 * does not say; it says so in milliseconds, with the signal. */
#define HOST_END_GRACE_MS 500
#define END_POLL_MS	  2

static struct init *
of_listener(struct watch *watch)
{
	return (struct init *)(void *)
	    ((char *)watch - offsetof(struct init, listener));
}

static struct init *
of_signals(struct watch *watch)
{
	return (struct init *)(void *)
	    ((char *)watch - offsetof(struct init, signals));
}

static void
listener_ready(struct watch *watch, uint32_t events)
{
	int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd >= 0)
		peer_accept(of_listener(watch), fd);
}

/*
 * The host ends every process and waits for each, or sandboxd suspends the
 * sandbox: only a sender outside of it has no pid in it. What runs inside is
 * told too, and given a moment; shells heed SIGHUP alone, and what is stopped
 * has to go on to hear of it.
 */
static void
end_all(struct init *init, uint64_t grace_ms)
{
	const struct timespec pause = {.tv_nsec = END_POLL_MS * 1000000};
	const uint64_t deadline_ms = loop_now_ms() + grace_ms;

	(void)kill(-1, SIGTERM);
	(void)kill(-1, SIGHUP);
	(void)kill(-1, SIGCONT);
	while (loop_now_ms() < deadline_ms) {
		answers_give(init);
		while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
			;
		if (kill(-1, 0) < 0 && errno == ESRCH)
			break;
		(void)nanosleep(&pause, NULL);
	}
	_exit(0);
}

static void
signals_ready(struct watch *watch, uint32_t events)
{
	struct init *init = of_signals(watch);
	struct signalfd_siginfo info;

	(void)events;
	/*
	 * Taken off before reaping: a child that ends meanwhile signals again.
	 * Where there is more to reap than a turn takes, it comes back itself.
	 */
	if (read(watch->fd, &info, sizeof info) == sizeof info &&
	    info.ssi_signo == SIGTERM && info.ssi_pid == 0)
		end_all(init, info.ssi_code == SI_QUEUE && info.ssi_int >= 0 ?
		    (uint64_t)info.ssi_int : HOST_END_GRACE_MS);
	if (process_reap(init))
		(void)raise(SIGCHLD);
}

/* Whether this process's out-of-memory score is not the default of 0. */
static bool
oom_is_adjusted(void)
{
	auto_close int fd = open("/proc/self/oom_score_adj",
	    O_RDONLY | O_CLOEXEC);
	char text[16] = "";

	return fd >= 0 && read(fd, text, sizeof text - 1) > 0 &&
	    atoi(text) != 0;
}

/*
 * What was ignored where init comes from would be ignored in every process it
 * starts, as exec keeps that. init itself needs no disposition: it blocks all.
 */
static void
reset_signals(void)
{
	struct sigaction standard = {.sa_handler = SIG_DFL};

	for (int signal = 1; signal < NSIG; signal++)
		(void)sigaction(signal, &standard, NULL);
}

static int
watch_signals(struct init *init)
{
	sigset_t all;

	reset_signals();
	/* All: nothing may interrupt init, and only the host may end it. */
	sigfillset(&all);
	if (getpid() != 1) {
		sigdelset(&all, SIGTERM);
		sigdelset(&all, SIGINT);
	}
	if (sigprocmask(SIG_SETMASK, &all, NULL) < 0)
		return -errno;
	sigemptyset(&all);
	sigaddset(&all, SIGCHLD);
	if (getpid() == 1)
		sigaddset(&all, SIGTERM);
	init->signals = (struct watch){
	    signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK), signals_ready};
	if (init->signals.fd < 0)
		return -errno;
	return loop_add(&init->loop, &init->signals, EPOLLIN);
}

/* Each process takes some: init may open what all of a sandbox may. What it
 * starts has a limit of its own (child.c). */
static void
raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

int
init_open(struct init *init, int listen_fd, int self_fd, struct err *err)
{
	int r;

	memset(init, 0, sizeof *init);
	raise_limit();
	TAILQ_INIT(&init->tasks);
	init->spawn.self_fd = self_fd;
	init->spawn.group_fd = init->spawn.channel_fd = -1;
	init->spawn.oom_is_adjusted = oom_is_adjusted();
	cpus_init(&init->cpus);
	init->spawn.cpus = &init->cpus;
	rescue_init(&init->spawn.rescue, RESCUE_FIRST_FD);
	init->listener = (struct watch){listen_fd, listener_ready};
	/* Or root of the sandbox could trace us and speak for us. */
	if (prctl(PR_SET_DUMPABLE, 0) < 0 ||
	    prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return err_errno(err, "prctl");
	r = loop_init(&init->loop);
	if (r == 0)
		r = watch_signals(init);
	if (r < 0)
		return err_set(err, -r, "event loop: %s", strerror(-r));
	r = fd_set_nonblocking(listen_fd);
	if (r == 0 && fcntl(listen_fd, F_SETFD, FD_CLOEXEC) < 0)
		r = -errno;
	if (r == 0)
		r = loop_add(&init->loop, &init->listener, EPOLLIN);
	oom_init(init, OOM_FIRST_FD);
	groups_init(&init->groups, GROUPS_FD);
	output_init(&init->output, OUTPUT_FD);
	answers_init(init, ANSWERS_FD);
	if (r < 0)
		return err_set(err, -r, "listening socket: %s", strerror(-r));
	return 0;
}

/* What it said lies there unread: init is late, and not this peer. A sandbox
 * may stand still, or wait for its disk. */
static bool
has_said_hello(const struct peer *peer)
{
	char byte;

	return !peer->is_refused &&
	    recv(peer->watch.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* Drops who has not said hello in time, or was refused. Milliseconds to the
 * next, or -1. */
static int
expire_hellos(struct init *init)
{
	struct peer *peer = init->peers, *next;
	uint64_t now_ms = 0;
	int wait_ms = -1;

	for (; peer != NULL; peer = next) {
		next = peer->next;
		if (peer->server.who == RPC_PEER_READY && !peer->is_refused)
			continue;
		if (now_ms == 0)
			now_ms = loop_now_ms();
		if (peer->hello_deadline_ms <= now_ms) {
			if (has_said_hello(peer))
				wait_ms = 0;
			else
				peer_drop(peer);
			continue;
		}
		if (wait_ms < 0 ||
		    peer->hello_deadline_ms - now_ms < (uint64_t)wait_ms)
			wait_ms = (int)(peer->hello_deadline_ms - now_ms);
	}
	return wait_ms;
}

/* The sooner of two times to wait, of which -1 is never. */
static int
sooner(int one_ms, int other_ms)
{
	if (one_ms < 0 || other_ms < 0)
		return one_ms < 0 ? other_ms : one_ms;
	return one_ms < other_ms ? one_ms : other_ms;
}

void
init_turn(struct init *init)
{
	int wait_ms = expire_hellos(init);

	wait_ms = sooner(wait_ms, dial_expire(init));
	wait_ms = sooner(wait_ms, deputy_expire(init));
	wait_ms = sooner(wait_ms, oom_expire(init));
	wait_ms = sooner(wait_ms, task_expire(init));
	wait_ms = sooner(wait_ms, ending_expire(init));
	loop_wait(&init->loop, wait_ms);
	peer_tell_count(init);
}
