// SPDX-License-Identifier: Apache-2.0
/*
 * sandbox-files: works on files as the sandbox's user, as gateway-http tells
 * it to (common/inside.def) over standard input. It has no rights of its own:
 * what the user may do to files, the client may. Relative paths begin at the
 * user's home.
 */
#pragma once

/* The program; -R makes it read-only. Returns the exit status. */
int files_main(int argc, char **argv);
