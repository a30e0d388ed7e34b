// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/files/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/rpc_calls.h"
#include "sandboxd/init/files/attributes.h"
#include "sandboxd/init/files/inflater.h"
#include "sandboxd/init/files/pack.h"
#include "sandboxd/init/files/place.h"
#include "sandboxd/init/files/search.h"
#include "sandboxd/init/files/transfer.h"
#include "sandboxd/init/files/tree.h"
#include "sandboxd/init/files/unpack.h"
#include "sandboxd/init/files/watch.h"
#include "sandboxd/init/files/xattrs.h"

#define SOCKET_FD   STDIN_FILENO
#define BLOCK_BYTES 65536

struct files {
	bool is_read_only; /* what changes a file is refused */
	int open_fd;	   /* for reading; -1 = none */
	int given_fd;	   /* that came with what is served; borrowed */
	struct place place;
	struct inflater *inflater; /* that its bytes go through; or NULL */
	char xattrs[64]; /* the prefix of those that are told; "": none */
	int broken; /* -errno of the socket */
};

static void
tell(struct files *files, const struct rpc_call *row, const void *event)
{
	int r = rpc_send_request(SOCKET_FD, row, 0, event, NULL, 0, 0);

	if (r < 0 && r != -EMSGSIZE)
		files->broken = r;
}

static void
tell_info(struct files *files, const char *name, const struct stat *st,
    const char *target)
{
	const struct rpc_file_info_event event = {.name = name,
	    .mode = st->st_mode, .uid = st->st_uid, .gid = st->st_gid,
	    .size = (uint64_t)st->st_size, .modified_ns =
	    st->st_mtim.tv_sec < 0 ? 0 : (uint64_t)st->st_mtim.tv_sec *
	    1000000000 + (uint64_t)st->st_mtim.tv_nsec,
	    .inode = st->st_ino, .target = target};

	tell(files, &rpc_call_file_info, &event);
}

static void
tell_xattrs(struct files *files, int folder_fd, const char *name)
{
	char told[XATTRS_TOLD_MAX];
	struct rpc_file_xattrs_event event;

	if (files->xattrs[0] == '\0')
		return;
	event.xattrs = xattrs_get(folder_fd, name, files->xattrs, told);
	if (event.xattrs.count > 0)
		tell(files, &rpc_call_file_xattrs, &event);
}

/* What is at a name, links not followed. 0 or -errno. */
static int
look(struct files *files, int folder_fd, const char *name)
{
	char target[PATH_MAX] = "";
	struct stat st;
	ssize_t n;

	if (fstatat(folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode)) {
		n = readlinkat(folder_fd, name, target, sizeof target - 1);
		target[n > 0 ? n : 0] = '\0';
	}
	tell_xattrs(files, folder_fd, name);
	tell_info(files, name, &st, target);
	return 0;
}

/* Of the folder that paths are from, where it is. */
static int
look_here(struct files *files)
{
	char here[PATH_MAX] = "";
	struct stat st;

	if (stat(".", &st) < 0)
		return -errno;
	if (getcwd(here, sizeof here) == NULL || here[0] != '/')
		here[0] = '\0';
	tell_info(files, ".", &st, here);
	return 0;
}

static int
serve_stat(struct files *files, const void *data, struct err *err)
{
	const struct rpc_file_stat_event *event = data;
	int r = strcmp(event->path, ".") == 0 ? look_here(files) :
	    look(files, AT_FDCWD, event->path);

	return r < 0 ? tree_fail(err, -r, event->path) : 0;
}

static int
serve_list(struct files *files, const void *data, struct err *err)
{
	const struct rpc_file_list_event *event = data;
	const struct dirent *entry;
	struct stat st;
	DIR *folder = opendir(event->path);

	/* One whose entries cannot be looked at is not an empty one. */
	if (folder == NULL || fstat(dirfd(folder), &st) < 0 ||
	    faccessat(dirfd(folder), ".", X_OK, 0) < 0) {
		tree_fail(err, errno, event->path);
		if (folder != NULL)
			(void)closedir(folder);
		return -err->code;
	}
	tell_info(files, "", &st, "");
	while (files->broken == 0 && (entry = readdir(folder)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			/* One that has gone meanwhile is not there. */
			(void)look(files, dirfd(folder), entry->d_name);
	(void)closedir(folder);
	return 0;
}

static int
fail_of_kind(struct err *err, const char *path)
{
	return err_set(err, EINVAL, "path: \"%.128s\" is no regular file",
	    path);
}

static int
serve_open(struct files *files, const void *data, struct err *err)
{
	const struct rpc_file_open_event *event = data;
	struct stat st;

	fd_close(&files->open_fd);
	/* O_NONBLOCK: a FIFO would wait for somebody to write to it. */
	files->open_fd = open(event->path,
	    O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (files->open_fd < 0 && (errno == ENXIO || errno == ENODEV))
		return fail_of_kind(err, event->path); /* a socket, a device */
	if (files->open_fd < 0 || fstat(files->open_fd, &st) < 0)
		return tree_fail(err, errno, event->path);
	if (S_ISDIR(st.st_mode))
		return err_set(err, EISDIR, "path: \"%.128s\" is a folder",
		    event->path);
	if (!S_ISREG(st.st_mode))
		return fail_of_kind(err, event->path);
	tell_info(files, "", &st, "");
	return 0;
}

static int
serve_read(struct files *files, const void *data, struct err *err)
{
	const struct rpc_file_read_event *event = data;
	static uint8_t block[BLOCK_BYTES];
	struct rpc_bytes_event bytes = {.data = {block, 0}};
	uint64_t done = 0;
	ssize_t n;

	while (files->broken == 0 && done < event->size) {
		n = pread(files->open_fd, block, event->size - done <
		    sizeof block ? (size_t)(event->size - done) : sizeof block,
		    (off_t)(event->offset + done));
		if (n < 0)
			return err_errno(err, "read");
		if (n == 0)
			return err_set(err, EIO, "the file became shorter");
		bytes.data.size = (uint32_t)n;
		tell(files, &rpc_call_bytes, &bytes);
		done += (uint64_t)n;
	}
	return 0;
}

static int
serve_send(struct files *files, const void *data, struct err *err)
{
	const struct rpc_file_send_event *event = data;

	return transfer_send(files->open_fd, event->offset, event->size,
	    files->given_fd, err);
}

/* Nothing is being written any more. */
static void
undo(struct files *files)
{
	place_undo(&files->place);
	inflater_free(files->inflater);
	files->inflater = NULL;
}

static int
serve_write(struct files *files, const void *data, struct err *err)
{
	const struct rpc_file_write_event *event = data;

	undo(files);
	return place_begin(&files->place, event->path, event->mode,
	    event->size, err);
}

static int
serve_take(struct files *files, const void *data, struct err *err)
{
	const struct rpc_file_take_event *event = data;

	if (files->place.fd < 0 || files->inflater != NULL)
		return err_set(err, EBADF, "nothing is being written so");
	return transfer_take(&files->place, event->size, files->given_fd, err);
}

static int
serve_set_xattr(struct files *files, const void *data, struct err *err)
{
	const struct rpc_file_set_xattr_event *event = data;

	if (files->place.fd < 0) /* it has failed */
		return 0;
	return xattrs_set(files->place.fd, event->name, event->value, err);
}

static int
serve_inflate(struct files *files, const void *data, struct err *err)
{
	(void)data;
	if (files->place.fd < 0 || files->inflater != NULL)
		return 0;
	return inflater_new(&files->inflater, err);
}

static int
serve_tell_xattrs(struct files *files, const void *data, struct err *err)
{
	const struct rpc_file_tell_xattrs_event *event = data;

	(void)err;
	snprintf(files->xattrs, sizeof files->xattrs, "%s", event->prefix);
	return 0;
}

static int
put_in_place(void *arg, const void *data, size_t size, struct err *err)
{
	return place_write(arg, data, size, err);
}

static int
serve_bytes(struct files *files, const void *data, struct err *err)
{
	const struct rpc_bytes_event *event = data;

	if (files->place.fd < 0) /* of one that has failed */
		return 0;
	if (files->inflater != NULL)
		return inflater_take(files->inflater, event->data.data,
		    event->data.size, put_in_place, &files->place, err);
	return place_write(&files->place, event->data.data, event->data.size,
	    err);
}

static int
serve_bytes_end(struct files *files, const void *data, struct err *err)
{
	struct stat st;
	int r = 0;

	(void)data;
	if (files->place.fd < 0)
		return err_set(err, EBADF, "nothing is being written");
	if (files->inflater != NULL)
		r = inflater_end(files->inflater, err);
	if (r == 0)
		r = place_commit(&files->place, err);
	if (r == 0 && fstat(files->place.fd, &st) == 0)
		tell_info(files, files->place.name, &st, "");
	undo(files);
	return r;
}

static int
serve_remove(struct files *files, const void *data, struct err *err)
{
	const struct rpc_file_remove_event *event = data;

	(void)files;
	return tree_remove(event->path, event->is_recursive != 0, err);
}

static int
serve_make_folder(struct files *files, const void *data, struct err *err)
{
	const struct rpc_file_make_folder_event *event = data;
	int r = tree_make_folder(event->path, event->mode != 0 ?
	    event->mode & 07777 : 0755, err);

	if (r == 0)
		r = look(files, AT_FDCWD, event->path);
	return r;
}

static int
serve_move(struct files *files, const void *data, struct err *err)
{
	const struct rpc_file_move_event *event = data;
	int r = tree_move(event->path, event->target, event->replaces != 0,
	    err);

	if (r == 0)
		(void)look(files, AT_FDCWD, event->target);
	return r;
}

static void
tell_change(void *arg, uint32_t change, const char *name)
{
	tell(arg, &rpc_call_file_change,
	    &(struct rpc_file_change_event){change, name});
}

static int
serve_watch(struct files *files, const void *data, struct err *err)
{
	const struct rpc_file_watch_event *event = data;

	return watch_folder(SOCKET_FD, event->path, event->is_recursive != 0,
	    tell_change, files, err);
}

static int
serve_change_mode(struct files *files, const void *data, struct err *err)
{
	const struct rpc_file_change_mode_event *event = data;
	int r = attributes_change(event->path, event->mode, event->owner,
	    event->is_recursive != 0, err);

	if (r == 0)
		(void)look(files, AT_FDCWD, event->path);
	return r;
}

static int
tell_match(void *arg, const char *name, mode_t mode, uint64_t line,
    const void *text, size_t size)
{
	struct files *files = arg;

	tell(files, &rpc_call_file_match, &(struct rpc_file_match_event){name,
	    mode, line, {text, (uint32_t)size}});
	return files->broken;
}

static void
tell_begin(void *arg)
{
	const struct stat st = {.st_mode = S_IFDIR};

	tell_info(arg, "", &st, "");
}

static int
serve_search(struct files *files, const void *data, struct err *err)
{
	const struct rpc_file_search_event *event = data;
	const struct search search = {event->path, event->name, event->text,
	    event->flags, event->limit, tell_begin, tell_match, files};
	struct stat st;

	if (stat(event->path, &st) < 0 || (!S_ISDIR(st.st_mode) &&
	    (errno = ENOTDIR) != 0))
		return tree_fail(err, errno, event->path);
	return search_folder(&search, err);
}

static int
put_bytes(void *arg, const void *data, size_t size)
{
	struct files *files = arg;
	struct rpc_bytes_event bytes = {.stream = 0};
	size_t done = 0;

	for (; files->broken == 0 && done < size; done += bytes.data.size) {
		bytes.data.data = (const uint8_t *)data + done;
		bytes.data.size = (uint32_t)(size - done < BLOCK_BYTES ?
		    size - done : BLOCK_BYTES);
		tell(files, &rpc_call_bytes, &bytes);
	}
	return files->broken;
}

static int
serve_pack(struct files *files, const void *data, struct err *err)
{
	const struct rpc_file_pack_event *event = data;

	return pack_folder(event->path, event->is_compressed != 0, put_bytes,
	    files, err);
}

/* What comes while an archive is unpacked. */
struct feed {
	struct rpc_message message; /* whose bytes are being used */
	bool is_over;
};

/* As unpack_folder has it: the next bytes, 0 behind the last. */
static ssize_t
get_bytes(void *arg, const void **ret)
{
	struct rpc_bytes_event bytes;
	struct feed *feed = arg;
	int r;

	while (!feed->is_over) {
		rpc_message_free(&feed->message);
		r = rpc_receive(SOCKET_FD, &feed->message, 0);
		if (r != 1)
			return r < 0 ? r : -EPIPE;
		if (rpc_open_request(&rpc_call_bytes, &feed->message,
		    &bytes) == 0) {
			*ret = bytes.data.data;
			if (bytes.data.size > 0)
				return bytes.data.size;
		} else if (feed->message.header.number ==
		    rpc_call_bytes_end.number) {
			feed->is_over = true;
		} else {
			return -EBADMSG;
		}
	}
	return 0;
}

static int
serve_unpack(struct files *files, const void *data, struct err *err)
{
	const struct rpc_file_unpack_event *event = data;
	struct unpacked unpacked = {0};
	struct feed feed = {.is_over = false};
	int r = tree_make_folder(event->path, 0755, err);

	if (r == 0)
		r = look(files, AT_FDCWD, event->path);
	if (r == 0)
		r = unpack_folder(event->path, get_bytes, &feed, &unpacked,
		    err);
	rpc_message_free(&feed.message);
	if (r == 0)
		tell(files, &rpc_call_file_unpacked,
		    &(struct rpc_file_unpacked_event){unpacked.files,
		    unpacked.folders, unpacked.links, unpacked.size});
	return r;
}

static const struct row {
	const struct rpc_call *call;
	/* Tells what there is to tell; 0 or -errno with words. */
	int (*serve)(struct files *files, const void *event, struct err *err);
	bool changes;  /* something */
	bool is_quiet; /* its success is not told */
} rows[] = {
    {&rpc_call_file_stat, serve_stat},
    {&rpc_call_file_list, serve_list},
    {&rpc_call_file_open, serve_open},
    {&rpc_call_file_read, serve_read},
    {&rpc_call_file_send, serve_send},
    {&rpc_call_file_write, serve_write, .changes = true},
    {&rpc_call_file_take, serve_take, .changes = true},
    {&rpc_call_bytes, serve_bytes, .changes = true, .is_quiet = true},
    {&rpc_call_bytes_end, serve_bytes_end, .changes = true},
    {&rpc_call_file_set_xattr, serve_set_xattr, .changes = true,
	.is_quiet = true},
    {&rpc_call_file_inflate, serve_inflate, .changes = true,
	.is_quiet = true},
    {&rpc_call_file_tell_xattrs, serve_tell_xattrs, .is_quiet = true},
    {&rpc_call_file_remove, serve_remove, .changes = true},
    {&rpc_call_file_make_folder, serve_make_folder, .changes = true},
    {&rpc_call_file_move, serve_move, .changes = true},
    {&rpc_call_file_watch, serve_watch},
    {&rpc_call_file_change_mode, serve_change_mode, .changes = true},
    {&rpc_call_file_search, serve_search},
    {&rpc_call_file_pack, serve_pack},
    {&rpc_call_file_unpack, serve_unpack, .changes = true},
};

static const struct row *
find_row(uint16_t number)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].call->number == number)
			return &rows[i];
	return NULL;
}

/* 0 or -EBADMSG. */
static int
serve(struct files *files, const struct rpc_message *message)
{
	const struct row *row = find_row(message->header.number);
	struct rpc_done_event done = {.words = ""};
	struct err err = {0};
	union rpc_any event;
	int r;

	if (row == NULL || rpc_open_request(row->call, message, &event) < 0)
		return -EBADMSG;
	files->given_fd = message->n_fds > 0 ? message->fds[0] : -1;
	if (row->changes && files->is_read_only)
		r = err_set(&err, EACCES, "files: this login changes none");
	else
		r = row->serve(files, &event, &err);
	if (r == 0 && row->is_quiet)
		return 0;
	if (r < 0) {
		undo(files);
		done.code = (uint32_t)-r;
		done.words = err.text;
	}
	tell(files, &rpc_call_done, &done);
	return 0;
}

int
files_main(int argc, char **argv)
{
	struct files files = {.open_fd = -1, .place = {.fd = -1,
	    .folder_fd = -1}};
	int r = 0;

	if (argc > 2 || (argc == 2 && strcmp(argv[1], "-R") != 0)) {
		fprintf(stderr, "usage: sandbox-files [-R]\n");
		return 2;
	}
	/* As the SFTP server: who may only write files shall not write this
	 * process's memory. */
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return 1;
	(void)signal(SIGPIPE, SIG_IGN);
	files.is_read_only = argc == 2;
	while (r == 0 && files.broken == 0) {
		auto_rpc_message struct rpc_message message = {0};

		r = rpc_receive(SOCKET_FD, &message, 0);
		if (r == 1)
			r = serve(&files, &message);
		else if (r == 0)
			break;
		if (r == -EINTR)
			r = 0;
	}
	undo(&files);
	fd_close(&files.open_fd);
	return r < 0;
}
