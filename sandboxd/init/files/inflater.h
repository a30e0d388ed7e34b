// SPDX-License-Identifier: Apache-2.0
/* What gzip (RFC 1952) has made smaller, as it comes, by zlib. */
#pragma once

#include <stddef.h>

#include "common/err.h"

struct inflater;

/* *ret is the caller's to free; -ENOMEM. */
int inflater_new(struct inflater **ret, struct err *err);
void inflater_free(struct inflater *inflater);

/* The next bytes; gives what comes of them to put(), which returns 0 or
 * -errno with words. 0; -EINVAL with words where they are no gzip's. */
int inflater_take(struct inflater *inflater, const void *data, size_t size,
    int (*put)(void *arg, const void *data, size_t size, struct err *err),
    void *arg, struct err *err);

/* There are no more: -EINVAL with words where that is in the middle. */
int inflater_end(const struct inflater *inflater, struct err *err);
