// SPDX-License-Identifier: Apache-2.0
#include "gateway/jail/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/paths.h"

#define FILTER_SIZE_MAX (4096 * sizeof(struct sock_filter))

#ifdef __SANITIZE_ADDRESS__
/* What AddressSanitizer's run time asks for when it maps, reports and ends. */
static const struct jail_call sanitizer_calls[] = {
    {SCMP_SYS(sigaltstack), JAIL_ALLOW},
    {SCMP_SYS(sched_yield), JAIL_ALLOW},
    {SCMP_SYS(readlink), JAIL_REFUSE, .value = ENOENT},
    {SCMP_SYS(getrlimit), JAIL_ALLOW},
    {SCMP_SYS(prlimit64), JAIL_REFUSE, .value = EPERM},
    {SCMP_SYS(uname), JAIL_ALLOW},
    {SCMP_SYS(prctl), JAIL_ALLOW},
    {SCMP_SYS(gettid), JAIL_ALLOW},
    {SCMP_SYS(mmap), JAIL_ALLOW},
    {SCMP_SYS(mprotect), JAIL_ALLOW},
};
#endif

static void
release_context(scmp_filter_ctx *context)
{
	if (*context != NULL)
		seccomp_release(*context);
}

#define auto_context __attribute__((cleanup(release_context)))

static int
add_calls(scmp_filter_ctx context, const struct jail_call *calls, size_t n,
    struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		const struct jail_call *call = &calls[i];
		int r;

		if (call->action == JAIL_ALLOW_MASKED)
			r = seccomp_rule_add(context, SCMP_ACT_ALLOW,
			    call->number, 1,
			    SCMP_CMP(call->argument, SCMP_CMP_MASKED_EQ,
			    call->mask, call->value));
		else if (call->action == JAIL_REFUSE)
			r = seccomp_rule_add(context,
			    SCMP_ACT_ERRNO((uint16_t)call->value),
			    call->number, 0);
		else
			r = seccomp_rule_add(context, SCMP_ACT_ALLOW,
			    call->number, 0);
		/* A rule that an unconditional one makes superfluous. */
		if (r < 0 && r != -EEXIST)
			return err_set(err, -r, "system call %d: %s",
			    call->number, strerror(-r));
	}
	return 0;
}

/* The compiled program comes out of libseccomp through a descriptor only. */
static int
export_filter(scmp_filter_ctx context, struct jail_filter *ret,
    struct err *err)
{
	auto_close int fd = memfd_create("filter", MFD_CLOEXEC);
	auto_free void *code = NULL;
	struct stat st;
	int r;

	if (fd < 0)
		return err_errno(err, "memfd_create");
	r = seccomp_export_bpf(context, fd);
	if (r < 0)
		return err_set(err, -r, "seccomp_export_bpf: %s",
		    strerror(-r));
	if (fstat(fd, &st) < 0)
		return err_errno(err, "fstat");
	if (st.st_size == 0 || (size_t)st.st_size > FILTER_SIZE_MAX)
		return err_set(err, EINVAL, "a filter of %lld bytes",
		    (long long)st.st_size);
	code = malloc((size_t)st.st_size);
	if (code == NULL)
		return err_set(err, ENOMEM, "out of memory");
	if (pread(fd, code, (size_t)st.st_size, 0) != st.st_size)
		return err_errno(err, "pread");
	ret->n = (size_t)st.st_size / sizeof(struct sock_filter);
	ret->code = code;
	code = NULL;
	return 0;
}

int
jail_filter_build(const struct jail_call *calls, size_t n_calls,
    struct jail_filter *ret, struct err *err)
{
	auto_context scmp_filter_ctx context =
	    seccomp_init(SCMP_ACT_KILL_PROCESS);
	int r;

	if (context == NULL)
		return err_set(err, ENOMEM, "seccomp_init failed");
	/* 2 = a binary tree: the cost does not grow with the table. */
	(void)seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
#ifdef __SANITIZE_ADDRESS__
	r = add_calls(context, sanitizer_calls,
	    sizeof sanitizer_calls / sizeof *sanitizer_calls, err);
	if (r < 0)
		return r;
#endif
	r = add_calls(context, calls, n_calls, err);
	if (r < 0)
		return r;
	return export_filter(context, ret, err);
}

void
jail_filter_free(struct jail_filter *filter)
{
	free(filter->code);
	memset(filter, 0, sizeof *filter);
}

int
jail_filter_load(const struct jail_filter *filter, struct err *err)
{
	struct sock_fprog program = {.len = (unsigned short)filter->n,
	    .filter = filter->code};

	/* The kernel logs kills unasked; refusals are not worth a line. */
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		return err_errno(err, "seccomp");
	return 0;
}

static int
drop_user(const struct passwd *user, struct err *err)
{
	if (user->pw_uid == 0 || user->pw_gid == 0)
		return err_set(err, EINVAL, "the jail's user must not be root");
	if (setgroups(0, NULL) < 0)
		return err_errno(err, "setgroups");
	if (setresgid(user->pw_gid, user->pw_gid, user->pw_gid) < 0)
		return err_errno(err, "setresgid %u", user->pw_gid);
	if (setresuid(user->pw_uid, user->pw_uid, user->pw_uid) < 0)
		return err_errno(err, "setresuid %u", user->pw_uid);
	return 0;
}

/* One that is lower already, by the host's leave, stays. */
static int
lower_limit(const struct jail_limit *wanted, struct err *err)
{
	struct rlimit limit;

	if (getrlimit(wanted->resource, &limit) < 0)
		return err_errno(err, "getrlimit %d", wanted->resource);
	if (limit.rlim_max > wanted->value)
		limit.rlim_max = wanted->value;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(wanted->resource, &limit) < 0)
		return err_errno(err, "setrlimit %d", wanted->resource);
	return 0;
}

static int
lower_limits(const struct jail *jail, struct err *err)
{
	const struct jail_limit usual[] = {
	    {RLIMIT_CORE, 0},
	    {RLIMIT_MEMLOCK, 0},
#ifndef __SANITIZE_ADDRESS__
	    {RLIMIT_DATA, jail->data_max_bytes},
#endif
	};
	struct stat st;
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof usual / sizeof *usual; i++)
		r = lower_limit(&usual[i], err);
	for (size_t i = 0; r == 0 && i < jail->n_limits; i++)
		r = lower_limit(&jail->limits[i], err);
	if (r == 0 && jail->file_max_bytes != NULL &&
	    (fstat(STDERR_FILENO, &st) < 0 || !S_ISREG(st.st_mode)))
		r = lower_limit(&(struct jail_limit){RLIMIT_FSIZE,
		    *jail->file_max_bytes}, err);
	return r;
}

static int
enter(const struct jail *jail, const struct jail_filter *filter,
    struct err *err)
{
	const struct passwd *user = getpwnam(jail->user);
	char root_dir[CONF_STRING_SIZE];
	int r = jail->root_dir != NULL ?
	    path_join(root_dir, sizeof root_dir, jail->root_dir, "", err) :
	    path_join(root_dir, sizeof root_dir, jail->run_dir, "empty", err);

	if (r < 0)
		return r;
	if (user == NULL)
		return err_set(err, ENOENT, "jail_user: no user \"%s\"",
		    jail->user);
	if (chroot(root_dir) < 0 || chdir("/") < 0)
		return err_errno(err, "chroot %s", root_dir);
	r = drop_user(user, err);
	if (r < 0)
		return r;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_errno(err, "no_new_privs");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_errno(err, "PR_SET_DUMPABLE");
	r = lower_limits(jail, err);
	return r < 0 ? r : jail_filter_load(filter, err);
}

int
jail_enter(const struct jail *jail, struct err *err)
{
	struct jail_filter filter = {0};
	int r = jail_filter_build(jail->calls, jail->n_calls, &filter, err);

	if (r == 0)
		r = enter(jail, &filter, err);
	jail_filter_free(&filter);
	return r;
}
