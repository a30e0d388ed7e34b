// SPDX-License-Identifier: Apache-2.0
/* The registry's sizes of the pool: how many an operator said are to wait of a
 * template (docs/POOL.md). */
#pragma once

#include "sandboxd/registry/registry.h"

/* Of a template whose row is to go. */
#define POOL_SIZE_GONE UINT32_MAX

/* Calls found(template_name, wanted, data) for every row; stops at the first
 * negative answer and returns it. */
int registry_load_pool_sizes(struct registry *registry,
    int (*found)(const char *template_name, uint32_t wanted, void *data,
    struct err *err), void *data, struct err *err);

/* Writes a template's row, or removes it; durable. */
int registry_set_pool_size(struct registry *registry,
    const char *template_name, uint32_t wanted, struct err *err);
