// SPDX-License-Identifier: Apache-2.0
#include "tests/fault/fault.h"

#include <dirent.h>
#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define RUN_LIMIT_S 10
/* Among so many calls and more, not each begins a time of all failing. */
#define SKIP_AFTER  64

enum mode { ONCE, FROM_THEN_ON, INTERRUPTED, N_MODE };
static const char *const mode_names[N_MODE] = {"fails",
    "and all after it fail", "is interrupted"};

static struct {
	const char *name, *call;
	enum mode mode;
	bool is_armed, is_spared, has_failed;
	unsigned long n, due;
} run;

static _Thread_local bool is_ours; /* the thread of the scenario */

/* Of the sanitizer, where there is one. */
extern size_t __sanitizer_get_current_allocated_bytes(void)
    __attribute__((weak));
extern void __sanitizer_set_death_callback(void (*callback)(void))
    __attribute__((weak));

static void
say_where(void)
{
	char words[256];
	int n = snprintf(words, sizeof words, "%s: where call %lu, %s, %s\n",
	    run.name, run.due, run.call != NULL ? run.call : "(none)",
	    mode_names[run.mode]);

	(void)!write(STDERR_FILENO, words, (size_t)n);
}

static void
on_signal(int number)
{
	say_where();
	signal(number, SIG_DFL);
	raise(number);
}

static void __attribute__((noreturn))
fail(const char *what, long before, long after)
{
	say_where();
	fprintf(stderr, "%s: before %ld, after %ld\n", what, before, after);
	exit(1);
}

static long
count_bytes(void)
{
	if (__sanitizer_get_current_allocated_bytes != NULL)
		return (long)__sanitizer_get_current_allocated_bytes();
	return (long)mallinfo2().uordblks;
}

static long
count_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	long n = 0;

	if (folder == NULL)
		abort();
	while (readdir(folder) != NULL)
		n++;
	closedir(folder);
	return n;
}

static bool
run_once(void (*scenario)(void), enum mode mode, unsigned long due)
{
	long bytes, descriptors = count_descriptors();

	run.call = NULL;
	run.mode = mode;
	run.n = 0;
	run.due = due;
	run.has_failed = run.is_spared = false;
	bytes = count_bytes();
	alarm(RUN_LIMIT_S);
	run.is_armed = true;
	scenario();
	run.is_armed = false;
	alarm(0);
	if (count_bytes() != bytes)
		fail("bytes allocated", bytes, count_bytes());
	if (count_descriptors() != descriptors)
		fail("descriptors", descriptors, count_descriptors());
	return run.has_failed;
}

void
fault_run(const char *name, void (*scenario)(void))
{
	unsigned long n_runs[N_MODE] = {0};

	run.name = name;
	is_ours = true;
	signal(SIGALRM, on_signal);
	signal(SIGABRT, on_signal);
	signal(SIGPIPE, SIG_IGN);
	if (__sanitizer_set_death_callback != NULL)
		__sanitizer_set_death_callback(say_where);
	/* What libraries allocate once; then a run that must be clean. */
	scenario();
	(void)run_once(scenario, ONCE, 0);
	for (enum mode mode = 0; mode < N_MODE; mode++)
		for (unsigned long due = 1; run_once(scenario, mode, due);
		    due += mode == FROM_THEN_ON ? 1 + due / SKIP_AFTER : 1)
			n_runs[mode]++;
	printf("%s: %lu calls failed, %lu of them with all after them, "
	    "%lu were interrupted\n", name, n_runs[ONCE], n_runs[FROM_THEN_ON],
	    n_runs[INTERRUPTED]);
	if (n_runs[ONCE] == 0)
		fail("calls that failed", 1, 0);
}

bool
fault_happened(void)
{
	return run.has_failed;
}

void
fault_stop(void)
{
	run.is_armed = false;
}

void
fault_spare(bool is_spared)
{
	run.is_spared = is_spared;
}

bool
fault_due(const char *call, int errno_number, bool is_interruptible)
{
	if (!run.is_armed || run.is_spared || !is_ours ||
	    (run.mode == INTERRUPTED && !is_interruptible))
		return false;
	run.n++;
	if (run.due == 0 || (run.mode == FROM_THEN_ON ? run.n < run.due :
	    run.n != run.due))
		return false;
	if (run.n == run.due)
		run.call = call;
	run.has_failed = true;
	errno = run.mode == INTERRUPTED ? EINTR :
	    errno_number != 0 ? errno_number : ENOMEM;
	return true;
}

/* ALLOCATION(return type, name, parameters, arguments) */
#define ALLOCATION(type, name, parameters, arguments)                        \
	type __real_##name parameters;                                       \
	type __wrap_##name parameters;                                       \
	type __wrap_##name parameters                                        \
	{                                                                    \
		return fault_due(#name, ENOMEM, false) ? NULL :              \
		    __real_##name arguments;                                 \
	}

/* CALL(return type, name, parameters, arguments, error, whether EINTR) */
#define CALL(type, name, parameters, arguments, error, is_interruptible)     \
	type __real_##name parameters;                                       \
	type __wrap_##name parameters;                                       \
	type __wrap_##name parameters                                        \
	{                                                                    \
		return fault_due(#name, error, is_interruptible) ? -1 :      \
		    __real_##name arguments;                                 \
	}

ALLOCATION(void *, malloc, (size_t size), (size))
ALLOCATION(void *, calloc, (size_t n, size_t size), (n, size))
ALLOCATION(void *, realloc, (void *p, size_t size), (p, size))
ALLOCATION(void *, reallocarray, (void *p, size_t n, size_t size),
    (p, n, size))
ALLOCATION(char *, strdup, (const char *s), (s))
ALLOCATION(char *, strndup, (const char *s, size_t n), (s, n))
ALLOCATION(FILE *, fopen, (const char *path, const char *mode), (path, mode))
ALLOCATION(FILE *, fdopen, (int fd, const char *mode), (fd, mode))
ALLOCATION(DIR *, opendir, (const char *path), (path))
ALLOCATION(DIR *, fdopendir, (int fd), (fd))

CALL(ssize_t, read, (int fd, void *data, size_t size), (fd, data, size), EIO,
    true)
CALL(ssize_t, write, (int fd, const void *data, size_t size),
    (fd, data, size), ENOSPC, true)
CALL(ssize_t, pread, (int fd, void *data, size_t size, off_t at),
    (fd, data, size, at), EIO, true)
CALL(ssize_t, pwrite, (int fd, const void *data, size_t size, off_t at),
    (fd, data, size, at), ENOSPC, true)
CALL(int, socket, (int family, int type, int protocol),
    (family, type, protocol), EMFILE, false)
CALL(int, socketpair, (int family, int type, int protocol, int fds[2]),
    (family, type, protocol, fds), EMFILE, false)
CALL(int, bind, (int fd, const struct sockaddr *to, socklen_t size),
    (fd, to, size), EADDRINUSE, false)
CALL(int, listen, (int fd, int n), (fd, n), EADDRINUSE, false)
CALL(int, connect, (int fd, const struct sockaddr *to, socklen_t size),
    (fd, to, size), ECONNREFUSED, true)
CALL(int, accept4, (int fd, struct sockaddr *from, socklen_t *size,
    int flags), (fd, from, size, flags), EMFILE, true)
CALL(int, setsockopt, (int fd, int level, int name, const void *value,
    socklen_t size), (fd, level, name, value, size), ENOPROTOOPT, false)
CALL(int, getsockopt, (int fd, int level, int name, void *value,
    socklen_t *size), (fd, level, name, value, size), ENOPROTOOPT, false)
CALL(int, shutdown, (int fd, int how), (fd, how), ENOTCONN, false)
CALL(ssize_t, send, (int fd, const void *data, size_t size, int flags),
    (fd, data, size, flags), EPIPE, true)
CALL(ssize_t, recv, (int fd, void *data, size_t size, int flags),
    (fd, data, size, flags), ECONNRESET, true)
CALL(ssize_t, recvfrom, (int fd, void *data, size_t size, int flags,
    struct sockaddr *from, socklen_t *room), (fd, data, size, flags, from,
    room), ECONNRESET, true)
CALL(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags),
    (fd, message, flags), ENOBUFS, true)
CALL(ssize_t, recvmsg, (int fd, struct msghdr *message, int flags),
    (fd, message, flags), ECONNRESET, true)
CALL(int, pipe2, (int fds[2], int flags), (fds, flags), EMFILE, false)
CALL(int, poll, (struct pollfd *fds, nfds_t n, int timeout_ms),
    (fds, n, timeout_ms), ENOMEM, true)
CALL(int, epoll_create1, (int flags), (flags), EMFILE, false)
CALL(int, epoll_ctl, (int fd, int how, int what,
    struct epoll_event *event), (fd, how, what, event), ENOSPC, false)
CALL(int, epoll_wait, (int fd, struct epoll_event *events, int n,
    int timeout_ms), (fd, events, n, timeout_ms), EINVAL, true)
CALL(int, fstat, (int fd, struct stat *st), (fd, st), EIO, false)
CALL(int, stat, (const char *path, struct stat *st), (path, st), EIO, false)
CALL(int, chmod, (const char *path, mode_t mode), (path, mode), EPERM, false)
CALL(int, fchmod, (int fd, mode_t mode), (fd, mode), EPERM, false)
CALL(int, fchown, (int fd, uid_t uid, gid_t gid), (fd, uid, gid), EPERM,
    false)
CALL(int, mkdir, (const char *path, mode_t mode), (path, mode), ENOSPC,
    false)
CALL(int, unlink, (const char *path), (path), EROFS, false)
CALL(int, rename, (const char *from, const char *to), (from, to), EROFS,
    false)
CALL(int, fsync, (int fd), (fd), EIO, true)
CALL(int, fdatasync, (int fd), (fd), EIO, true)
CALL(int, ftruncate, (int fd, off_t size), (fd, size), EIO, true)
CALL(int, eventfd, (unsigned int value, int flags), (value, flags), EMFILE,
    false)
CALL(ssize_t, getrandom, (void *data, size_t size, unsigned int flags),
    (data, size, flags), ENOSYS, true)

/* Those with arguments that may be there: all that the kernel may want. */
#define CALL_OPTIONAL(name, parameters, arguments, last, type, error,        \
    is_interruptible)                                                        \
	int __real_##name parameters;                                        \
	int __wrap_##name parameters;                                        \
	int __wrap_##name parameters                                         \
	{                                                                    \
		va_list list;                                                \
		type value;                                                  \
									     \
		va_start(list, last);                                        \
		value = va_arg(list, type);                                  \
		va_end(list);                                                \
		return fault_due(#name, error, is_interruptible) ? -1 :      \
		    __real_##name arguments;                                 \
	}

CALL_OPTIONAL(open, (const char *path, int flags, ...),
    (path, flags, value), flags, mode_t, EMFILE, true)
CALL_OPTIONAL(openat, (int folder_fd, const char *path, int flags, ...),
    (folder_fd, path, flags, value), flags, mode_t, EMFILE, true)
CALL_OPTIONAL(fcntl, (int fd, int command, ...), (fd, command, value),
    command, uintptr_t, EMFILE, false)
CALL_OPTIONAL(ioctl, (int fd, unsigned long request, ...),
    (fd, request, value), request, uintptr_t, ENOTTY, false)

void *
fault_malloc(size_t size)
{
	return __wrap_malloc(size);
}

void *
fault_realloc(void *p, size_t size)
{
	return __wrap_realloc(p, size);
}
