// SPDX-License-Identifier: Apache-2.0
/* The tables of the key database and how older versions become this one. */
#pragma once

#include "common/err.h"

struct store;

/*
 * Runs the migrations this database has not seen, each in a transaction of its
 * own together with its version number. -EPROTO for a database of a newer
 * version than this program knows.
 */
int schema_migrate(struct store *store, struct err *err);
