// SPDX-License-Identifier: Apache-2.0
#include "cli/cp_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/api.h"
#include "common/fd.h"

#define URL_SIZE 16384

/* The system's tar, and the end of a pipe that it reads or writes. */
struct tar {
	pid_t pid;
	FILE *pipe;
};

/*
 * Of an archive that comes out of a sandbox tar takes no name that leads out of
 * the folder, and puts links off that could lead others out; what is left is
 * what root could be made to make: no device, nothing of another's, no
 * set-user-ID.
 */
static void
exec_tar(const char *folder, bool is_unpacking, int fd)
{
	(void)dup2(fd, is_unpacking ? STDIN_FILENO : STDOUT_FILENO);
	(void)unsetenv("TAR_OPTIONS");
	if (is_unpacking) {
		(void)prctl(PR_CAPBSET_DROP, CAP_MKNOD, 0, 0, 0);
		(void)umask(0); /* modes are the archive's */
		(void)execlp("tar", "tar", "-x", "-f", "-", "-C", folder,
		    "--no-same-owner", "--no-same-permissions", NULL);
	} else {
		(void)execlp("tar", "tar", "-c", "-f", "-", "-C", folder,
		    "--", ".", NULL);
	}
	perror("sandgate: tar");
	_exit(127);
}

static int
start_tar(const char *folder, bool is_unpacking, struct tar *ret,
    struct err *err)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_errno(err, "pipe");
	ret->pid = fork();
	if (ret->pid == 0)
		exec_tar(folder, is_unpacking, fds[is_unpacking ? 0 : 1]);
	(void)signal(SIGPIPE, SIG_IGN); /* from now on: it says so itself */
	fd_close(&fds[is_unpacking ? 0 : 1]);
	ret->pipe = ret->pid < 0 ? NULL : fdopen(fds[is_unpacking ? 1 : 0],
	    is_unpacking ? "w" : "r");
	if (ret->pipe != NULL)
		return 0;
	fd_close(&fds[is_unpacking ? 1 : 0]);
	return err_errno(err, "tar");
}

/* r is what became of the other end. */
static int
end_tar(struct tar *tar, int r, struct err *err)
{
	bool is_written = fclose(tar->pipe) == 0;
	int status = 0;

	while (waitpid(tar->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (r < 0)
		return r;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 && is_written ?
	    0 : err_set(err, EIO, "tar did not take or give all of it");
}

bool
cp_is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The last name of a path; "" where that has none of its own. */
static const char *
last_name(const char *path, char ret[PATH_MAX])
{
	size_t n = strlen(path);
	const char *slash;

	while (n > 1 && path[n - 1] == '/')
		n--;
	snprintf(ret, PATH_MAX, "%.*s", (int)n, path);
	slash = strrchr(ret, '/');
	if (slash != NULL)
		memmove(ret, slash + 1, strlen(slash));
	return strcmp(ret, ".") == 0 || strcmp(ret, "..") == 0 ?
	    strcpy(ret, "") : ret;
}

/* Where it goes: below what is there already, by its own name. */
static int
join(char ret[PATH_MAX], const char *to, bool is_there, const char *name,
    struct err *err)
{
	const bool is_below = is_there && *name != '\0';

	return snprintf(ret, PATH_MAX, "%s%s%s", to, is_below ? "/" : "",
	    is_below ? name : "") < PATH_MAX ? 0 :
	    err_set(err, ENAMETOOLONG, "%.60s...: too long", to);
}

static int
make_url(char ret[URL_SIZE], const char *id, const char *suffix,
    const char *path, struct err *err)
{
	snprintf(ret, URL_SIZE, "/v1/sandboxes/%s/files%s", id, suffix);
	return api_add_query(ret, URL_SIZE, "path", path, err);
}

/* What is at a path of the sandbox: 1 for a folder, 0 for something else or
 * nothing, or -errno. */
static int
find_folder(struct cli *cli, const char *id, const char *path,
    struct err *err)
{
	auto_json json_t *answer = NULL;
	char url[URL_SIZE], real[PATH_MAX];
	int r;

	/* A link is followed by what is behind its slash. */
	r = snprintf(real, sizeof real, "%s/.", path) < (int)sizeof real ?
	    make_url(url, id, "/stat", real, err) :
	    err_set(err, ENAMETOOLONG, "%.60s...: too long", path);
	if (r == 0)
		r = api_call(cli, "GET", url, NULL, &answer, err);
	if (r == -ENOENT && strstr(err->text, "sandbox") == NULL)
		return 0;
	return r < 0 ? r :
	    strcmp(api_string(answer, "type"), "folder") == 0;
}

int
cp_put_folder(struct cli *cli, const char *folder, const char *id,
    const char *to)
{
	auto_json json_t *answer = NULL;
	char name[PATH_MAX], target[PATH_MAX], url[URL_SIZE];
	struct err err = {0};
	struct tar tar;
	int r = find_folder(cli, id, to, &err);

	if (r >= 0)
		r = join(target, to, r > 0, last_name(folder, name), &err);
	if (r == 0)
		r = make_url(url, id, "/tar", target, &err);
	if (r == 0)
		r = start_tar(folder, false, &tar, &err);
	if (r == 0)
		r = end_tar(&tar, api_upload(cli, url, tar.pipe, &answer,
		    &err), &err);
	if (r < 0)
		return cli_fail(&err);
	if (cli->is_json)
		api_print(answer);
	return CLI_OK;
}

int
cp_get_folder(struct cli *cli, const char *id, const char *from,
    const char *to)
{
	char name[PATH_MAX], target[PATH_MAX], url[URL_SIZE];
	struct err err = {0};
	struct tar tar;
	int r = find_folder(cli, id, from, &err);

	if (r == 0)
		return CP_NOT_A_FOLDER;
	if (r > 0)
		r = join(target, to, cp_is_folder(to), last_name(from, name),
		    &err);
	if (r == 0)
		r = make_url(url, id, "/tar", from, &err);
	if (r == 0 && mkdir(target, 0777) < 0 && errno != EEXIST)
		r = err_errno(&err, "%.200s", target);
	if (r == 0)
		r = start_tar(target, true, &tar, &err);
	if (r == 0)
		r = end_tar(&tar, api_download(cli, url, tar.pipe, &err),
		    &err);
	return r < 0 ? cli_fail(&err) : CLI_OK;
}
