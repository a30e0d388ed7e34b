// SPDX-License-Identifier: Apache-2.0
/*
 * The capabilities root of a sandbox has, over its own user namespace alone.
 * What is missing is as telling: no SYS_ADMIN, NET_ADMIN, SYS_PTRACE (it would
 * open init), SYS_MODULE, DAC_READ_SEARCH (open_by_handle_at).
 */
#pragma once

#include "common/err.h"

/* Cuts the bounding, permitted, effective, inheritable and ambient sets of the
 * calling process to them. */
int caps_drop(struct err *err);
