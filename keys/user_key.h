// SPDX-License-Identifier: Apache-2.0
/* The SSH keys of users, as rows of the store. */
#pragma once

#include <stdint.h>

#include "common/err.h"
#include "keys/ssh_key.h"
#include "keys/store.h"

#define USER_KEYS_MAX 1000 /* of a user */

struct user_key {
	int64_t id;
	char name[STORE_NAME_SIZE];
	char algorithm[SSH_KEY_ALGORITHM_SIZE];
	char fingerprint[SSH_KEY_FINGERPRINT_SIZE];
	int64_t created_ms;
	int64_t last_used_ms;
};

/*
 * Makes the key of an authorized_keys line one of the user's; name "" takes
 * the line's comment. -EINVAL as ssh_key_parse, -EEXIST where the user or
 * another one of the organisation has it, -EDQUOT where he has USER_KEYS_MAX.
 */
int user_key_add(struct store *store, int64_t user_id, const char *name,
    const char *line, int64_t now_ms, struct user_key *ret, struct err *err);

/* Calls each(arg, key) in order of id until it returns non-zero, which is
 * returned. */
int user_key_list(struct store *store, int64_t user_id,
    int (*each)(void *arg, const struct user_key *key), void *arg,
    struct err *err);

/* -ENOENT where the user has no such key. */
int user_key_remove(struct store *store, int64_t user_id, int64_t id,
    struct err *err);
