// SPDX-License-Identifier: Apache-2.0
/* What sandboxes use, as a table: metrics' and top's. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "common/err.h"

/* Prints an array of the API's metrics on stdout; is_of_one: a line a time.
 * -ENOMEM. */
int metrics_print(const json_t *metrics, bool is_of_one, struct err *err);
