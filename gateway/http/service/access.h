// SPDX-License-Identifier: Apache-2.0
/* Secrets that open one sandbox: broker.def's sandbox_token. */
#pragma once

#include "common/err.h"

struct identity;

/* secret lives until the return; NULL: err says why there is none, EACCES where
 * the caller may give none away. */
typedef void access_done(void *arg, const char *secret, const struct err *err);

/* Of one that the caller reaches; done is called once, maybe before this
 * returns. */
void access_find(struct identity *who, const char *sandbox_id,
    access_done *done, void *arg);
