// SPDX-License-Identifier: Apache-2.0
/* What somebody who runs code in a jailed process would try next. */
#include "gateway/jail/jail.h"

#include <assert.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/depot/confine.h"
#include "gateway/http/confine.h"
#include "gateway/lobby/confine.h"
#include "gateway/proxy/confine.h"
#include "gateway/resolver/confine.h"
#include "gateway/webhook/confine.h"
#include "gateway/ssh/syscalls.h"

static int listen_fd;
static struct sockaddr_in address = {.sin_family = AF_INET};

/* Signal 0, so that a jail that lets it pass harms nobody. */
static long
signal_sibling(void)
{
	return syscall(SYS_tgkill, getppid(), getppid(), 0);
}

/* The kernel would send F_SETSIG's signal to whoever F_SETOWN names. */
static long
signal_by_descriptor(void)
{
	return syscall(SYS_fcntl, listen_fd, F_SETOWN, 1);
}

static long
choose_signal(void)
{
	return syscall(SYS_fcntl, listen_fd, F_SETSIG, SIGKILL);
}

static long
connect_by_sending(void)
{
	shutdown(listen_fd, SHUT_RD);
	return syscall(SYS_sendto, listen_fd, "x", 1, MSG_FASTOPEN, &address,
	    sizeof address);
}

static long
connect_by_message(void)
{
	struct msghdr message = {.msg_name = &address,
	    .msg_namelen = sizeof address};

	shutdown(listen_fd, SHUT_RD);
	return syscall(SYS_sendmsg, listen_fd, &message, MSG_FASTOPEN);
}

#ifndef __SANITIZE_ADDRESS__ /* whose run time maps as it likes */
static long
map_code(void)
{
	return syscall(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
#endif

/* One of Unix sockets reaches nobody, and gateway-http makes some. */
static long
open_pair(void)
{
	return syscall(SYS_socketpair, AF_INET, SOCK_STREAM, 0, NULL);
}

static long
open_socket(void)
{
	return syscall(SYS_socket, AF_INET, SOCK_DGRAM, 0);
}

static long
connect_socket(void)
{
	return syscall(SYS_connect, listen_fd, &address, sizeof address);
}

/* What would put off the end of a command that takes too long. */
static long
stop_alarm(void)
{
	return syscall(SYS_alarm, 0);
}

static long
stop_timer(void)
{
	return syscall(SYS_setitimer, ITIMER_REAL, NULL, NULL);
}

/* The call itself ends the process: an error would be an answer. */
static void
assert_deadly(const char *words, const struct jail_filter *filter,
    long (*attack)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		struct err err = {0};

		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		    jail_filter_load(filter, &err) < 0)
			_exit(2);
		(void)attack();
		_exit(1);
	}
	assert(pid > 0 && waitpid(pid, &status, 0) == pid);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
		fprintf(stderr, "%s: status %#x\n", words, (unsigned)status);
	assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}

static void
test_table(const struct jail_call *calls, size_t n)
{
	struct jail_filter filter = {0};
	struct err err = {0};

	assert(jail_filter_build(calls, n, &filter, &err) == 0);
	assert_deadly("tgkill", &filter, signal_sibling);
	assert_deadly("F_SETOWN", &filter, signal_by_descriptor);
	assert_deadly("F_SETSIG", &filter, choose_signal);
	assert_deadly("sendto", &filter, connect_by_sending);
	assert_deadly("sendmsg", &filter, connect_by_message);
#ifndef __SANITIZE_ADDRESS__
	assert_deadly("mmap", &filter, map_code);
#endif
	assert_deadly("socketpair", &filter, open_pair);
	jail_filter_free(&filter);
}

/* The attempt is answered with an error. */
static void
assert_refused(const char *words, const struct jail_filter *filter,
    long number)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		struct err err = {0};

		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		    jail_filter_load(filter, &err) < 0)
			_exit(2);
		_exit(syscall(number, 0, 0, 0, 0, 0) < 0 ? 0 : 1);
	}
	assert(pid > 0 && waitpid(pid, &status, 0) == pid);
	if (status != 0)
		fprintf(stderr, "%s: status %#x\n", words, (unsigned)status);
	assert(status == 0);
}

/* Of what runs for a client with a clock of its own that ends it. */
static void
test_forks(const struct jail_call *calls, size_t n_calls)
{
	struct jail_filter filter = {0};
	struct err err = {0};

	assert(jail_filter_build(calls, n_calls, &filter, &err) == 0);
	assert_deadly("tgkill", &filter, signal_sibling);
	assert_deadly("F_SETOWN", &filter, signal_by_descriptor);
	assert_deadly("F_SETSIG", &filter, choose_signal);
	assert_deadly("sendto", &filter, connect_by_sending);
	assert_deadly("sendmsg", &filter, connect_by_message);
	assert_deadly("alarm", &filter, stop_alarm);
	assert_deadly("setitimer", &filter, stop_timer);
	assert_refused("fork", &filter, SYS_clone);
	assert_refused("execve", &filter, SYS_execve);
	assert_refused("socket", &filter, SYS_socket);
	assert_refused("connect", &filter, SYS_connect);
	assert_refused("openat", &filter, SYS_openat);
	assert_refused("sigaction", &filter, SYS_rt_sigaction);
	assert_refused("sigprocmask", &filter, SYS_rt_sigprocmask);
	jail_filter_free(&filter);
}

/* Their sockets come from elsewhere, and stay what they are. */
static void
test_socketless(const struct jail_call *calls, size_t n)
{
	struct jail_filter filter = {0};
	struct err err = {0};

	test_table(calls, n);
	assert(jail_filter_build(calls, n, &filter, &err) == 0);
	assert_deadly("socket", &filter, open_socket);
	assert_deadly("connect", &filter, connect_socket);
	jail_filter_free(&filter);
}

int
main(void)
{
	listen_fd = socket(AF_INET, SOCK_STREAM, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert(listen_fd >= 0 && bind(listen_fd, (struct sockaddr *)&address,
	    sizeof address) == 0 && listen(listen_fd, 1) == 0);
	test_table(zygote_calls, n_zygote_calls);
	test_table(session_calls, n_session_calls);
	test_table(http_calls, n_http_calls);
	test_table(proxy_calls, n_proxy_calls);
	test_forks(lobby_command_calls, n_lobby_command_calls);
	test_forks(webhook_speaking_calls, n_webhook_speaking_calls);
	test_socketless(resolver_calls, n_resolver_calls);
	test_socketless(relay_calls, n_relay_calls);
	test_socketless(depot_calls, n_depot_calls);
	return 0;
}
