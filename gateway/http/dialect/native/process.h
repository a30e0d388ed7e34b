// SPDX-License-Identifier: Apache-2.0
/* What the routes of processes have in common. */
#pragma once

#include "common/rpc_calls.h"
#include "gateway/http/dialect/native/native.h"
#include "gateway/http/dialect/native/text.h"

/* One as JSON; NULL: out of memory. */
json_t *process_print(const struct rpc_process_info *info);

/* The number of a signal, of which TERM, SIGTERM and 15 are one; -EINVAL, about
 * the field `signal`. */
int process_find_signal(const char *text, struct failure *failure);

/* {pid} of the path; false: the exchange has been failed. */
bool process_id(struct exchange *exchange, uint32_t *ret);

/* ?name=, where it is given, from 0 to max; false: the exchange has been
 * failed. */
bool process_number(struct exchange *exchange, const char *name,
    uint64_t max, uint64_t *ret);
