// SPDX-License-Identifier: Apache-2.0
/* Dialects as a document for programs: OpenAPI 3.1, in YAML. */
#pragma once

#include <stdio.h>

#include "gateway/http/engine/route.h"

/* Prints all routes, and every table of fields that they name. */
void openapi_print(FILE *file, const struct dialect *const *dialects,
    size_t n);
