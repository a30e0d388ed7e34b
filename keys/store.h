// SPDX-License-Identifier: Apache-2.0
/*
 * The credential store: one folder with keys.db (SQLite) and token.key, the
 * secret under which tokens are hashed. One process has it open, the broker.
 *
 * Times are Unix milliseconds and always the caller's, so that expiry can be
 * tested; 0 means never.
 */
#pragma once

#include <stdint.h>

#include "common/err.h"

#define STORE_NAME_SIZE	  64 /* of organisations, users, keys, tokens */
#define STORE_DEFAULT_ORG  "default"
#define STORE_DEFAULT_USER "admin"

struct store;

/*
 * Opens the store in the existing folder dir and brings its schema up to
 * date; at first makes both files (0600), the organisation `default` and its
 * user `admin`. Free with store_close. 0 or -errno.
 */
int store_open(const char *dir, int64_t now_ms, struct store **ret,
    struct err *err);

/* Flushes and closes; NULL is accepted. */
void store_close(struct store *store);

static inline void
store_close_pointer(struct store **store)
{
	store_close(*store);
}
#define auto_store __attribute__((cleanup(store_close_pointer)))

/*
 * Writes the last_used times noted since the last flush, in one transaction
 * and without waiting for the disk. Call it now and then, off the path of a
 * login.
 */
int store_flush(struct store *store, struct err *err);
