// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/init/scp/record.h"
#include "sandboxd/init/scp/scp.h"

#define MODE_BITS (S_ISUID | S_ISGID | S_IRWXU | S_IRWXG | S_IRWXO)

static int give(struct scp *scp);

/* The last part of the path; trailing slashes were cut off. */
static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

static int
send_line(struct scp *scp, const char *line)
{
	int r = fd_write_all(scp->out_fd, line, strlen(line));

	return r < 0 ? r : scp_read_response(scp);
}

/* T, where asked for, then C or D. 1 where the peer agrees, 0 where not. */
static int
send_record(struct scp *scp, const struct stat *st)
{
	char line[SCP_LINE_SIZE];
	int r;

	if (scp->keeps_times) {
		snprintf(line, sizeof line, "T%lld 0 %lld 0\n",
		    (long long)(st->st_mtime > 0 ? st->st_mtime : 0),
		    (long long)(st->st_atime > 0 ? st->st_atime : 0));
		r = send_line(scp, line);
		if (r <= 0)
			return r;
	}
	snprintf(line, sizeof line, "%c%04o %lld %.255s\n",
	    S_ISDIR(st->st_mode) ? 'D' : 'C', st->st_mode & MODE_BITS,
	    S_ISDIR(st->st_mode) ? 0LL : (long long)st->st_size,
	    base_name(scp->path));
	return send_line(scp, line);
}

/*
 * Exactly size bytes, whatever happens to the file: zeros once reading it
 * fails, which *ret_code tells.
 */
static int
send_data(struct scp *scp, int fd, uint64_t size, int *ret_code)
{
	uint8_t part[64 * 1024];
	ssize_t n;
	int r;

	while (size > 0) {
		size_t max = size < sizeof part ? (size_t)size : sizeof part;

		n = *ret_code == 0 ? read(fd, part, max) : 0;
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			if (*ret_code == 0)
				*ret_code = n < 0 ? errno : EIO;
			memset(part, 0, max);
			n = (ssize_t)max;
		}
		r = fd_write_all(scp->out_fd, part, (size_t)n);
		if (r < 0)
			return r;
		size -= (uint64_t)n;
	}
	return 0;
}

static int
give_file(struct scp *scp, int fd, const struct stat *st)
{
	int code = 0, r = send_record(scp, st);

	if (r <= 0)
		return r;
	r = send_data(scp, fd, (uint64_t)st->st_size, &code);
	if (r == 0)
		r = code != 0 ? scp_error(scp, "%s: %s", scp->path,
		    strerror(code)) : scp_ok(scp);
	if (r < 0)
		return r;
	r = scp_read_response(scp);
	return r < 0 ? r : 0;
}

static int
give_entries(struct scp *scp, DIR *dir)
{
	size_t used = strlen(scp->path);
	const struct dirent *entry;
	int r = 0;

	while (r == 0 && (entry = readdir(dir)) != NULL) {
		const char *name = entry->d_name;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		if (used + strlen(name) + 2 > sizeof scp->path) {
			r = scp_error(scp, "%s/%s: name too long", scp->path,
			    name);
			continue;
		}
		if (scp->path[used - 1] != '/')
			scp->path[used] = '/';
		strcpy(scp->path + used + (scp->path[used - 1] != '/'), name);
		r = give(scp);
		scp->path[used] = '\0';
	}
	return r;
}

static int
give_directory(struct scp *scp, int *fd, const struct stat *st)
{
	DIR *dir;
	int r;

	if (scp->depth >= SCP_DEPTH_MAX)
		return scp_error(scp, "%s: directories too deep", scp->path);
	dir = fdopendir(*fd);
	if (dir == NULL)
		return scp_error(scp, "%s: %s", scp->path, strerror(errno));
	(void)take_fd(fd);
	r = send_record(scp, st);
	if (r > 0) {
		scp->depth++;
		r = give_entries(scp, dir);
		scp->depth--;
		if (r == 0)
			r = send_line(scp, "E\n");
		r = r > 0 ? 0 : r;
	}
	(void)closedir(dir);
	return r;
}

/* What is at the path. 0 also where it could not be: the peer was told. */
static int
give(struct scp *scp)
{
	/* O_NONBLOCK: a FIFO among the files is refused, not waited for. */
	auto_close int fd = open(scp->path,
	    O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return scp_error(scp, "%s: %s", scp->path, strerror(errno));
	/* A line end cannot be told; the peer would read another record. */
	if (strchr(base_name(scp->path), '\n') != NULL)
		return scp_error(scp, "%s: name with a line end", scp->path);
	if (S_ISREG(st.st_mode))
		return give_file(scp, fd, &st);
	if (S_ISDIR(st.st_mode) && scp->is_recursive)
		return give_directory(scp, &fd, &st);
	return scp_error(scp, "%s: not a regular file", scp->path);
}

int
scp_source(struct scp *scp, char *const *paths, int n_paths)
{
	size_t size;
	int r = scp_read_response(scp);

	for (int i = 0; i < n_paths && r >= 0; i++) {
		size = strlen(paths[i]);
		if (size == 0 || size >= sizeof scp->path) {
			r = scp_error(scp, "%s: %s", paths[i],
			    strerror(size == 0 ? ENOENT : ENAMETOOLONG));
			continue;
		}
		strcpy(scp->path, paths[i]);
		while (size > 1 && scp->path[size - 1] == '/')
			scp->path[--size] = '\0';
		r = give(scp);
	}
	return r < 0 ? r : 0;
}
