// SPDX-License-Identifier: Apache-2.0
/* How what befell a sandbox goes into its log together with its row. */
#pragma once

#include "sandboxd/daemon.h"

/* Writes a row as writer_submit does, and with it, in one transaction, what
 * waits for the log. 0, or -errno with words: that waits on. */
int chronicle_write(struct sandbox *sandbox, enum writer_what what,
    const struct sandbox_record *record, enum registry_durability durability,
    struct err *err);
