// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/init/scp/record.h"
#include "sandboxd/init/scp/scp.h"

/* Times to give to the next file or directory. */
struct times {
	bool is_set;
	struct timespec values[2];
};

static int receive(struct scp *scp, bool is_top);

/* Without -p a new file gets neither set-id bits nor what the umask takes. */
static mode_t
wanted_mode(const struct scp *scp, const struct scp_record *record)
{
	return scp->keeps_times ? record->mode :
	    record->mode & ~(scp->mask | 07000);
}

/* Adds "/name" to the path where that is a directory to put things into. */
static int
append(struct scp *scp, const char *name)
{
	size_t used = strlen(scp->path), size = strlen(name);
	bool is_root = strcmp(scp->path, "/") == 0;

	if (used + size + 2 > sizeof scp->path)
		return -ENAMETOOLONG;
	if (used > 0 && !is_root)
		scp->path[used++] = '/';
	memcpy(scp->path + used, name, size + 1);
	return 0;
}

/* The data of one file. Writes on fd until writing fails, reads all of it. */
static int
receive_data(struct scp *scp, int fd, uint64_t size, int *ret_code)
{
	size_t part;
	int r;

	while (size > 0) {
		r = scp_fill(scp);
		if (r <= 0)
			return r == 0 ? -EPIPE : r;
		part = scp->end - scp->start;
		if (part > size)
			part = (size_t)size;
		if (*ret_code == 0) {
			r = fd_write_all(fd, scp->buffer + scp->start, part);
			*ret_code = -r;
		}
		scp->start += part;
		size -= part;
	}
	return 0;
}

/* Length, mode and times as the peer has them. The failing step, or NULL. */
static const char *
finish_file(const struct scp *scp, int fd, const struct scp_record *record,
    const struct stat *old, const struct times *times)
{
	mode_t mode = wanted_mode(scp, record);

	if ((old == NULL || S_ISREG(old->st_mode)) &&
	    ftruncate(fd, (off_t)record->size) < 0)
		return "truncate";
	/* A new file has it already, unless it was made writable for us. What
	 * writing took of it, set-id bits, stays off, as with scp. */
	if ((scp->keeps_times || old == NULL) &&
	    (old != NULL || (mode & S_IWUSR) == 0) &&
	    fchmod(fd, mode) < 0)
		return "set mode";
	if (times->is_set && futimens(fd, times->values) < 0)
		return "set times";
	return NULL;
}

static int
receive_file(struct scp *scp, const struct scp_record *record,
    const struct times *times)
{
	mode_t mode = wanted_mode(scp, record);
	const char *step = "write";
	struct stat st;
	bool exists = stat(scp->path, &st) == 0;
	auto_close int fd = open(scp->path,
	    O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, mode | S_IWUSR);
	int r, code = 0;

	if (fd < 0)
		return scp_error(scp, "%s: %s", scp->path, strerror(errno));
	r = scp_ok(scp);
	if (r == 0)
		r = receive_data(scp, fd, record->size, &code);
	if (r < 0)
		return r;
	if (code == 0) {
		step = finish_file(scp, fd, record, exists ? &st : NULL,
		    times);
		code = step != NULL ? errno : 0;
	}
	if (close(take_fd(&fd)) < 0 && code == 0) {
		code = errno;
		step = "close";
	}
	r = scp_read_response(scp);
	if (r < 0)
		return r;
	return code != 0 ? scp_error(scp, "%s: %s: %s", scp->path, step,
	    strerror(code)) : scp_ok(scp);
}

static int
receive_directory(struct scp *scp, const struct scp_record *record,
    const struct times *times)
{
	mode_t mode = wanted_mode(scp, record);
	bool sets_mode = scp->keeps_times;
	struct stat st;
	int r;

	if (!scp->is_recursive || scp->depth >= SCP_DEPTH_MAX) {
		(void)scp_error(scp, scp->is_recursive ?
		    "protocol error: directories too deep" :
		    "protocol error: received directory without -r");
		return -EBADMSG;
	}
	if (stat(scp->path, &st) == 0) {
		if (!S_ISDIR(st.st_mode))
			return scp_error(scp, "%s: %s", scp->path,
			    strerror(ENOTDIR));
	} else {
		sets_mode = true;
		/* Writable for us until it is full. */
		if (mkdir(scp->path, mode | S_IRWXU) < 0)
			return scp_error(scp, "%s: %s", scp->path,
			    strerror(errno));
	}
	scp->depth++;
	r = receive(scp, false);
	scp->depth--;
	if (r < 0)
		return r;
	if (times->is_set &&
	    utimensat(AT_FDCWD, scp->path, times->values, 0) < 0)
		r = scp_error(scp, "%s: set times: %s", scp->path,
		    strerror(errno));
	if (sets_mode && chmod(scp->path, mode) < 0)
		r = scp_error(scp, "%s: set mode: %s", scp->path,
		    strerror(errno));
	return r;
}

/* One file or directory, at the path or, in a directory, below it. */
static int
receive_entry(struct scp *scp, const struct scp_record *record, bool is_below,
    const struct times *times)
{
	size_t used = strlen(scp->path);
	int r;

	if (is_below && append(scp, record->name) < 0)
		return scp_error(scp, "%s/%s: name too long", scp->path,
		    record->name);
	r = record->type == SCP_FILE ? receive_file(scp, record, times) :
	    receive_directory(scp, record, times);
	scp->path[used] = '\0';
	return r;
}

/* Records up to the end of this directory, or of everything. */
static int
receive(struct scp *scp, bool is_top)
{
	struct times times = {.is_set = false};
	char line[SCP_LINE_SIZE];
	struct scp_record record;
	const char *why;
	struct stat st;
	int r = scp_ok(scp);
	bool is_below = stat(scp->path, &st) == 0 && S_ISDIR(st.st_mode);

	while (r == 0) {
		r = scp_read_line(scp, line);
		if (r <= 0)
			break; /* its end, where the input ends */
		r = 0;
		why = scp_record_parse(line, &record);
		if (why != NULL) {
			(void)scp_error(scp, "protocol error: %s", why);
			return -EBADMSG;
		}
		switch (record.type) {
		case SCP_WARNING:
			scp->n_errors++;
			break;
		case SCP_FATAL:
			return -EBADMSG;
		case SCP_END:
			return is_top ? -EBADMSG : scp_ok(scp);
		case SCP_TIMES:
			times = (struct times){true,
			    {{.tv_sec = record.accessed_s},
			    {.tv_sec = record.modified_s}}};
			r = scp_ok(scp);
			break;
		case SCP_FILE:
		case SCP_DIRECTORY:
			r = receive_entry(scp, &record, is_below, &times);
			times.is_set = false;
			break;
		}
	}
	return r;
}

int
scp_sink(struct scp *scp, const char *target)
{
	struct stat st;

	if (strlen(target) >= sizeof scp->path)
		return scp_error(scp, "target: name too long"), -ENAMETOOLONG;
	strcpy(scp->path, target);
	if (scp->keeps_times)
		(void)umask(0); /* modes exactly as the peer has them */
	if (scp->wants_directory) {
		int code = stat(target, &st) < 0 ? errno :
		    S_ISDIR(st.st_mode) ? 0 : ENOTDIR;

		if (code != 0) {
			(void)scp_error(scp, "%s: %s", target, strerror(code));
			return -code;
		}
	}
	return receive(scp, true);
}
