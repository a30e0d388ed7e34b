// SPDX-License-Identifier: Apache-2.0
/*
 * Tools that a client's program runs on the far side (rsync, git) and that an
 * image may lack: a person is then told what to install where, and not only
 * that a command was not found.
 */
#pragma once

#include <stdbool.h>

/* Whether one of the folders of `path` (as PATH) has the program. */
bool missing_has(const char *program, const char *path);

/*
 * Where `command` runs such a tool, `path` (as PATH) has none and `shell`, a
 * name without slashes, is one we know to write for: *ret_text, the caller's,
 * is a command that explains and exits with 127, as the shell would, unless
 * the shell does find the tool after its startup files; else *ret_text is
 * NULL. 0 or -ENOMEM.
 */
int missing_explain(const char *command, const char *shell, const char *path,
    char **ret_text);
