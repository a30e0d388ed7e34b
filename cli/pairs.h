// SPDX-License-Identifier: Apache-2.0
/* Options of the form NAME=VALUE that may be given again. */
#pragma once

#include <jansson.h>

#include "cli/options.h"
#include "common/err.h"

/*
 * Adds the object `member` of them to a body; nothing where there are none.
 * What has no "=" is, where is_from_here, a variable and its value here.
 * -EINVAL names the option: "--MEMBER: ...".
 */
int pairs_add(json_t *body, const char *member, const struct option_list *list,
    bool is_from_here, struct err *err);
