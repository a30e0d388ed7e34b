// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/disk/layer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/paths.h"
#include "sandboxd/disk/backend.h"
#include "sandboxd/disk/log.h"
#include "sandboxd/disk/tree.h"

/* In DISK_LAYERS, beside the layers: a symbolic link a label. */
#define LABELS ".labels"

int
layer_check(const struct disk_pool *pool, struct err *err)
{
	if (pool->backend->make_layer != NULL)
		return 0;
	return err_set(err, EOPNOTSUPP, "disk_backend: disks of this host are "
	    "%s, and templates are copies that btrfs alone makes",
	    pool->name);
}

static int
open_in(int folder_fd, const char *name, struct err *err)
{
	int fd = openat(folder_fd, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? err_errno(err, "cannot open %s", name) : fd;
}

/* The folder of all layers; it and the labels are made where they are not. */
static int
open_layers(const struct disk_pool *pool, struct err *err)
{
	auto_close int pool_fd = open_in(AT_FDCWD, pool->path, err);
	int fd;

	if (pool_fd < 0)
		return pool_fd;
	if (mkdirat(pool_fd, DISK_LAYERS, 0700) < 0 && errno != EEXIST)
		return err_errno(err, "cannot make %s", DISK_LAYERS);
	fd = open_in(pool_fd, DISK_LAYERS, err);
	if (fd >= 0 && mkdirat(fd, LABELS, 0700) < 0 && errno != EEXIST) {
		(void)err_errno(err, "cannot make %s", LABELS);
		close(fd);
		return -err->code;
	}
	return fd;
}

/* An id becomes a path. */
static int
check_id(const char *id, struct err *err)
{
	if (id[0] != '\0' && id[0] != '.' && strchr(id, '/') == NULL)
		return 0;
	return err_set(err, EINVAL, "not the id of a layer: \"%.40s\"", id);
}

/* What of a disk is of no use to who is stacked on it. */
static int
strip(int layer_fd, struct err *err)
{
	static const char *const names[] = {"work", DISK_TMP};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		auto_close int fd = openat(layer_fd, names[i],
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		int r = fd < 0 ? 0 : tree_empty(fd, 0);

		if (r < 0)
			return err_set(err, -r, "cannot empty %s: %s",
			    names[i], strerror(-r));
		if (unlinkat(layer_fd, names[i], AT_REMOVEDIR) < 0 &&
		    errno != ENOENT)
			return err_errno(err, "cannot remove %s", names[i]);
	}
	if (unlinkat(layer_fd, DISK_LOG, 0) < 0 && errno != ENOENT)
		return err_errno(err, "cannot remove %s", DISK_LOG);
	return 0;
}

static int
write_file(int layer_fd, const struct layer_file *file, struct err *err)
{
	auto_close int fd = openat(layer_fd, file->name,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int r = fd < 0 ? -errno : fd_write_all(fd, file->data, file->size);

	if (r < 0)
		return err_set(err, -r, "cannot write %s: %s", file->name,
		    strerror(-r));
	return 0;
}

static int
finish(const struct disk_pool *pool, int folder_fd, const char *id,
    const struct layer_file *files, size_t n_files, struct err *err)
{
	auto_close int fd = open_in(folder_fd, id, err);
	int r = fd < 0 ? fd : strip(fd, err);

	for (size_t i = 0; i < n_files && r == 0; i++)
		r = write_file(fd, &files[i], err);
	if (r == 0 && syncfs(fd) < 0)
		r = err_errno(err, "cannot write out a layer");
	return r < 0 ? r : pool->backend->seal_layer(fd, err);
}

int
layer_drop(const struct disk_pool *pool, const char *id, struct err *err)
{
	char folder[DISK_PATH_SIZE];
	int r;

	if ((r = layer_check(pool, err)) < 0 ||
	    (r = check_id(id, err)) < 0 ||
	    (r = path_join(folder, sizeof folder, pool->path, DISK_LAYERS,
	    err)) < 0)
		return r;
	return pool->backend->remove_copy(folder, id, err);
}

int
layer_make(const struct disk_pool *pool, const char *disk_id, const char *id,
    const struct layer_file *files, size_t n_files, struct err *err)
{
	auto_close int fd = -1;
	char path[DISK_PATH_SIZE];
	int r;

	if ((r = layer_check(pool, err)) < 0 ||
	    (r = check_id(id, err)) < 0 ||
	    (r = disk_path(pool, disk_id, path, err)) < 0)
		return r;
	fd = open_layers(pool, err);
	if (fd < 0)
		return fd;
	r = pool->backend->make_layer(path, fd, id, err);
	if (r < 0)
		return r;
	r = finish(pool, fd, id, files, n_files, err);
	if (r < 0)
		(void)layer_drop(pool, id, NULL);
	return r;
}

int
layer_path(const struct disk_pool *pool, const char *id, char *path,
    struct err *err)
{
	int r = check_id(id, err), n;

	if (r < 0)
		return r;
	n = snprintf(path, DISK_PATH_SIZE, "%s/%s/%s/%s", pool->path,
	    DISK_LAYERS, id, DISK_UP);
	return n < DISK_PATH_SIZE ? 0 : err_set(err, ENAMETOOLONG,
	    "layer %.40s: path too long", id);
}

static int
open_file(const struct disk_pool *pool, const char *id, const char *name,
    struct err *err)
{
	auto_close int fd = open_layers(pool, err);
	auto_close int layer_fd = fd < 0 ? fd : open_in(fd, id, err);
	int file_fd;

	if (layer_fd < 0)
		return layer_fd;
	file_fd = openat(layer_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	return file_fd < 0 ? err_errno(err, "cannot open %.40s of layer %.40s",
	    name, id) : file_fd;
}

int
layer_read(const struct disk_pool *pool, const char *id, const char *name,
    size_t size_max, char **ret, size_t *ret_size, struct err *err)
{
	auto_close int fd = -1;
	auto_free char *data = NULL;
	struct stat st;
	int r = check_id(id, err);

	if (r < 0)
		return r;
	fd = open_file(pool, id, name, err);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size < 0 ||
	    (size_t)st.st_size > size_max)
		return err_set(err, EBADMSG, "%.40s of layer %.40s: not what "
		    "was written", name, id);
	data = malloc((size_t)st.st_size + 1);
	if (data == NULL)
		return err_set(err, ENOMEM, "no memory");
	r = fd_read_all(fd, data, (size_t)st.st_size);
	if (r < 0)
		return err_set(err, -r, "cannot read %.40s of layer %.40s: %s",
		    name, id, strerror(-r));
	data[st.st_size] = '\0';
	*ret = data;
	*ret_size = (size_t)st.st_size;
	data = NULL;
	return 0;
}

int
layer_list(const struct disk_pool *pool,
    void (*found)(const char *id, void *data), void *data, struct err *err)
{
	char path[DISK_PATH_SIZE];
	struct dirent *entry;
	DIR *dir;
	int r = path_join(path, sizeof path, pool->path, DISK_LAYERS, err);

	if (r < 0)
		return r;
	dir = opendir(path);
	if (dir == NULL)
		return errno == ENOENT ? 0 : err_errno(err, "cannot list %s",
		    path);
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			found(entry->d_name, data);
	(void)closedir(dir);
	return 0;
}

static int
open_labels(const struct disk_pool *pool, const char *label, struct err *err)
{
	auto_close int fd = open_layers(pool, err);
	int r = fd < 0 ? fd : check_id(label, err);

	return r < 0 ? r : open_in(fd, LABELS, err);
}

int
layer_set_label(const struct disk_pool *pool, const char *label,
    const char *id, struct err *err)
{
	auto_close int fd = open_labels(pool, label, err);
	char made[NAME_MAX + 1]; /* by nobody else: an id is one layer's */
	int r = 0;

	if (fd < 0)
		return fd;
	if (id == NULL) {
		r = unlinkat(fd, label, 0) < 0 && errno != ENOENT ? -1 : 0;
	} else {
		(void)snprintf(made, sizeof made, ".%.64s", id);
		(void)unlinkat(fd, made, 0);
		if (symlinkat(id, fd, made) < 0 ||
		    renameat(fd, made, fd, label) < 0)
			r = -1;
	}
	if (r < 0 || fsync(fd) < 0)
		return err_errno(err, "cannot change label %.80s", label);
	return 0;
}

int
layer_get_label(const struct disk_pool *pool, const char *label, char *ret,
    size_t size, struct err *err)
{
	auto_close int fd = open_labels(pool, label, err);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = readlinkat(fd, label, ret, size);
	if (n < 0)
		return err_errno(err, "label %.80s", label);
	if ((size_t)n >= size)
		return err_set(err, EBADMSG, "label %.80s: too long", label);
	ret[n] = '\0';
	return 0;
}
