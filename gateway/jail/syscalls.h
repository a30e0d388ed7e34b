// SPDX-License-Identifier: Apache-2.0
/* How the rows of a table of system calls (struct jail_call) are written. */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "gateway/jail/jail.h"

/* Every flag of clone(2) that makes a namespace. */
#define NAMESPACES                                                             \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |         \
	    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

/* ONLY where the argument is the value, WITHOUT where it has no such bit. */
#define ALLOW(name)	    {SCMP_SYS(name), JAIL_ALLOW, 0, 0, 0}
#define REFUSE(name, error) {SCMP_SYS(name), JAIL_REFUSE, 0, 0, error}
#define ONLY(name, argument, value)                                            \
	{SCMP_SYS(name), JAIL_ALLOW_MASKED, argument, UINT64_MAX, value}
#define WITHOUT(name, argument, bits)                                          \
	{SCMP_SYS(name), JAIL_ALLOW_MASKED, argument, bits, 0}

/*
 * Rows that programs have in common. None reaches past the jail: no memory
 * becomes code; MSG_FASTOPEN would connect without connect(2); tgkill(2), which
 * abort(3) calls, and F_SETOWN with F_SETSIG would end others of the same user.
 */
#define MEMORY_CALLS                                                           \
	ALLOW(brk), WITHOUT(mmap, 2, PROT_EXEC),                               \
	    WITHOUT(mprotect, 2, PROT_EXEC), ALLOW(munmap), ALLOW(mremap),     \
	    ALLOW(madvise)
#define SOCKET_CALLS /* those that are there already */                        \
	ALLOW(recvfrom), ALLOW(recvmsg), WITHOUT(sendto, 3, MSG_FASTOPEN),     \
	    WITHOUT(sendmsg, 2, MSG_FASTOPEN), ALLOW(read), ALLOW(write),      \
	    ALLOW(readv), ALLOW(writev), ALLOW(close), ALLOW(shutdown),        \
	    ALLOW(getsockopt)
#define FLAG_CALLS                                                             \
	ONLY(fcntl, 1, F_GETFL), ONLY(fcntl, 1, F_SETFL),                      \
	    ONLY(fcntl, 1, F_GETFD), ONLY(fcntl, 1, F_SETFD)
#define LOOP_CALLS ALLOW(epoll_ctl), ALLOW(epoll_wait), ALLOW(epoll_pwait)
#define ITSELF_CALLS /* time, chance, its end */                               \
	ALLOW(clock_gettime), ALLOW(gettimeofday), ALLOW(getrandom),           \
	    ALLOW(restart_syscall), ALLOW(rt_sigreturn), ALLOW(futex),         \
	    ALLOW(getpid), ALLOW(gettid), ALLOW(fstat), ALLOW(exit),           \
	    ALLOW(exit_group)
#define SIGNAL_CALLS ALLOW(rt_sigaction), ALLOW(rt_sigprocmask)
/* Of one that talks and waits, by libraries that look who they are. */
#define TALKING_CALLS                                                          \
	MEMORY_CALLS, SOCKET_CALLS, FLAG_CALLS, ITSELF_CALLS, ALLOW(poll),     \
	    ALLOW(ppoll), ALLOW(newfstatat), ALLOW(lseek), ALLOW(getsockname), \
	    ALLOW(getpeername), ALLOW(time), ALLOW(clock_nanosleep),           \
	    ALLOW(nanosleep), ALLOW(getuid), ALLOW(geteuid), ALLOW(getgid),    \
	    ALLOW(getegid), ALLOW(sched_yield)
/* Of one that forks, and jails what it has forked further. */
#define FORKING_CALLS                                                          \
	WITHOUT(clone, 0, NAMESPACES | CLONE_VM | CLONE_THREAD),               \
	    REFUSE(clone3, ENOSYS), ALLOW(set_robust_list), ALLOW(rseq),       \
	    ALLOW(seccomp)
/* Of one that has threads, and makes nothing else. */
#define THREAD_CALLS                                                           \
	{SCMP_SYS(clone), JAIL_ALLOW_MASKED, 0,                                \
	    CLONE_THREAD | CLONE_VM | NAMESPACES, CLONE_THREAD | CLONE_VM},    \
	    REFUSE(clone3, ENOSYS), ALLOW(set_robust_list), ALLOW(rseq),       \
	    ALLOW(sched_getaffinity), ALLOW(sched_yield)
/* What libraries of one that talks try in vain, and can do without. */
#define VAIN_CALLS                                                             \
	REFUSE(ioctl, ENOTTY), REFUSE(open, ENOENT), REFUSE(openat, ENOENT),   \
	    REFUSE(access, ENOENT), REFUSE(faccessat2, ENOENT),                \
	    REFUSE(stat, ENOENT), REFUSE(lstat, ENOENT),                       \
	    REFUSE(readlink, ENOENT), REFUSE(getcwd, ENOENT),                  \
	    REFUSE(socketpair, EACCES), REFUSE(pipe, EACCES),                  \
	    REFUSE(pipe2, EACCES), REFUSE(eventfd2, EACCES),                   \
	    REFUSE(execve, EACCES), REFUSE(wait4, ECHILD),                     \
	    REFUSE(uname, EPERM), REFUSE(sysinfo, EPERM)
/* Refused where they could put off the end of one that a timer ends. */
#define LASTING_CALLS                                                          \
	REFUSE(rt_sigaction, EPERM), REFUSE(rt_sigprocmask, EPERM),            \
	    REFUSE(clone, EPERM), REFUSE(clone3, EPERM), REFUSE(vfork, EPERM), \
	    REFUSE(prlimit64, EPERM), REFUSE(prctl, EPERM)
/* Of the timers that end it. */
#define TIMER_CALLS                                                            \
	ALLOW(alarm), ALLOW(setitimer), ALLOW(timer_create),                   \
	    ALLOW(timer_settime)
