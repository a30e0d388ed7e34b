// SPDX-License-Identifier: Apache-2.0
/*
 * The registry: whatever fails, what was acknowledged is there when it is
 * opened again, and what was not is there whole or not at all. SQLite's
 * allocations and system calls fail as ours do.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandboxd/registry/registry.h"
#include "tests/fault/fault.h"

/* In memory: thousands of runs, each with its fsyncs. */
static char folder[] = "/dev/shm/fault-registry-XXXXXX";
static char path[64];

/* What was acknowledged; -1 = nobody knows. */
static int is_there, is_running;

/* With the size in front, which SQLite asks for. */
static void *
sqlite_malloc(int size)
{
	uint64_t *p = fault_malloc((size_t)size + sizeof *p);

	if (p == NULL)
		return NULL;
	*p = (uint64_t)size;
	return p + 1;
}

static void
sqlite_free(void *data)
{
	if (data != NULL)
		free((uint64_t *)data - 1);
}

static void *
sqlite_realloc(void *data, int size)
{
	uint64_t *p = fault_realloc((uint64_t *)data - 1,
	    (size_t)size + sizeof *p);

	if (p == NULL)
		return NULL;
	*p = (uint64_t)size;
	return p + 1;
}

static int
sqlite_size(void *data)
{
	return data == NULL ? 0 : (int)((uint64_t *)data)[-1];
}

static int
sqlite_round(int size)
{
	return (size + 7) / 8 * 8;
}

static int
sqlite_start(void *data)
{
	(void)data;
	return SQLITE_OK;
}

static void
sqlite_stop(void *data)
{
	(void)data;
}

static int
sqlite_open_call(const char *name, int flags, int mode)
{
	return fault_due("sqlite open", EMFILE, true) ? -1 :
	    open(name, flags, mode);
}

static ssize_t
sqlite_pread_call(int fd, void *data, size_t size, off_t at)
{
	return fault_due("sqlite pread", EIO, true) ? -1 :
	    pread(fd, data, size, at);
}

static ssize_t
sqlite_pwrite_call(int fd, const void *data, size_t size, off_t at)
{
	return fault_due("sqlite pwrite", ENOSPC, true) ? -1 :
	    pwrite(fd, data, size, at);
}

static int
sqlite_truncate_call(int fd, off_t size)
{
	return fault_due("sqlite ftruncate", EIO, true) ? -1 :
	    ftruncate(fd, size);
}

static int
sqlite_fstat_call(int fd, struct stat *st)
{
	return fault_due("sqlite fstat", EIO, false) ? -1 : fstat(fd, st);
}

/* In front of the C library's, for SQLite has no other way to be given them. */
int
fdatasync(int fd)
{
	return fault_due("fdatasync", EIO, true) ? -1 :
	    (int)syscall(SYS_fdatasync, fd);
}

int
fsync(int fd)
{
	return fault_due("fsync", EIO, true) ? -1 :
	    (int)syscall(SYS_fsync, fd);
}

static void
set_up_sqlite(void)
{
	static const struct {
		const char *name;
		sqlite3_syscall_ptr function;
	} rows[] = {
	    {"open", (sqlite3_syscall_ptr)sqlite_open_call},
	    {"pread", (sqlite3_syscall_ptr)sqlite_pread_call},
	    {"pread64", (sqlite3_syscall_ptr)sqlite_pread_call},
	    {"pwrite", (sqlite3_syscall_ptr)sqlite_pwrite_call},
	    {"pwrite64", (sqlite3_syscall_ptr)sqlite_pwrite_call},
	    {"ftruncate", (sqlite3_syscall_ptr)sqlite_truncate_call},
	    {"fstat", (sqlite3_syscall_ptr)sqlite_fstat_call},
	};
	static const sqlite3_mem_methods methods = {sqlite_malloc, sqlite_free,
	    sqlite_realloc, sqlite_size, sqlite_round, sqlite_start,
	    sqlite_stop, NULL};
	sqlite3_vfs *vfs;

	assert(sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK);
	/* Page caches that are kept would hide failures. */
	assert(sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0) ==
	    SQLITE_OK);
	assert(sqlite3_initialize() == SQLITE_OK);
	vfs = sqlite3_vfs_find(NULL);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		(void)vfs->xSetSystemCall(vfs, rows[i].name,
		    rows[i].function);
}

static void
remove_files(void)
{
	static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
	char name[80];

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		snprintf(name, sizeof name, "%s%s", path, ends[i]);
		(void)remove(name);
	}
}

static struct sandbox_record
make_record(void)
{
	static char env[] = "A=1\0B=2";
	struct sandbox_record record = {.id = "sb_000000000001",
	    .org = "acme", .name = "n", .template_name = "base", .slot = 1,
	    .state = SANDBOX_CREATING, .memory_limit_bytes = 1ULL << 30,
	    .pids_limit = 256, .cpu_limit_millis = 1000,
	    .disk_limit_bytes = 1ULL << 30, .env = env,
	    .env_size = sizeof env, .created_ms = 1234567890123};

	return record;
}

static int
see(struct sandbox_record *record, void *data, struct err *err)
{
	unsigned *n = data;

	(void)err;
	++*n;
	assert(strcmp(record->id, "sb_000000000001") == 0);
	assert(strcmp(record->org, "acme") == 0);
	assert(record->env_size == 8 && memcmp(record->env, "A=1\0B=2", 8) ==
	    0);
	if (is_running >= 0)
		assert((record->state == SANDBOX_RUNNING) == is_running);
	return 0;
}

/* With its words, and only where something failed. */
static bool
succeeded(int r, const struct err *err)
{
	assert(r == 0 || (r < 0 && fault_happened() && err->code == -r &&
	    err->text[0] != '\0'));
	return r == 0;
}

/* Opens it as it was left: nothing fails any more. */
static void
look(void)
{
	struct registry *registry = NULL;
	struct err err = {0};
	unsigned n = 0;

	fault_stop();
	assert(registry_open(path, &registry, &err) == 0);
	assert(registry_load(registry, see, &n, &err) == 0);
	assert(is_there < 0 ? n <= 1 : n == (unsigned)is_there);
	registry_close(registry);
}

static void
change(struct registry *registry)
{
	struct sandbox_record record = make_record();
	struct err err = {0};
	unsigned n = 0;

	is_there = -1;
	if (!succeeded(registry_insert(registry, &record, REGISTRY_DURABLE,
	    &err), &err))
		return;
	is_there = 1;
	record.state = SANDBOX_RUNNING;
	is_running = -1;
	if (!succeeded(registry_update(registry, &record, REGISTRY_LAZY, &err),
	    &err))
		return;
	is_running = 1;
	(void)succeeded(registry_load(registry, see, &n, &err), &err);
	is_there = -1;
	if (succeeded(registry_delete(registry, record.id, REGISTRY_DURABLE,
	    &err), &err))
		is_there = 0;
}

static void
live(void)
{
	struct registry *registry = NULL;
	struct err err = {0};

	remove_files();
	is_there = is_running = 0;
	if (succeeded(registry_open(path, &registry, &err), &err)) {
		change(registry);
		registry_close(registry);
	}
	look();
	remove_files();
}

int
main(void)
{
	assert(mkdtemp(folder) != NULL);
	snprintf(path, sizeof path, "%s/registry.db", folder);
	set_up_sqlite();
	fault_run("registry", live);
	(void)rmdir(folder);
	return 0;
}
