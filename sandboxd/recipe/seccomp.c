// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/recipe/seccomp.h"

#include <errno.h>
#include <linux/btrfs.h>
#include <linux/fs.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/statfs_plain.h"
#include "common/sysinfo_plain.h"
#include "sandboxd/recipe/seccomp_syscalls.h"

/* More than the kernel takes of one filter cannot be right. */
#define INSTRUCTIONS_MAX 4096

/* No level or option of setsockopt(2) that a kernel has is above. */
#define SOCKET_LEVEL_MAX  511
#define SOCKET_OPTION_MAX 255

#define CLONE_NAMESPACES                                                       \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |         \
	    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

/* Compiled programs ask personality(2) for these alone. */
static const uint64_t personalities[] = {0, 0x8, 0x20000, 0x20008,
	0x0040000 /* no address randomisation: debuggers */, 0xffffffff};

static int
add_names(scmp_filter_ctx context, uint32_t action, const char *const *names,
    struct err *err)
{
	for (size_t i = 0; names[i] != NULL; i++) {
		int number = seccomp_syscall_resolve_name(names[i]), r;

		/* Negative: this architecture or library has none. */
		if (number < 0)
			continue;
		r = seccomp_rule_add(context, action, number, 0);
		if (r < 0)
			return err_set(err, -r, "system call filter: %s: %s",
			    names[i], strerror(-r));
	}
	return 0;
}

/*
 * Allows what has an argument from first to last, and `also`, unless NULL: a
 * rule for each block of a power of two, as one sees an argument once. Of an
 * int the kernel looks at 32 bits and a rule at 64, so "any other number" would
 * be a way around what is refused: what is allowed is told by its numbers, and
 * all that is above is refused.
 */
static int
add_range(scmp_filter_ctx context, int call, const struct scmp_arg_cmp *also,
    unsigned argument, uint64_t first, uint64_t last)
{
	int r = 0;

	while (r == 0 && first <= last) {
		struct scmp_arg_cmp compare[2] = {{.arg = argument,
		    .op = SCMP_CMP_MASKED_EQ, .datum_b = first}};
		uint64_t size = 1;

		while (first % (2 * size) == 0 && last - first >= 2 * size - 1)
			size *= 2;
		compare[0].datum_a = ~(size - 1);
		if (also != NULL)
			compare[1] = *also;
		r = seccomp_rule_add_array(context, SCMP_ACT_ALLOW, call,
		    also != NULL ? 2 : 1, compare);
		first += size;
	}
	return r;
}

/* Of netlink: what tells of routes and, to `ss` and others, of sockets, both of
 * the caller's network namespace alone. */
static const int netlink_protocols[] = {NETLINK_ROUTE, NETLINK_SOCK_DIAG};

/* Those that are not among them; the others are compared one by one. */
static int
add_netlink(scmp_filter_ctx context)
{
	int r = 0;

	for (int protocol = 0; r == 0 && protocol < MAX_LINKS; protocol++) {
		bool is_allowed = false;

		for (size_t i = 0; i < sizeof netlink_protocols /
		    sizeof *netlink_protocols; i++)
			is_allowed = is_allowed ||
			    netlink_protocols[i] == protocol;
		r = seccomp_rule_add(context, is_allowed ? SCMP_ACT_ALLOW :
		    SCMP_ACT_ERRNO(EPROTONOSUPPORT), SCMP_SYS(socket), 2,
		    SCMP_A0(SCMP_CMP_EQ, AF_NETLINK),
		    SCMP_A2(SCMP_CMP_EQ, (uint64_t)protocol));
	}
	if (r == 0)
		r = seccomp_rule_add(context, SCMP_ACT_ERRNO(EPROTONOSUPPORT),
		    SCMP_SYS(socket), 2, SCMP_A0(SCMP_CMP_EQ, AF_NETLINK),
		    SCMP_A2(SCMP_CMP_GE, MAX_LINKS));
	return r;
}

/*
 * Of the protocols of IP, all but MPTCP, the last there is, and UDP-Lite, which
 * no program inside needs: they answer as on a kernel without them, and who
 * would rather have MPTCP (Go's listeners) takes TCP.
 */
static int
add_protocols(scmp_filter_ctx context, uint64_t family)
{
	const struct scmp_arg_cmp is_family = SCMP_A0(SCMP_CMP_EQ, family);
	const uint32_t absent = SCMP_ACT_ERRNO(EPROTONOSUPPORT);
	int r = add_range(context, SCMP_SYS(socket), &is_family, 2, 0,
	    IPPROTO_UDPLITE - 1);

	if (r == 0)
		r = seccomp_rule_add(context, absent, SCMP_SYS(socket), 2,
		    is_family, SCMP_A2(SCMP_CMP_EQ, IPPROTO_UDPLITE));
	if (r == 0)
		r = add_range(context, SCMP_SYS(socket), &is_family, 2,
		    IPPROTO_UDPLITE + 1, IPPROTO_MPTCP - 1);
	if (r == 0)
		r = seccomp_rule_add(context, absent, SCMP_SYS(socket), 2,
		    is_family, SCMP_A2(SCMP_CMP_GE, IPPROTO_MPTCP));
	return r;
}

/* The families a program needs. The others answer as on a kernel without them,
 * which PAM and sudo expect of the audit system. */
static int
add_sockets(scmp_filter_ctx context)
{
	const uint32_t absent = SCMP_ACT_ERRNO(EAFNOSUPPORT);
	int r = 0;

	for (uint64_t family = 0; r == 0 && family < AF_NETLINK; family++)
		r = family == AF_INET || family == AF_INET6 ?
		    add_protocols(context, family) :
		    seccomp_rule_add(context, family == AF_UNIX ?
		    SCMP_ACT_ALLOW : absent, SCMP_SYS(socket), 1,
		    SCMP_A0(SCMP_CMP_EQ, family));
	if (r == 0)
		r = seccomp_rule_add(context, absent, SCMP_SYS(socket), 1,
		    SCMP_A0(SCMP_CMP_GT, AF_NETLINK));
	if (r == 0)
		r = add_netlink(context);
	if (r == 0)
		r = seccomp_rule_add(context, SCMP_ACT_ALLOW,
		    SCMP_SYS(socketpair), 1, SCMP_A0(SCMP_CMP_EQ, AF_UNIX));
	if (r == 0)
		r = seccomp_rule_add(context, absent, SCMP_SYS(socketpair), 1,
		    SCMP_A0(SCMP_CMP_NE, AF_UNIX));
	return r;
}

/*
 * Buffers of sockets that no group is charged for (netlink, ICMP, Unix) may not
 * be raised. The filter sees a number and not the socket, so it is for all; it
 * succeeds and does nothing, as programs expect no error here. TCP's buffers
 * grow by themselves.
 */
static int
add_socket_options(scmp_filter_ctx context)
{
	static const uint64_t buffers[] = {SO_SNDBUF, SO_RCVBUF,
	    SO_SNDBUFFORCE, SO_RCVBUFFORCE};
	const struct scmp_arg_cmp is_socket = SCMP_A1(SCMP_CMP_EQ, SOL_SOCKET);
	const uint32_t unknown = SCMP_ACT_ERRNO(ENOPROTOOPT);
	const int call = SCMP_SYS(setsockopt);
	uint64_t next = 0;
	int r = add_range(context, call, NULL, 1, 0, SOL_SOCKET - 1);

	if (r == 0)
		r = add_range(context, call, NULL, 1, SOL_SOCKET + 1,
		    SOCKET_LEVEL_MAX);
	if (r == 0)
		r = seccomp_rule_add(context, unknown, call, 1,
		    SCMP_A1(SCMP_CMP_GT, SOCKET_LEVEL_MAX));
	for (size_t i = 0; r == 0 && i < sizeof buffers / sizeof *buffers;
	    i++) {
		r = add_range(context, call, &is_socket, 2, next,
		    buffers[i] - 1);
		if (r == 0)
			r = seccomp_rule_add(context, SCMP_ACT_ERRNO(0), call,
			    2, is_socket, SCMP_A2(SCMP_CMP_EQ, buffers[i]));
		next = buffers[i] + 1;
	}
	if (r == 0)
		r = add_range(context, call, &is_socket, 2, next,
		    SOCKET_OPTION_MAX);
	if (r == 0)
		r = seccomp_rule_add(context, unknown, call, 2, is_socket,
		    SCMP_A2(SCMP_CMP_GT, SOCKET_OPTION_MAX));
	return r;
}

/*
 * Of btrfs's own requests only those that copy blocks: whoever may write to a
 * folder of one could make subvolumes there (/tmp), which count for nobody and
 * keep the disk from being deleted. The kernel looks at 32 bits of a request;
 * all whose type differs in some bit are allowed.
 */
static int
add_requests(scmp_filter_ctx context)
{
	static const uint32_t copies[] = {FICLONE, FICLONERANGE,
	    FIDEDUPERANGE};
	const uint32_t type = (uint32_t)BTRFS_IOCTL_MAGIC << _IOC_TYPESHIFT;
	int r = 0;

	for (unsigned i = 0; r == 0 && i < _IOC_TYPEBITS; i++) {
		const uint32_t bit = 1U << (_IOC_TYPESHIFT + i);

		r = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(ioctl),
		    1, SCMP_A1(SCMP_CMP_MASKED_EQ, bit, ~type & bit));
	}
	for (size_t i = 0; r == 0 && i < sizeof copies / sizeof *copies; i++)
		r = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(ioctl),
		    1, SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, copies[i]));
	return r;
}

/* Of calls that change a limit: all but that of core dumps, and none that no
 * kernel has. */
static int
add_other_limits(scmp_filter_ctx context, int call, unsigned argument)
{
	int r = add_range(context, call, NULL, argument, 0, RLIMIT_CORE - 1);

	if (r == 0)
		r = add_range(context, call, NULL, argument, RLIMIT_CORE + 1,
		    RLIM_NLIMITS - 1);
	if (r == 0)
		r = seccomp_rule_add(context, SCMP_ACT_ERRNO(EINVAL), call, 1,
		    SCMP_CMP(argument, SCMP_CMP_GE, RLIM_NLIMITS));
	return r;
}

/*
 * Where the host pipes core dumps to a program of its own, that would run as
 * its root over a crash inside. Of all limits only 1 prevents it (core(5)): it
 * is set at birth (inside.c), and cannot be changed, lowered least of all.
 */
static int
add_resource_limits(scmp_filter_ctx context, bool are_cores_piped)
{
	const uint32_t core = are_cores_piped ? SCMP_ACT_ERRNO(0) :
	    SCMP_ACT_ALLOW;
	int r = add_other_limits(context, SCMP_SYS(setrlimit), 0);

	if (r == 0)
		r = seccomp_rule_add(context, core, SCMP_SYS(setrlimit), 1,
		    SCMP_A0(SCMP_CMP_EQ, RLIMIT_CORE));
	if (r == 0)
		r = add_other_limits(context, SCMP_SYS(prlimit64), 1);
	if (r == 0)
		r = seccomp_rule_add(context, SCMP_ACT_ALLOW,
		    SCMP_SYS(prlimit64), 2, SCMP_A1(SCMP_CMP_EQ, RLIMIT_CORE),
		    SCMP_A2(SCMP_CMP_EQ, 0));
	if (r == 0)
		r = seccomp_rule_add(context, core, SCMP_SYS(prlimit64), 2,
		    SCMP_A1(SCMP_CMP_EQ, RLIMIT_CORE),
		    SCMP_A2(SCMP_CMP_NE, 0));
	return r;
}

/* clone(2), where sandboxes do not nest without namespaces; with one it is
 * EPERM, not ENOSYS, so that programs that try to confine themselves go on
 * without. */
static int
add_clone(scmp_filter_ctx context, bool is_nesting)
{
	int r;

	if (is_nesting)
		return seccomp_rule_add(context, SCMP_ACT_ALLOW,
		    SCMP_SYS(clone), 0);
	r = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
	    SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NAMESPACES, 0));

	for (uint64_t flag = 1; r == 0 && flag <= CLONE_NAMESPACES; flag <<= 1)
		if ((flag & CLONE_NAMESPACES) != 0)
			r = seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM),
			    SCMP_SYS(clone), 1,
			    SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag));
	return r;
}

/* What the kernel would tell of the host (sandboxd/init/answers.h), but with
 * this argument, the first that it has none of. */
static const struct {
	const char *name;
	unsigned argument;
	uint64_t plain;
} asked[] = {
    {"statfs", 2, STATFS_PLAIN},
    {"fstatfs", 2, STATFS_PLAIN},
    {"sysinfo", 1, SYSINFO_PLAIN},
};

/* *ret: whether anybody is asked, which this kernel or library may not do. */
static int
add_asked(scmp_filter_ctx context, bool is_asking, bool *ret)
{
	int r = 0;

	*ret = is_asking;
	for (size_t i = 0; r == 0 && i < sizeof asked / sizeof *asked; i++) {
		const int number = seccomp_syscall_resolve_name(asked[i].name);
		struct scmp_arg_cmp plain = {.arg = asked[i].argument,
		    .op = SCMP_CMP_NE, .datum_a = asked[i].plain};

		if (*ret)
			*ret = seccomp_rule_add_array(context, SCMP_ACT_NOTIFY,
			    number, 1, &plain) == 0;
		plain.op = SCMP_CMP_EQ;
		r = seccomp_rule_add_array(context, SCMP_ACT_ALLOW, number,
		    *ret ? 1 : 0, &plain);
	}
	return r;
}

static int
add_conditional(scmp_filter_ctx context, struct seccomp_wish wish,
    bool *ret_is_asking, struct err *err)
{
	int r = add_sockets(context);

	if (r == 0)
		r = add_asked(context, !wish.is_nesting, ret_is_asking);

	if (r == 0)
		r = add_socket_options(context);
	if (r == 0)
		r = add_requests(context);
	if (r == 0)
		r = add_resource_limits(context, wish.are_cores_piped);
	if (r == 0)
		r = add_clone(context, wish.is_nesting);
	return r < 0 ? err_set(err, -r, "system call filter: %s",
	    strerror(-r)) : 0;
}

static int
add_personalities(scmp_filter_ctx context, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 &&
	    i < sizeof personalities / sizeof *personalities; i++)
		r = seccomp_rule_add(context, SCMP_ACT_ALLOW,
		    SCMP_SYS(personality), 1,
		    SCMP_A0(SCMP_CMP_EQ, personalities[i]));
	return r < 0 ? err_set(err, -r, "system call filter: personality: %s",
	    strerror(-r)) : 0;
}

/* libseccomp writes to a descriptor only. */
static int
export(scmp_filter_ctx context, struct seccomp_filter *ret, struct err *err)
{
	auto_close int fd = memfd_create("seccomp", MFD_CLOEXEC);
	struct sock_filter *instructions;
	struct stat st;
	int r;

	if (fd < 0)
		return err_errno(err, "system call filter");
	if ((r = seccomp_export_bpf(context, fd)) < 0)
		return err_set(err, -r, "system call filter: export: %s",
		    strerror(-r));
	if (fstat(fd, &st) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return err_errno(err, "system call filter");
	if (st.st_size > INSTRUCTIONS_MAX * (off_t)sizeof *instructions)
		return err_set(err, E2BIG, "system call filter: %lld bytes",
		    (long long)st.st_size);
	if ((instructions = malloc((size_t)st.st_size)) == NULL)
		return err_set(err, ENOMEM, "system call filter: no memory");
	if ((r = fd_read_all(fd, instructions, (size_t)st.st_size)) < 0) {
		free(instructions);
		return err_set(err, -r, "system call filter: read");
	}
	ret->instructions = instructions;
	ret->n = (unsigned short)((size_t)st.st_size / sizeof *instructions);
	return 0;
}

/* no_new_privs stays off; the list is searched as a tree; a foreign
 * architecture's numbers mean something else. */
static int
set_attributes(scmp_filter_ctx context, uint32_t foreign, struct err *err)
{
	if (seccomp_attr_set(context, SCMP_FLTATR_CTL_NNP, 0) < 0 ||
	    seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2) < 0 ||
	    seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, foreign) < 0)
		return err_set(err, EINVAL, "system call filter: attributes");
	return 0;
}

static int
add_all(scmp_filter_ctx context, struct seccomp_wish wish,
    bool *ret_is_asking, struct err *err)
{
	int r;

	if ((r = set_attributes(context, SCMP_ACT_ERRNO(ENOSYS), err)) < 0 ||
	    (r = add_names(context, SCMP_ACT_ALLOW, seccomp_allowed,
	    err)) < 0 ||
	    (r = add_names(context, wish.is_nesting ? SCMP_ACT_ALLOW :
	    SCMP_ACT_ERRNO(EPERM), seccomp_nesting, err)) < 0 ||
	    (!wish.is_nesting && (r = add_names(context,
	    SCMP_ACT_ERRNO(EPERM), seccomp_keys, err)) < 0) ||
	    (r = add_names(context, SCMP_ACT_ERRNO(EPERM), seccomp_refused,
	    err)) < 0 ||
	    (r = add_conditional(context, wish, ret_is_asking, err)) < 0)
		return r;
	return add_personalities(context, err);
}

int
seccomp_filter_build(struct seccomp_wish wish, struct seccomp_filter *ret,
    struct err *err)
{
	/* ENOSYS, so that glibc falls back from clone3 to clone, whose flags
	 * the filter can see. */
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int r;

	if (context == NULL)
		return err_set(err, ENOMEM, "system call filter: no memory");
	r = add_all(context, wish, &ret->is_asking, err);
	if (r == 0)
		r = export(context, ret, err);
	seccomp_release(context);
	return r;
}

/* Of iptables, arptables and ebtables, by the kernel's numbers; ip6tables has
 * the first two on its own level. All else is allowed, so they are compared in
 * the 32 bits that the kernel looks at. */
static const struct {
	int level, option;
} packet_filters[] = {
    {IPPROTO_IP, 64}, {IPPROTO_IP, 65}, {IPPROTO_IP, 96}, {IPPROTO_IP, 97},
    {IPPROTO_IP, 128}, {IPPROTO_IP, 129}, {IPPROTO_IPV6, 64},
    {IPPROTO_IPV6, 65},
};

int
seccomp_filter_build_nested(struct seccomp_filter *ret, struct err *err)
{
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
	int r;

	if (context == NULL)
		return err_set(err, ENOMEM, "system call filter: no memory");
	r = set_attributes(context, SCMP_ACT_ALLOW, err);
	for (size_t i = 0; r == 0 &&
	    i < sizeof packet_filters / sizeof *packet_filters; i++) {
		r = seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM),
		    SCMP_SYS(setsockopt), 2,
		    SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX,
		    (uint64_t)packet_filters[i].level),
		    SCMP_A2(SCMP_CMP_MASKED_EQ, UINT32_MAX,
		    (uint64_t)packet_filters[i].option));
		if (r < 0)
			err_set(err, -r, "system call filter: setsockopt");
	}
	if (r == 0)
		r = export(context, ret, err);
	seccomp_release(context);
	return r;
}

void
seccomp_filter_free(struct seccomp_filter *filter)
{
	free(filter->instructions);
	filter->instructions = NULL;
	filter->n = 0;
}

int
seccomp_filter_load(const struct seccomp_filter *filter,
    int *ret_listener_fd, struct err *err)
{
	struct sock_fprog program = {filter->n, filter->instructions};
	const bool is_asking = filter->is_asking && ret_listener_fd != NULL;
	/* Without SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: who waits so cannot
	 * be frozen, and who answers may be already. */
	const unsigned long flags = is_asking ?
	    SECCOMP_FILTER_FLAG_NEW_LISTENER : 0;
	const long r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags,
	    &program);

	if (r < 0)
		return err_errno(err, "load system call filter");
	if (is_asking)
		*ret_listener_fd = (int)r;
	return 0;
}
