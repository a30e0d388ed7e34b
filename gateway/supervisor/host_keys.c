// SPDX-License-Identifier: Apache-2.0
#include "gateway/supervisor/host_keys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fd.h"

#define SSH_KEYGEN "/usr/bin/ssh-keygen"
#define RSA_BITS   "3072"
#define SUFFIX	   "_key"

/* No NIST curve: who wants one puts a key there, and names the algorithm. */
static const struct {
	const char *type, *bits;
} kinds[] = {{"ed25519", "256"}, {"rsa", RSA_BITS}};
#define N_KINDS (sizeof kinds / sizeof *kinds)

static void
key_path(char path[PATH_MAX], const char *state_dir, const char *type,
    const char *suffix)
{
	snprintf(path, PATH_MAX, "%s/hostkeys/ssh_host_%s_key%s", state_dir,
	    type, suffix);
}

/* Runs ssh-keygen with the signals a program expects. */
static int
run_keygen(const char *type, const char *bits, const char *path,
    struct err *err)
{
	const char *argv[] = {SSH_KEYGEN, "-q", "-t", type, "-b", bits, "-N",
	    "", "-C", "sandgate", "-f", path, NULL};
	static char *const env[] = {NULL};
	posix_spawnattr_t attributes;
	sigset_t none;
	pid_t pid;
	int status, r;

	sigemptyset(&none);
	(void)posix_spawnattr_init(&attributes);
	(void)posix_spawnattr_setsigmask(&attributes, &none);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	r = posix_spawn(&pid, SSH_KEYGEN, NULL, &attributes,
	    (char *const *)(uintptr_t)argv, env);
	(void)posix_spawnattr_destroy(&attributes);
	if (r != 0)
		return err_set(err, r, "%s: %s (package openssh-client)",
		    SSH_KEYGEN, strerror(r));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_errno(err, "%s", SSH_KEYGEN);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return err_set(err, EIO, "%s -t %s failed", SSH_KEYGEN, type);
	return 0;
}

/* The private half is renamed last: where it is, its public half is too. */
static int
make_key(const char *state_dir, size_t kind, struct err *err)
{
	const char *type = kinds[kind].type;
	char path[PATH_MAX], public_path[PATH_MAX];
	char new_path[PATH_MAX], new_public_path[PATH_MAX];
	int r;

	key_path(path, state_dir, type, "");
	if (access(path, F_OK) == 0)
		return 0;
	key_path(public_path, state_dir, type, ".pub");
	key_path(new_path, state_dir, type, ".new");
	key_path(new_public_path, state_dir, type, ".new.pub");
	(void)unlink(new_path);
	(void)unlink(new_public_path);
	r = run_keygen(type, kinds[kind].bits, new_path, err);
	if (r < 0)
		return r;
	if (rename(new_public_path, public_path) < 0 ||
	    rename(new_path, path) < 0)
		return err_errno(err, "%s", path);
	return 0;
}

int
host_keys_make(const char *state_dir, struct err *err)
{
	char path[PATH_MAX];
	auto_close int fd = -1;

	snprintf(path, sizeof path, "%s/hostkeys", state_dir);
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return err_errno(err, "%s", path);
	for (size_t i = 0; i < N_KINDS; i++) {
		int r = make_key(state_dir, i, err);

		if (r < 0)
			return err_wrap(err, "host keys");
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		return err_errno(err, "%s", path);
	return 0;
}

static int
is_key(const struct dirent *entry)
{
	size_t size = strlen(entry->d_name), suffix_size = strlen(SUFFIX);

	return entry->d_name[0] != '.' && size > suffix_size &&
	    strcmp(entry->d_name + size - suffix_size, SUFFIX) == 0;
}

/* Ours come first, in the order of the table. */
static size_t
rank(const char *name)
{
	char ours[NAME_MAX + 1];

	for (size_t i = 0; i < N_KINDS; i++) {
		snprintf(ours, sizeof ours, "ssh_host_%s" SUFFIX,
		    kinds[i].type);
		if (strcmp(ours, name) == 0)
			return i;
	}
	return N_KINDS;
}

static int
compare(const struct dirent **a, const struct dirent **b)
{
	size_t rank_a = rank((*a)->d_name), rank_b = rank((*b)->d_name);

	if (rank_a != rank_b)
		return rank_a < rank_b ? -1 : 1;
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
open_key(const char *dir, const char *name, bool is_public, int *ret_fd,
    struct err *err)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/%s%s", dir, name,
	    is_public ? ".pub" : "");
	*ret_fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return *ret_fd < 0 ? err_errno(err, "%s", path) : 0;
}

int
host_keys_open(const char *state_dir, bool is_public,
    int ret_fds[HOST_KEYS_MAX], size_t *ret_n, struct err *err)
{
	char dir[PATH_MAX - NAME_MAX - 8];
	struct dirent **names;
	size_t n_open = 0;
	int n, r = 0;

	snprintf(dir, sizeof dir, "%s/hostkeys", state_dir);
	n = scandir(dir, &names, is_key, compare);
	if (n < 0)
		return err_errno(err, "%s", dir);
	if (n > HOST_KEYS_MAX)
		r = err_set(err, E2BIG, "%s: %d keys, more than %d", dir, n,
		    HOST_KEYS_MAX);
	for (int i = 0; i < n; i++) {
		if (r == 0)
			r = open_key(dir, names[i]->d_name, is_public,
			    &ret_fds[n_open], err);
		if (r == 0)
			n_open++;
		free(names[i]);
	}
	free(names);
	while (r < 0 && n_open > 0)
		fd_close(&ret_fds[--n_open]);
	*ret_n = n_open;
	return r;
}
