// SPDX-License-Identifier: Apache-2.0
/* A store in a folder of its own, for the tests of keys/. */
#pragma once

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/err.h"
#include "keys/store.h"

#define FIXTURE_NOW_MS 1700000000000

#define FIXTURE_KEY \
	"ssh-ed25519 " \
	"AAAAC3NzaC1lZDI1NTE5AAAAIHtpoAFXtUklhklihyF97OgL6iCZOWxxye" \
	"Ii/KaDMQM+"

/* Makes the folder; its path is written to dir[PATH_MAX]. */
static inline void
fixture_make(char *dir)
{
	const char *parent = getenv("TMPDIR");

	snprintf(dir, PATH_MAX, "%s/sandgate-keys-XXXXXX",
	    parent != NULL ? parent : "/tmp");
	assert(mkdtemp(dir) != NULL);
}

static inline struct store *
fixture_open(const char *dir)
{
	struct store *store = NULL;
	struct err err = {0};

	if (store_open(dir, FIXTURE_NOW_MS, &store, &err) < 0)
		printf("%s\n", err.text);
	assert(store != NULL);
	return store;
}

static inline void
fixture_remove(const char *dir)
{
	static const char *const names[] = {"keys.db", "keys.db-wal",
	    "keys.db-shm", "token.key"};
	char path[PATH_MAX + 16];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	assert(rmdir(dir) == 0);
}
