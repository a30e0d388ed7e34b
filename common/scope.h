// SPDX-License-Identifier: Apache-2.0
/*
 * Scopes: what a login may be narrowed to, by name. Every place that reads or
 * shows one goes through this table.
 */
#pragma once

#include <stdint.h>

#include "common/err.h"

/*
 * The rights (enum rpc_right) left by the named scopes, by commas: each takes
 * away, so that together they leave what all of them do. "" is 0, which
 * stands for all rights. -EINVAL and the allowed names for anything else.
 */
int scope_parse(const char *text, uint32_t *ret_rights, struct err *err);

/* The name of rights scope_parse gave; "" for 0, "other" for any others. */
const char *scope_name(uint32_t rights);
