// SPDX-License-Identifier: Apache-2.0
/*
 * sandbox-terminal NAME: one named terminal. Started by init on the
 * descriptors of order.h, as the terminal's user; it ends with the shell on its
 * pty, or with init. What it reads comes from programs and clients and is
 * believed by nobody: a fault costs this terminal.
 */
#pragma once

/* The program; descriptors and arguments as terminals.c gives them. Returns the
 * exit status. */
int terminal_main(int argc, char **argv);
