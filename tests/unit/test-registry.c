// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/registry/registry.h"
#include "sandboxd/registry/ceilings.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/test-registry-XXXXXX";
static char path[64];

struct seen {
	unsigned n;
	struct sandbox_record last;
	char env[16];
};

static int
see(struct sandbox_record *record, void *data, struct err *err)
{
	struct seen *seen = data;

	(void)err;
	seen->n++;
	seen->last = *record;
	assert(record->env_size <= sizeof seen->env);
	if (record->env_size > 0)
		memcpy(seen->env, record->env, record->env_size);
	return 0;
}

static struct registry *
open_registry(void)
{
	struct registry *registry;
	struct err err = {0};

	assert(registry_open(path, &registry, &err) == 0);
	return registry;
}

static struct sandbox_record
make_record(unsigned slot)
{
	static char env[] = "A=1\0B=2";
	struct sandbox_record record = {.org = "acme", .name = "n",
	    .template_name = "base", .slot = slot, .state = SANDBOX_CREATING,
	    .memory_limit_bytes = 1ULL << 40, .pids_limit = 256,
	    .cpu_limit_millis = 1000,
	    .disk_limit_bytes = 1ULL << 50, .env = env, .env_size = sizeof env,
	    .created_ms = 1234567890123, .is_ephemeral = slot % 2 != 0};

	snprintf(record.id, sizeof record.id, "sb_%012u", slot);
	return record;
}

static void
test_rows(void)
{
	struct registry *registry = open_registry();
	struct sandbox_record record = make_record(1), twin = make_record(1);
	struct seen seen = {0};
	struct err err = {0};

	assert(registry_insert(registry, &record, REGISTRY_LAZY, &err) == 0);
	assert(registry_insert(registry, &record, REGISTRY_LAZY, &err) ==
	    -EEXIST);
	snprintf(twin.id, sizeof twin.id, "sb_other0000000");
	assert(registry_insert(registry, &twin, REGISTRY_LAZY, &err) ==
	    -EEXIST);
	record.state = SANDBOX_RUNNING;
	record.pid = 4711;
	record.start_ticks = 1ULL << 60;
	record.ended_ms = 42;
	snprintf(record.cause, sizeof record.cause, "destroyed by alice");
	snprintf(record.boot_id, sizeof record.boot_id, "boot");
	assert(registry_update(registry, &record, REGISTRY_DURABLE, &err) == 0);
	registry_close(registry);

	registry = open_registry();
	assert(registry_load(registry, see, &seen, &err) == 0 && seen.n == 1);
	assert(strcmp(seen.last.id, record.id) == 0);
	assert(seen.last.state == SANDBOX_RUNNING && seen.last.pid == 4711);
	assert(seen.last.start_ticks == 1ULL << 60);
	assert(seen.last.memory_limit_bytes == 1ULL << 40);
	assert(seen.last.disk_limit_bytes == 1ULL << 50);
	assert(seen.last.created_ms == 1234567890123);
	assert(seen.last.is_ephemeral && seen.last.ended_ms == 42);
	assert(strcmp(seen.last.cause, "destroyed by alice") == 0);
	assert(seen.last.env_size == 8 && memcmp(seen.env, "A=1\0B=2", 8) == 0);
	assert(registry_delete(registry, record.id, REGISTRY_LAZY, &err) == 0);
	assert(registry_delete(registry, record.id, REGISTRY_LAZY, &err) == 0);
	registry_close(registry);
}

static int
see_ceiling(const struct ceiling_record *record, void *data, struct err *err)
{
	unsigned *n = data;

	(void)err;
	assert(strcmp(record->org, "acme") == 0 && record->is_operators);
	assert(record->policy.size == 4 &&
	    memcmp(record->policy.data, "b\0cd", 4) == 0);
	++*n;
	return 0;
}

/* One of an organisation, of whatever bytes; an empty one is none. */
static void
test_ceilings(void)
{
	struct ceiling_record record = {.org = "acme", .policy = {
	    (const uint8_t *)"a", 1}};
	struct registry *registry = open_registry();
	struct err err = {0};
	unsigned n = 0;

	assert(registry_set_ceiling(registry, &record, &err) == 0);
	record.policy = (struct rpc_bytes){(const uint8_t *)"b\0cd", 4};
	record.is_operators = true;
	assert(registry_set_ceiling(registry, &record, &err) == 0);
	registry_close(registry);
	registry = open_registry();
	assert(registry_load_ceilings(registry, see_ceiling, &n, &err) == 0);
	assert(n == 1);
	record.policy.size = 0;
	assert(registry_set_ceiling(registry, &record, &err) == 0);
	assert(registry_set_ceiling(registry, &record, &err) == 0);
	assert(registry_load_ceilings(registry, see_ceiling, &n, &err) == 0);
	assert(n == 1);
	registry_close(registry);
}

/* What was acknowledged is there after a kill -9, lazy or durable. */
static void
test_kill(void)
{
	struct seen seen = {0};
	struct err err = {0};
	struct registry *registry;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		registry = open_registry();
		for (unsigned i = 0; i < 10; i++) {
			struct sandbox_record record = make_record(i);

			assert(registry_insert(registry, &record,
			    i % 2 == 0 ? REGISTRY_LAZY : REGISTRY_DURABLE,
			    &err) == 0);
		}
		kill(getpid(), SIGKILL);
	}
	assert(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
	registry = open_registry();
	assert(registry_load(registry, see, &seen, &err) == 0 && seen.n == 10);
	registry_close(registry);
}

static struct sandbox_record
make_dead(unsigned slot, const char *org, uint64_t ended_ms)
{
	struct sandbox_record record = make_record(slot);

	snprintf(record.org, sizeof record.org, "%s", org);
	record.ended_ms = ended_ms;
	snprintf(record.cause, sizeof record.cause, "destroyed by alice");
	return record;
}

#define VIEW(org, since_ms)                                                    \
	(&(const struct registry_view){org, 0, RPC_REACH_ALL, since_ms})

/* A private one is its owner's and theirs who reach all; one without an owner
 * is nobody's own. */
static void
test_reach(void)
{
	static const struct {
		uint64_t owner_id;
		enum rpc_reach reach;
		int n;
	} rows[] = {{0, RPC_REACH_ALL, 3}, {7, RPC_REACH_ALL, 3},
	    {7, RPC_REACH_SHARED, 3}, {8, RPC_REACH_SHARED, 2},
	    {0, RPC_REACH_SHARED, 2}, {7, RPC_REACH_OWN, 2},
	    {8, RPC_REACH_OWN, 0}, {0, RPC_REACH_OWN, 0}};
	struct registry *registry = open_registry();
	struct sandbox_record record = make_dead(1, "acme", 1000), found[4];
	struct err err = {0};

	assert(registry_bury(registry, &record, REGISTRY_LAZY, &err) == 0);
	record = make_dead(2, "acme", 1000);
	record.owner_id = 7;
	assert(registry_bury(registry, &record, REGISTRY_LAZY, &err) == 0);
	record = make_dead(3, "acme", 1000);
	record.owner_id = 7;
	record.is_private = true;
	assert(registry_bury(registry, &record, REGISTRY_LAZY, &err) == 0);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct registry_view view = {"acme", rows[i].owner_id,
		    rows[i].reach, 0};

		assert(registry_list(registry, &view, "", found, 4, &err) ==
		    rows[i].n);
		assert(registry_find(registry, &view, record.id, found,
		    &err) == (rows[i].owner_id == 7 ||
		    rows[i].reach == RPC_REACH_ALL ? 0 : -ENOENT));
	}
	registry_close(registry);
}

/* One organisation's, one's id, of a time: a tombstone is found by no other. */
static void
test_tombstones(void)
{
	struct registry *registry = open_registry();
	struct sandbox_record record = make_dead(1, "acme", 1000), found[4];
	struct seen seen = {0};
	struct err err = {0};

	assert(registry_insert(registry, &record, REGISTRY_LAZY, &err) == 0);
	assert(registry_find(registry, VIEW("acme", 0), record.id, found,
	    &err) == -ENOENT);
	assert(registry_bury(registry, &record, REGISTRY_LAZY, &err) == 0);
	assert(registry_load(registry, see, &seen, &err) == 0 && seen.n == 0);
	assert(registry_find(registry, VIEW("acme", 1000), record.id, found,
	    &err) == 0);
	assert(found->state == SANDBOX_DESTROYED && found->ended_ms == 1000);
	assert(strcmp(found->cause, "destroyed by alice") == 0);
	assert(strcmp(found->template_name, "base") == 0);
	/* What is nobody's business is not kept. */
	assert(found->env == NULL && found->slot == 0 && found->pid == 0);
	assert(registry_find(registry, VIEW("evil", 0), record.id, found,
	    &err) == -ENOENT);
	assert(registry_find(registry, VIEW("acme", 1001), record.id, found,
	    &err) == -ENOENT);
	/* A second time, as after a kill; and the slot is free again. */
	assert(registry_bury(registry, &record, REGISTRY_LAZY, &err) == 0);
	assert(registry_insert(registry, &record, REGISTRY_LAZY, &err) == 0);
	assert(registry_bury(registry, &record, REGISTRY_LAZY, &err) == 0);
	for (unsigned i = 2; i < 6; i++) {
		record = make_dead(i, i == 3 ? "evil" : "acme", 1000 * i);
		assert(registry_bury(registry, &record, REGISTRY_LAZY,
		    &err) == 0);
	}
	assert(registry_list(registry, VIEW("acme", 0), "", found, 4, &err) ==
	    4);
	assert(strcmp(found[1].id, "sb_000000000002") == 0);
	assert(strcmp(found[2].id, "sb_000000000004") == 0);
	assert(registry_list(registry, VIEW("acme", 0), found[1].id, found, 1,
	    &err) == 1 && strcmp(found[0].id, "sb_000000000004") == 0);
	assert(registry_list(registry, VIEW("acme", 4500), "", found, 4, &err)
	    == 1);
	assert(registry_sweep(registry, 4000, &err) == 0);
	assert(registry_list(registry, VIEW("acme", 0), "", found, 4, &err) ==
	    2);
	assert(registry_list(registry, VIEW("evil", 0), "", found, 4, &err) ==
	    0);
	assert(registry_sweep(registry, UINT64_MAX >> 1, &err) == 0);
	registry_close(registry);
}

/* The oldest go, and of that organisation alone. */
static void
test_trim(void)
{
	struct registry *registry = open_registry();
	struct sandbox_record record = make_dead(9999, "evil", 1), found;
	struct err err = {0};

	assert(registry_begin(registry, REGISTRY_LAZY, &err) == 0);
	assert(registry_bury(registry, &record, REGISTRY_LAZY, &err) == 0);
	for (unsigned i = 0; i < TOMBSTONES_MAX + 2; i++) {
		record = make_dead(i, "acme", 1000 + i);
		assert(registry_bury(registry, &record, REGISTRY_LAZY,
		    &err) == 0);
	}
	assert(registry_commit(registry, &err) == 0);
	assert(registry_find(registry, VIEW("acme", 0), "sb_000000000001",
	    &found, &err) == -ENOENT);
	assert(registry_find(registry, VIEW("acme", 0), "sb_000000000002",
	    &found, &err) == 0);
	assert(registry_find(registry, VIEW("evil", 0), "sb_000000009999",
	    &found, &err) == 0);
	registry_close(registry);
}

/* What the first two versions wrote, to the letter. */
static const char first_schema[] =
    "CREATE TABLE sandboxes (id TEXT PRIMARY KEY, org TEXT NOT NULL,"
    " name TEXT NOT NULL, template TEXT NOT NULL,"
    " slot INTEGER NOT NULL UNIQUE, state TEXT NOT NULL,"
    " memory_limit_bytes INTEGER NOT NULL, pids_limit INTEGER NOT NULL,"
    " cpu_limit_millis INTEGER NOT NULL, disk_limit_bytes INTEGER NOT NULL,"
    " env BLOB NOT NULL, pid INTEGER NOT NULL,"
    " start_ticks INTEGER NOT NULL, boot_id TEXT NOT NULL,"
    " created_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "INSERT INTO sandboxes VALUES ('sb_000000000007', 'acme', 'n', 'base', 3,"
    " 'running', 64, 16, 500, 4096, x'413d3100', 4711, 99, 'boot', 12345);"
    "PRAGMA user_version = 1;";
static const char second_schema[] =
    "ALTER TABLE sandboxes ADD COLUMN is_ephemeral INTEGER NOT NULL"
    " DEFAULT 0; UPDATE sandboxes SET is_ephemeral = 1;"
    "PRAGMA user_version = 2;";

/* A row that an older version wrote loads, and can be written again. */
static void
test_older(int version)
{
	struct registry *registry;
	struct seen seen = {0};
	struct err err = {0};
	sqlite3 *db;

	assert(unlink(path) == 0);
	assert(sqlite3_open(path, &db) == SQLITE_OK);
	assert(sqlite3_exec(db, first_schema, NULL, NULL, NULL) == SQLITE_OK);
	if (version == 2)
		assert(sqlite3_exec(db, second_schema, NULL, NULL, NULL) ==
		    SQLITE_OK);
	sqlite3_close(db);
	for (unsigned i = 0; i < 2; i++) {
		registry = open_registry();
		memset(&seen, 0, sizeof seen);
		assert(registry_load(registry, see, &seen, &err) == 0);
		assert(seen.n == 1 && seen.last.slot == 3);
		assert(strcmp(seen.last.id, "sb_000000000007") == 0);
		assert(strcmp(seen.last.org, "acme") == 0);
		assert(strcmp(seen.last.template_name, "base") == 0);
		assert(strcmp(seen.last.boot_id, "boot") == 0);
		assert(seen.last.state == SANDBOX_RUNNING);
		assert(seen.last.memory_limit_bytes == 64);
		assert(seen.last.pids_limit == 16);
		assert(seen.last.cpu_limit_millis == 500);
		assert(seen.last.disk_limit_bytes == 4096);
		assert(seen.last.pid == 4711 && seen.last.start_ticks == 99);
		assert(seen.last.created_ms == 12345);
		assert(seen.last.is_ephemeral == (version == 2));
		assert(seen.last.ended_ms == 0 && seen.last.cause[0] == '\0');
		assert(seen.last.auto_resume && seen.last.reason[0] == '\0');
		assert(seen.last.env_size == 4 &&
		    memcmp(seen.env, "A=1", 4) == 0);
		assert(registry_update(registry, &seen.last, REGISTRY_LAZY,
		    &err) == 0);
		registry_close(registry);
	}
}

static void
test_newer(void)
{
	struct registry *registry;
	struct err err = {0};
	struct stat st;
	sqlite3 *db;

	assert(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
	assert(sqlite3_open(path, &db) == SQLITE_OK);
	assert(sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL,
	    NULL) == SQLITE_OK);
	sqlite3_close(db);
	assert(registry_open(path, &registry, &err) == -EPROTO);
	assert(strstr(err.text, "99") != NULL);
}

/* As another program, which knows nothing of this one's connections. */
static int
be_another(const char *database)
{
	sqlite3 *db;
	int r = sqlite3_open(database, &db);

	if (r == SQLITE_OK)
		r = sqlite3_exec(db, "CREATE TABLE other (x)", NULL, NULL,
		    NULL);
	sqlite3_close(db);
	return r != SQLITE_OK;
}

/* Another program may look in meanwhile: it finds itself not alone, although
 * this process has opened the file twice, and leaves the log that is in use. */
static void
test_beside_others(void)
{
	struct registry *writer = open_registry(), *reader = open_registry();
	struct sandbox_record record = make_record(90001);
	struct seen seen = {0};
	struct err err = {0};
	pid_t pid = fork();
	int status;

	assert(pid >= 0);
	if (pid == 0) {
		execl("/proc/self/exe", "test-registry", path, NULL);
		_exit(1);
	}
	assert(waitpid(pid, &status, 0) == pid && status == 0);
	assert(registry_insert(writer, &record, REGISTRY_DURABLE, &err) == 0);
	registry_close(reader);
	reader = open_registry();
	assert(registry_load(reader, see, &seen, &err) == 0);
	assert(strcmp(seen.last.id, record.id) == 0);
	assert(registry_delete(writer, record.id, REGISTRY_DURABLE, &err) == 0);
	registry_close(reader);
	registry_close(writer);
}

int
main(int argc, char **argv)
{
	char command[64];

	if (argc == 2)
		return be_another(argv[1]);
	assert(mkdtemp(folder) != NULL);
	snprintf(path, sizeof path, "%s/registry.db", folder);
	test_rows();
	test_ceilings();
	test_tombstones();
	test_reach();
	test_trim();
	test_kill();
	test_beside_others();
	test_newer();
	test_older(1);
	test_older(2);
	snprintf(command, sizeof command, "rm -r %s", folder);
	return system(command);
}
