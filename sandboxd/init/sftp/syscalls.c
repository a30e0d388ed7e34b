// SPDX-License-Identifier: Apache-2.0
/*
 * A filter by hand: the program is static, has no need for a library that
 * compiles them, and asks for numbers alone.
 */
#include "sandboxd/init/sftp/syscalls.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined __riscv && __riscv_xlen == 64
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#else
#error "which AUDIT_ARCH is this?"
#endif

/* Where the numbers of another way to call the same kernel begin (x32). */
#define FOREIGN_NUMBERS 0x40000000

static const uint32_t for_all[] = {
#ifdef SYS_open
    SYS_open, SYS_stat, SYS_lstat, SYS_readlink, SYS_getdents, SYS_time,
    SYS_poll,
#endif
    SYS_brk, SYS_clock_gettime, SYS_close, SYS_dup, SYS_exit, SYS_exit_group,
    SYS_fadvise64, SYS_fcntl, SYS_fstat, SYS_fstatfs, SYS_futex, SYS_getcwd,
    SYS_getdents64, SYS_getpid, SYS_getrandom, SYS_gettid, SYS_gettimeofday,
    SYS_getuid, SYS_lseek, SYS_madvise, SYS_mmap, SYS_mprotect, SYS_mremap,
    SYS_munmap, SYS_newfstatat, SYS_openat, SYS_openat2, SYS_pipe2, SYS_ppoll,
    SYS_pread64, SYS_read, SYS_readlinkat, SYS_restart_syscall,
    SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_splice,
    SYS_statfs, SYS_statx, SYS_write, SYS_writev,
};

static const uint32_t for_writers[] = {
#ifdef SYS_open
    SYS_chmod, SYS_chown, SYS_lchown, SYS_link, SYS_mkdir, SYS_rename,
    SYS_rmdir, SYS_symlink, SYS_unlink,
#endif
#ifdef SYS_fchmodat2
    SYS_fchmodat2,
#endif
    SYS_copy_file_range, SYS_fchmod, SYS_fchmodat, SYS_fchown, SYS_fchownat,
    SYS_fsync, SYS_ftruncate, SYS_linkat, SYS_mkdirat, SYS_pwrite64,
    SYS_renameat2, SYS_symlinkat, SYS_truncate, SYS_unlinkat, SYS_utimensat,
};

#define N_FOR_ALL     (sizeof for_all / sizeof *for_all)
#define N_FOR_WRITERS (sizeof for_writers / sizeof *for_writers)
#define INSTRUCTIONS_MAX (7 + 2 * (N_FOR_ALL + N_FOR_WRITERS))

static size_t
add(struct sock_filter *to, const uint32_t *numbers, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		*to++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
		    numbers[i], 0, 1);
		*to++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
		    SECCOMP_RET_ALLOW);
	}
	return 2 * n;
}

int
syscalls_limit(bool writes, struct err *err)
{
	const struct sock_filter refuse = BPF_STMT(BPF_RET | BPF_K,
	    SECCOMP_RET_ERRNO | EPERM);
	struct sock_filter filter[INSTRUCTIONS_MAX] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		offsetof(struct seccomp_data, arch)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
	    refuse,
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, FOREIGN_NUMBERS, 0, 1),
	    refuse,
	};
	size_t n = 6;
	struct sock_fprog program = {.filter = filter};

	n += add(filter + n, for_all, N_FOR_ALL);
	if (writes)
		n += add(filter + n, for_writers, N_FOR_WRITERS);
	filter[n++] = refuse;
	program.len = (unsigned short)n;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		return err_errno(err, "system call filter");
	return 0;
}
