// SPDX-License-Identifier: Apache-2.0
/*
 * What the filters of sandboxes answer, by running their instructions here. Of
 * an int the kernel looks at 32 bits, and a filter sees 64: whatever stands in
 * the others, what is refused stays refused.
 */
#include "sandboxd/recipe/seccomp.h"

#include <assert.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#if defined __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#endif

#define ALLOWED	 SECCOMP_RET_ALLOW
#define ERROR(n) (SECCOMP_RET_ERRNO | (n))
#define NEW_SUBVOLUME 0x5000940e /* BTRFS_IOC_SUBVOL_CREATE */

/* What it answers; of an instruction that libseccomp does not use, none. */
static uint32_t
answer(const struct seccomp_filter *filter, const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (size_t at = 0; at < filter->n; at++) {
		const struct sock_filter *i = &filter->instructions[at];
		bool jumps = false;

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			assert(i->k + sizeof a <= sizeof *data);
			memcpy(&a, (const char *)data + i->k, sizeof a);
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			continue;
		case BPF_RET | BPF_K:
			return i->k;
		case BPF_JMP | BPF_JA:
			at += i->k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			jumps = a == i->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			jumps = a > i->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			jumps = a >= i->k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			jumps = (a & i->k) != 0;
			break;
		default:
			assert(false);
		}
		at += jumps ? i->jt : i->jf;
	}
	assert(false);
	return 0;
}

static uint32_t
ask(const struct seccomp_filter *filter, long call, uint64_t a, uint64_t b,
    uint64_t c)
{
	const struct seccomp_data data = {.nr = (int)call,
	    .arch = ARCHITECTURE, .args = {a, b, c}};

	return answer(filter, &data);
}

/* Calls with arguments that are compared, and which of these are ints. */
static const struct {
	long call;
	uint64_t args[3];
	uint32_t wanted;
	uint32_t ints; /* a bit each */
} rows[] = {
    {SYS_socket, {AF_INET, SOCK_STREAM, 0}, ALLOWED, 7},
    {SYS_socket, {AF_INET6, SOCK_STREAM, IPPROTO_TCP}, ALLOWED, 7},
    {SYS_socket, {AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE - 1}, ALLOWED, 7},
    {SYS_socket, {AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE},
	ERROR(EPROTONOSUPPORT), 7},
    {SYS_socket, {AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE + 1}, ALLOWED, 7},
    {SYS_socket, {AF_INET6, SOCK_STREAM, IPPROTO_MPTCP - 1}, ALLOWED, 7},
    {SYS_socket, {AF_INET6, SOCK_STREAM, IPPROTO_MPTCP},
	ERROR(EPROTONOSUPPORT), 7},
    {SYS_socket, {AF_UNIX, SOCK_STREAM, 0}, ALLOWED, 7},
    {SYS_socket, {AF_NETLINK, SOCK_RAW, 0}, ALLOWED, 7},
    {SYS_socket, {AF_NETLINK, SOCK_RAW, 12}, ERROR(EPROTONOSUPPORT), 7},
    {SYS_socket, {AF_PACKET, SOCK_RAW, 3}, ERROR(EAFNOSUPPORT), 7},
    {SYS_socket, {AF_VSOCK, SOCK_STREAM, 0}, ERROR(EAFNOSUPPORT), 7},
    {SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0}, ALLOWED, 7},
    {SYS_socketpair, {AF_TIPC, SOCK_STREAM, 0}, ERROR(EAFNOSUPPORT), 7},
    {SYS_setsockopt, {3, SOL_SOCKET, SO_REUSEADDR}, ALLOWED, 7},
    {SYS_setsockopt, {3, SOL_SOCKET, SO_SNDBUF}, ERROR(0), 7},
    {SYS_setsockopt, {3, SOL_SOCKET, SO_RCVBUF}, ERROR(0), 7},
    {SYS_setsockopt, {3, SOL_SOCKET, SO_KEEPALIVE}, ALLOWED, 7},
    {SYS_setsockopt, {3, SOL_SOCKET, SO_SNDBUFFORCE - 1}, ALLOWED, 7},
    {SYS_setsockopt, {3, SOL_SOCKET, SO_SNDBUFFORCE}, ERROR(0), 7},
    {SYS_setsockopt, {3, SOL_SOCKET, SO_RCVBUFFORCE}, ERROR(0), 7},
    {SYS_setsockopt, {3, SOL_SOCKET, SO_RCVBUFFORCE + 1}, ALLOWED, 7},
    {SYS_setsockopt, {3, SOL_SOCKET, SO_ZEROCOPY}, ALLOWED, 7},
    {SYS_setsockopt, {3, IPPROTO_IP, SO_RCVBUF}, ALLOWED, 7},
    {SYS_setsockopt, {3, IPPROTO_TCP, SO_RCVBUF}, ALLOWED, 7},
    {SYS_setsockopt, {3, IPPROTO_IPV6, SO_RCVBUF}, ALLOWED, 7},
    {SYS_setsockopt, {3, 287, SO_RCVBUF}, ALLOWED, 7},
    {SYS_prlimit64, {0, RLIMIT_NOFILE, 1}, ALLOWED, 3},
    {SYS_prlimit64, {0, RLIMIT_RTTIME, 1}, ALLOWED, 3},
    {SYS_prlimit64, {0, RLIMIT_CORE, 0}, ALLOWED, 3},
    {SYS_prlimit64, {0, RLIMIT_CORE, 1}, ERROR(0), 3},
    {SYS_prlimit64, {0, RLIMIT_CORE, 1UL << 32}, ERROR(0), 3},
    {SYS_setrlimit, {RLIMIT_NOFILE, 1}, ALLOWED, 1},
    {SYS_setrlimit, {RLIMIT_CORE, 1}, ERROR(0), 1},
    {SYS_clone, {CLONE_VM | CLONE_THREAD}, ALLOWED, 1},
    {SYS_clone, {CLONE_NEWUSER | CLONE_VM}, ERROR(EPERM), 1},
    {SYS_ioctl, {3, FIONREAD}, ALLOWED, 3},
    {SYS_ioctl, {3, NEW_SUBVOLUME}, ERROR(ENOSYS), 3},
    {SYS_personality, {0}, ALLOWED, 1},
    {SYS_personality, {0x1000}, ERROR(ENOSYS), 1},
    /* Dropped, for nobody inside needs them. */
    {SYS_pidfd_getfd, {0}, ERROR(ENOSYS), 0},
    {SYS_process_madvise, {0}, ERROR(ENOSYS), 0},
    {SYS_io_setup, {8}, ERROR(ENOSYS), 1},
    {SYS_bpf, {0}, ERROR(EPERM), 1},
    {SYS_clone3, {0}, ERROR(ENOSYS), 0},
};

static const uint64_t above[] = {1ULL << 32, 1ULL << 63, ~0ULL << 32};

static void
test_rows(const struct seccomp_filter *filter)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const uint64_t *args = rows[i].args;
		uint32_t got = ask(filter, rows[i].call, args[0], args[1],
		    args[2]);

		if (got != rows[i].wanted) {
			fprintf(stderr, "row %zu: %#x, not %#x\n", i, got,
			    rows[i].wanted);
			assert(false);
		}
	}
}

/* What the kernel takes for a row that is refused is not allowed: with all
 * that may stand above each of its ints. */
static void
test_above(const struct seccomp_filter *filter)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (unsigned set = 1; rows[i].wanted != ALLOWED && set < 8;
		    set++)
			for (size_t j = 0; (set & ~rows[i].ints) == 0 &&
			    j < sizeof above / sizeof *above; j++) {
				uint64_t args[3];

				for (unsigned n = 0; n < 3; n++)
					args[n] = rows[i].args[n] |
					    ((set >> n & 1) != 0 ? above[j] :
					    0);
				if (ask(filter, rows[i].call, args[0], args[1],
				    args[2]) != ALLOWED)
					continue;
				fprintf(stderr, "row %zu: allowed with %#llx "
				    "above %u\n", i,
				    (unsigned long long)above[j], set);
				assert(false);
			}
}

/* Each option of each level that a kernel may have. */
static void
test_options(const struct seccomp_filter *filter)
{
	for (unsigned level = 0; level < 512; level++)
		for (unsigned option = 0; option < 256; option++) {
			bool is_buffer = level == SOL_SOCKET &&
			    (option == SO_SNDBUF || option == SO_RCVBUF ||
			    option == SO_SNDBUFFORCE ||
			    option == SO_RCVBUFFORCE);

			assert(ask(filter, SYS_setsockopt, 3, level, option) ==
			    (is_buffer ? ERROR(0) : ALLOWED));
		}
}

/* Of a nesting sandbox, beside that: no packet filters, and all else. */
static void
test_nested(void)
{
	struct seccomp_filter filter = {0};
	struct err err = {0};

	assert(seccomp_filter_build_nested(&filter, &err) == 0);
	for (size_t j = 0; j <= sizeof above / sizeof *above; j++) {
		uint64_t bits = j == 0 ? 0 : above[j - 1];

		assert(ask(&filter, SYS_setsockopt, 3, IPPROTO_IP | bits,
		    64) == ERROR(EPERM));
		assert(ask(&filter, SYS_setsockopt, 3, IPPROTO_IP,
		    129 | bits) == ERROR(EPERM));
		assert(ask(&filter, SYS_setsockopt, 3, IPPROTO_IPV6 | bits,
		    65 | bits) == ERROR(EPERM));
	}
	assert(ask(&filter, SYS_setsockopt, 3, IPPROTO_IP, 63) == ALLOWED);
	assert(ask(&filter, SYS_setsockopt, 3, SOL_SOCKET, 64) == ALLOWED);
	assert(ask(&filter, SYS_unshare, 0, 0, 0) == ALLOWED);
	seccomp_filter_free(&filter);
}

int
main(void)
{
	struct seccomp_filter filter = {0};
	struct err err = {0};

	assert(seccomp_filter_build((struct seccomp_wish){
	    .are_cores_piped = true}, &filter, &err) == 0);
	printf("%u instructions\n", filter.n);
	test_rows(&filter);
	test_above(&filter);
	test_options(&filter);
	seccomp_filter_free(&filter);

	/* Where they are files, their limit is anybody's. */
	assert(seccomp_filter_build((struct seccomp_wish){
	    .is_nesting = true}, &filter, &err) == 0);
	assert(ask(&filter, SYS_prlimit64, 0, RLIMIT_CORE, 1) == ALLOWED);
	assert(ask(&filter, SYS_setrlimit, RLIMIT_CORE, 1, 0) == ALLOWED);
	assert(ask(&filter, SYS_clone, CLONE_NEWUSER, 0, 0) == ALLOWED);
	assert(ask(&filter, SYS_statfs, 1, 1, 0) == ALLOWED);
	seccomp_filter_free(&filter);
	test_nested();
	return 0;
}
