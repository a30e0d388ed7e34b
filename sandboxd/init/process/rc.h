// SPDX-License-Identifier: Apache-2.0
/* What a user or an image has run before every shell and command (sshd(8)). */
#pragma once

#define RC_OF_USER ".ssh/rc" /* below the home */
#define RC_OF_ALL  "/etc/ssh/sshrc"

/*
 * sandbox-rc PROGRAM NAME [ARGUMENT...]: runs the user's file, or else that of
 * all, as the user, and then becomes PROGRAM, the user's shell, as NAME.
 */
int rc_main(int argc, char **argv);
