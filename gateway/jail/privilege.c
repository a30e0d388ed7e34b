// SPDX-License-Identifier: Apache-2.0
#include "gateway/jail/privilege.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CAPABILITIES_MAX 64

int
privilege_find_user(const char *name, uid_t *ret_uid, gid_t *ret_gid,
    struct err *err)
{
	const struct passwd *pw = getpwnam(name);

	if (pw == NULL)
		return err_set(err, ENOENT, "no user %s on this host", name);
	*ret_uid = pw->pw_uid;
	*ret_gid = pw->pw_gid;
	return 0;
}

int
privilege_find_group(const char *name, gid_t *ret_gid, struct err *err)
{
	const struct group *gr = getgrnam(name);

	if (gr == NULL)
		return err_set(err, ENOENT, "no group %s on this host", name);
	*ret_gid = gr->gr_gid;
	return 0;
}

int
privilege_become(const char *user, struct err *err)
{
	uid_t uid;
	gid_t gid;
	int r = privilege_find_user(user, &uid, &gid, err);

	if (r < 0)
		return r;
	if (uid == 0)
		return err_set(err, EINVAL, "user: must not be root");
	if (initgroups(user, gid) < 0 || setresgid(gid, gid, gid) < 0 ||
	    setresuid(uid, uid, uid) < 0)
		return err_errno(err, "become user %s", user);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_errno(err, "no_new_privs");
	if (setuid(0) == 0)
		return err_set(err, EPERM, "root could be had back");
	return 0;
}

int
privilege_limit(uint64_t keep, struct err *err)
{
	struct __user_cap_header_struct header = {
	    .version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};

	for (int i = 0; i < CAPABILITIES_MAX; i++) {
		if (keep >> i & 1 || prctl(PR_CAPBSET_READ, i, 0, 0, 0) != 1)
			continue;
		if (prctl(PR_CAPBSET_DROP, i, 0, 0, 0) < 0)
			return err_errno(err, "capability %d", i);
	}
	if (syscall(SYS_capget, &header, data) < 0)
		return err_errno(err, "capget");
	for (size_t i = 0; i < 2; i++) {
		data[i].permitted &= (uint32_t)(keep >> (32 * i));
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	if (syscall(SYS_capset, &header, data) < 0)
		return err_errno(err, "capset");
	return 0;
}
