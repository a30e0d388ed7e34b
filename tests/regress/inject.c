// SPDX-License-Identifier: Apache-2.0
/*
 * Takes a process over, as code run by an attacker inside it would: stops it
 * and makes it call the kernel with arguments of ours. Its own user, root
 * directory, filter and limits apply to the call.
 *
 *	inject PID ATTACK [ARGUMENT]	prints "worked" or "refused: why"
 *
 * The process need not survive. Only for x86-64.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define SKIP 77

#ifdef __x86_64__
#define SYSCALL_SIZE 2	  /* bytes of the instruction */
#define SCRATCH_BELOW 8192 /* the stack pointer: clear of any red zone */
#define TEXT ((uint64_t)-1000) /* stands for the address of ARGUMENT */
#define NUMBER ((uint64_t)-1001) /* stands for ARGUMENT as a number */

struct attack {
	const char *name;
	long number;
	uint64_t arguments[6];
};

static const struct attack attacks[] = {
    {"open", SYS_openat, {(uint64_t)AT_FDCWD, TEXT, O_RDONLY}},
    {"open-old", SYS_open, {TEXT, O_RDONLY}},
    {"open-write", SYS_openat, {(uint64_t)AT_FDCWD, TEXT, O_WRONLY}},
    {"chmod", SYS_chmod, {TEXT, 0777}},
    {"stat", SYS_access, {TEXT, R_OK}},
    {"socket-inet", SYS_socket, {AF_INET, SOCK_STREAM, 0}},
    {"socket-unix", SYS_socket, {AF_UNIX, SOCK_SEQPACKET, 0}},
    {"socket-netlink", SYS_socket, {AF_NETLINK, SOCK_RAW, 0}},
    {"execve", SYS_execve, {TEXT, 0, 0}},
    {"fork", SYS_fork, {0}},
    {"clone", SYS_clone, {SIGCHLD}},
    {"ptrace", SYS_ptrace, {PTRACE_SEIZE, NUMBER, 0, 0}},
    {"kill", SYS_kill, {NUMBER, 0}},
    {"pidfd-open", SYS_pidfd_open, {NUMBER, 0}},
    {"setuid-root", SYS_setuid, {0}},
    {"chroot", SYS_chroot, {TEXT}},
    {"unshare-user", SYS_unshare, {CLONE_NEWUSER}},
    {"dumpable", SYS_prctl, {4, 1}},
    {"bpf", SYS_bpf, {0}},
    {"io-uring", SYS_io_uring_setup, {1, TEXT}},
    {"userfaultfd", SYS_userfaultfd, {0}},
    {"memfd", SYS_memfd_create, {TEXT, 0}},
    {"mount", SYS_mount, {TEXT, TEXT, TEXT, 0, 0}},
    {"keyctl", SYS_keyctl, {0, (uint64_t)-3, 0}},
};

static void
die(const char *what)
{
	fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Waits for the next stop; says so and ends where the process died of it. */
static void
wait_stopped(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, __WALL) != pid)
		die("waitpid");
	if (WIFSTOPPED(status))
		return;
	if (WIFSIGNALED(status))
		printf("refused: killed by %s\n",
		    sigabbrev_np(WTERMSIG(status)));
	else
		printf("refused: exited\n");
	exit(0);
}

static int64_t
call(pid_t pid, const struct attack *attack, char *text)
{
	struct user_regs_struct saved, regs;
	uint64_t values[6];

	if (ptrace(PTRACE_GETREGS, pid, 0, &saved) < 0)
		die("PTRACE_GETREGS");
	uint64_t scratch = (saved.rsp - SCRATCH_BELOW) & ~15ULL;
	struct iovec from = {text, strlen(text) + 1};
	struct iovec to = {(void *)scratch, from.iov_len};

	if (process_vm_writev(pid, &from, 1, &to, 1, 0) < 0)
		die("process_vm_writev");
	for (int i = 0; i < 6; i++) {
		values[i] = attack->arguments[i];
		if (values[i] == TEXT)
			values[i] = scratch;
		else if (values[i] == NUMBER)
			values[i] = strtoull(text, NULL, 10);
	}
	/* It waits in a call of its own: the instruction lies just behind. */
	regs = saved;
	regs.rip = saved.rip - SYSCALL_SIZE;
	regs.orig_rax = (uint64_t)-1;
	regs.rax = (uint64_t)attack->number;
	regs.rdi = values[0], regs.rsi = values[1], regs.rdx = values[2];
	regs.r10 = values[3], regs.r8 = values[4], regs.r9 = values[5];
	if (ptrace(PTRACE_SETREGS, pid, 0, &regs) < 0 ||
	    ptrace(PTRACE_SINGLESTEP, pid, 0, 0) < 0)
		die("PTRACE_SINGLESTEP");
	wait_stopped(pid);
	if (ptrace(PTRACE_GETREGS, pid, 0, &regs) < 0 ||
	    ptrace(PTRACE_SETREGS, pid, 0, &saved) < 0)
		die("PTRACE_GETREGS");
	return (int64_t)regs.rax;
}

static const struct attack *
find_attack(const char *name)
{
	for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++)
		if (strcmp(attacks[i].name, name) == 0)
			return &attacks[i];
	fprintf(stderr, "inject: ATTACK: \"%s\" is none of", name);
	for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++)
		fprintf(stderr, " %s", attacks[i].name);
	fprintf(stderr, "\n");
	exit(2);
}

int
main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: inject PID ATTACK [ARGUMENT]\n");
		return 2;
	}
	const struct attack *attack = find_attack(argv[2]);
	pid_t pid = atoi(argv[1]);

	if (ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD) < 0 ||
	    ptrace(PTRACE_INTERRUPT, pid, 0, 0) < 0)
		die("PTRACE_SEIZE");
	wait_stopped(pid);
	int64_t result = call(pid, attack, argv[argc - 1]);

	if (result < 0 && result > -4096)
		printf("refused: %s\n", strerrorname_np((int)-result));
	else
		printf("worked\n");
	/* A new process of an attack, or the one changed, is not let go on. */
	kill(pid, SIGKILL);
	return 0;
}
#else
int
main(void)
{
	return SKIP;
}
#endif
