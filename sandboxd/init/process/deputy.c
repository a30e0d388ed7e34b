// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/process/deputy.h"

#include <errno.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/fd.h"

/* Where a deputy has the socket to init. */
#define REPORT_FD 0

struct deputy {
	struct watch watch; /* first; our end of the socket */
	struct deputy *next;
	struct peer *peer;
	struct answer *answer; /* NULL: given, and it only stays */
	const struct deputy_work *work;
	uint64_t deadline_ms;
};

static void
deputy_free(struct deputy *deputy)
{
	struct init *init = deputy->peer->init;
	struct deputy **link = &init->deputies;

	while (*link != deputy)
		link = &(*link)->next;
	*link = deputy->next;
	init->n_deputies--;
	loop_remove(&init->loop, &deputy->watch);
	fd_close(&deputy->watch.fd);
	answer_free(deputy->answer);
	free(deputy);
}

/*
 * DANGER: a copy of PID 1 with all it holds, until the descriptors are closed
 * and the user is changed; nothing before that may depend on the user.
 */
__attribute__((noreturn)) static void
child(const struct deputy_work *work, const struct user *user,
    const void *request, int fd)
{
	static const int ignored[] = {SIGPIPE, SIGHUP, SIGINT, SIGTERM};
	struct deputy_report report = {.code = 0};
	struct listen_sockets sockets = {.fds = {-1, -1}};
	sigset_t none;
	char byte;

	if (dup2(fd, REPORT_FD) < 0)
		_exit(1);
	(void)syscall(SYS_close_range, REPORT_FD + 1U, ~0U, 0U);
	(void)setpriority(PRIO_PROCESS, 0, 0);
	if (user_become(user) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0)
		_exit(1);
	/* What a user sends to all of theirs is not meant for us. */
	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		(void)signal(ignored[i], SIG_IGN);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	report.code = -work->run(request, user, &report, &sockets);
	if (fd_send(REPORT_FD, &report, sizeof report, sockets.fds,
	    report.code == 0 ? sockets.n_fds : 0, 0) < 0)
		report.code = EPIPE;
	listen_close(&sockets);
	/* Nothing is ever sent: this waits for init's end to close. */
	while (work->end != NULL && report.code == 0 &&
	    read(REPORT_FD, &byte, 1) < 0 && errno == EINTR)
		;
	if (work->end != NULL)
		work->end(&report);
	_exit(0);
}

/* Gives the answer; the deputy may stay. May free the peer. */
static void
settle(struct deputy *deputy, const struct deputy_report *report)
{
	struct peer *peer = deputy->peer;
	struct answer *answer = deputy->answer;
	bool stays = report->code == 0 && deputy->work->end != NULL;

	deputy->answer = NULL;
	if (report->code != 0)
		err_set(&answer->err, report->code, "%s: %s",
		    deputy->work->name, strerror(report->code));
	else if (deputy->work->settle != NULL)
		deputy->work->settle(report, answer);
	if (!stays)
		deputy_free(deputy);
	peer_answer(peer, answer);
}

static void
deputy_ready(struct watch *watch, uint32_t events)
{
	struct deputy *deputy = (struct deputy *)watch;
	struct deputy_report report;
	int fds[FD_PASS_MAX];
	size_t n_fds = 0;
	ssize_t n = fd_receive(watch->fd, &report, sizeof report, fds, &n_fds,
	    MSG_DONTWAIT);

	(void)events;
	if (n == -EAGAIN)
		return;
	if (deputy->answer == NULL) { /* it ended before its peer did */
		deputy_free(deputy);
		return;
	}
	if (n != sizeof report || n_fds > LISTEN_FDS_MAX ||
	    report.code < 0) {
		for (size_t i = 0; n >= 0 && i < n_fds; i++)
			fd_close(&fds[i]);
		report = (struct deputy_report){.code = EIO};
		n_fds = 0;
	}
	report.text[sizeof report.text - 1] = '\0';
	memcpy(deputy->answer->fds, fds, n_fds * sizeof *fds);
	deputy->answer->n_fds = n_fds;
	settle(deputy, &report);
}

static int
start(struct deputy *deputy, const struct user *user, const void *request)
{
	auto_close int ours = -1, theirs = -1;
	int pair[2], r = fd_seqpacket_pair(pair);
	pid_t pid;

	if (r < 0)
		return r;
	ours = pair[0];
	theirs = pair[1];
	pid = fork();
	if (pid == 0)
		child(deputy->work, user, request, theirs);
	if (pid < 0)
		return -errno;
	deputy->watch.fd = take_fd(&ours);
	return loop_add(&deputy->peer->init->loop, &deputy->watch, EPOLLIN);
}

void
deputy_start(struct peer *peer, const struct deputy_work *work,
    const struct user *user, const void *request, struct answer *answer)
{
	struct init *init = peer->init;
	struct deputy *deputy = init->n_deputies < INIT_DEPUTIES_MAX ?
	    calloc(1, sizeof *deputy) : NULL;
	struct deputy_report report = {.code = 0};

	if (deputy == NULL) {
		err_set(&answer->err, EAGAIN, "init keeps no more than %d "
		    "helpers", INIT_DEPUTIES_MAX);
		peer_answer(peer, answer);
		return;
	}
	deputy->watch = (struct watch){-1, deputy_ready};
	deputy->peer = peer;
	deputy->answer = answer;
	deputy->work = work;
	deputy->deadline_ms = loop_now_ms() + DEPUTY_TIMEOUT_MS;
	deputy->next = init->deputies;
	init->deputies = deputy;
	init->n_deputies++;
	report.code = -start(deputy, user, request);
	if (report.code != 0)
		settle(deputy, &report);
}

bool
deputy_is_at(const struct peer *peer, const struct deputy_work *work)
{
	const struct deputy *d = peer->init->deputies;

	while (d != NULL && (d->peer != peer || d->work != work))
		d = d->next;
	return d != NULL;
}

void
deputy_forget(struct peer *peer)
{
	struct deputy *deputy = peer->init->deputies, *next;

	for (; deputy != NULL; deputy = next) {
		next = deputy->next;
		if (deputy->peer == peer)
			deputy_free(deputy);
	}
}

int
deputy_expire(struct init *init)
{
	static const struct deputy_report late = {.code = ETIMEDOUT};
	uint64_t now_ms, first_ms = UINT64_MAX;
	struct deputy *deputy = init->deputies;

	if (deputy == NULL)
		return -1;
	now_ms = loop_now_ms();
	while (deputy != NULL) {
		if (deputy->answer == NULL || deputy->deadline_ms > now_ms) {
			if (deputy->answer != NULL &&
			    deputy->deadline_ms < first_ms)
				first_ms = deputy->deadline_ms;
			deputy = deputy->next;
			continue;
		}
		settle(deputy, &late);
		/* The list may have lost any of them. */
		deputy = init->deputies;
		first_ms = UINT64_MAX;
	}
	return first_ms == UINT64_MAX ? -1 : (int)(first_ms - now_ms);
}
