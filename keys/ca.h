// SPDX-License-Identifier: Apache-2.0
/* The keys whose certificates let an organisation's users in. */
#pragma once

#include <stdint.h>

#include "common/err.h"
#include "keys/ssh_key.h"
#include "keys/store.h"

#define CAS_MAX 100 /* of an organisation */

struct ca {
	int64_t id;
	char name[STORE_NAME_SIZE];
	char algorithm[SSH_KEY_ALGORITHM_SIZE];
	char fingerprint[SSH_KEY_FINGERPRINT_SIZE];
	int64_t created_ms;
};

/*
 * Makes the key of an authorized_keys line a CA of the organisation; name ""
 * takes the line's comment. -EINVAL as ssh_key_parse, -EEXIST where it is one,
 * -EDQUOT where the organisation has CAS_MAX.
 */
int ca_add(struct store *store, const char *org, const char *name,
    const char *line, int64_t now_ms, struct ca *ret, struct err *err);

/* Calls each(arg, ca) in order of id until it returns non-zero, which is
 * returned. */
int ca_list(struct store *store, const char *org,
    int (*each)(void *arg, const struct ca *ca), void *arg, struct err *err);

/* From now on nobody is let in by it. -ENOENT where the organisation has no
 * such CA. */
int ca_remove(struct store *store, const char *org, int64_t id,
    struct err *err);
