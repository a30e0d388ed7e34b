// SPDX-License-Identifier: Apache-2.0
#include "keys/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/fd.h"
#include "common/paths.h"
#include "keys/org.h"
#include "keys/schema.h"
#include "keys/statement.h"
#include "keys/user.h"

#define BUSY_TIMEOUT_MS 5000 /* the last broker may still be on its way out */

static int
open_database(struct store *store, const char *dir, struct err *err)
{
	char path[PATH_MAX];
	int r = path_join(path, sizeof path, dir, "keys.db", err);

	if (r < 0)
		return r;
	/* SQLite takes the mode of its side files from the database's. */
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return err_errno(err, "%s", path);
	fd_close(&fd);
	if (sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_PRIVATECACHE, NULL) !=
	    SQLITE_OK)
		return err_set(err, EIO, "%s: %s", path, store->db != NULL ?
		    sqlite3_errmsg(store->db) : "out of memory");
	(void)sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
	(void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	r = statement_run(store, "PRAGMA journal_mode = WAL;"
	    "PRAGMA synchronous = FULL;"
	    "PRAGMA foreign_keys = ON;"
	    "PRAGMA trusted_schema = OFF;", err);
	return r < 0 ? err_wrap(err, "%s", path) : 0;
}

/* Writes a new secret; it appears whole or not at all. */
static int
make_token_key(const char *dir, const char *path, struct err *err)
{
	uint8_t key[STORE_TOKEN_KEY_SIZE];
	char temporary[PATH_MAX];
	auto_close int fd = -1;
	auto_close int dir_fd = -1;
	int r;

	r = path_join(temporary, sizeof temporary, dir, "token.key.new", err);
	if (r < 0)
		return r;
	(void)unlink(temporary);
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, "%s", temporary);
	randombytes_buf(key, sizeof key);
	r = fd_write_all(fd, key, sizeof key);
	sodium_memzero(key, sizeof key);
	if (r < 0)
		return err_set(err, -r, "%s: %s", temporary, strerror(-r));
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fsync(fd) < 0 || rename(temporary, path) < 0 || dir_fd < 0 ||
	    fsync(dir_fd) < 0)
		return err_errno(err, "%s", path);
	return 0;
}

/*
 * A database that holds tokens must not get a second secret: all of them would
 * silently stop working.
 */
static int
read_token_key(struct store *store, const char *dir, struct err *err)
{
	char path[PATH_MAX];
	auto_close int fd = -1;
	int64_t n_tokens;
	int r = path_join(path, sizeof path, dir, "token.key", err);

	if (r < 0)
		return r;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT) {
		r = statement_count(store, statement_bind(store,
		    STATEMENT_TOKEN_COUNT, ""), &n_tokens, err);
		if (r < 0)
			return r;
		if (n_tokens > 0)
			return err_set(err, ENOENT, "%s is missing, and "
			    "without it no token can be checked: restore it "
			    "from a backup", path);
		r = make_token_key(dir, path, err);
		if (r < 0)
			return r;
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	}
	if (fd < 0)
		return err_errno(err, "%s", path);
	r = fd_read_all(fd, store->token_key, sizeof store->token_key);
	if (r < 0)
		return err_set(err, EIO, "%s: not %zu bytes long", path,
		    sizeof store->token_key);
	return 0;
}

static int
make_defaults(struct store *store, int64_t now_ms, struct err *err)
{
	int64_t org_id, user_id;
	int r = org_find(store, STORE_DEFAULT_ORG, &org_id, err);

	if (r == -ENOENT)
		r = org_add(store, STORE_DEFAULT_ORG, now_ms, &org_id, err);
	if (r < 0)
		return r;
	r = user_find(store, STORE_DEFAULT_ORG, STORE_DEFAULT_USER, &user_id,
	    err);
	if (r == -ENOENT)
		r = user_add(store, org_id, STORE_DEFAULT_USER, ROLE_ADMIN,
		    now_ms, &user_id, err);
	return r;
}

int
store_open(const char *dir, int64_t now_ms, struct store **ret,
    struct err *err)
{
	auto_store struct store *store = NULL;
	int r;

	if (sodium_init() < 0)
		return err_set(err, EIO, "libsodium cannot be initialised");
	store = calloc(1, sizeof *store);
	if (store == NULL)
		return err_set(err, ENOMEM, "out of memory");
	r = open_database(store, dir, err);
	if (r < 0)
		return r;
	r = schema_migrate(store, err);
	if (r < 0)
		return r;
	r = statement_prepare_all(store, err);
	if (r < 0)
		return r;
	r = read_token_key(store, dir, err);
	if (r < 0)
		return r;
	r = make_defaults(store, now_ms, err);
	if (r < 0)
		return r;
	*ret = store;
	store = NULL;
	return 0;
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	if (store->db != NULL)
		(void)store_flush(store, NULL);
	for (size_t i = 0; i < N_STATEMENT; i++)
		(void)sqlite3_finalize(store->statements[i]);
	(void)sqlite3_close(store->db);
	sodium_memzero(store->token_key, sizeof store->token_key);
	free(store);
}

static int
write_uses(struct store *store, struct err *err)
{
	for (size_t i = 0; i < store->n_uses; i++) {
		const struct store_use *use = &store->uses[i];
		int r = statement_step(store, statement_bind(store,
		    use->statement, "ii", use->id, use->when_ms), err);

		if (r < 0)
			return r;
	}
	return 0;
}

int
store_flush(struct store *store, struct err *err)
{
	int r;

	if (store->n_uses == 0)
		return 0;
	/* A lost last_used is no loss: this commit alone need not be synced. */
	r = statement_run(store, "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE",
	    err);
	if (r == 0)
		r = write_uses(store, err);
	if (r == 0)
		r = statement_run(store, "COMMIT", err);
	if (r < 0 && !sqlite3_get_autocommit(store->db))
		(void)statement_run(store, "ROLLBACK", NULL);
	(void)statement_run(store, "PRAGMA synchronous = FULL", NULL);
	store->n_uses = store->next_use = 0;
	return r;
}
