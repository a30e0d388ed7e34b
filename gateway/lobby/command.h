// SPDX-License-Identifier: Apache-2.0
/*
 * One command of the lobby, in a process of its own that is jailed already:
 * the words a client sent, run by the command line's own verbs.
 */
#pragma once

#include "gateway/protocol/handover.h"

/*
 * Runs order->command, or with is_shell what standard input has, with
 * descriptors 0, 1 and 2 being the client's; asks for connections to the API
 * on api_fd and writes how it ended to status_fd.
 */
void command_run(const struct handover_lobby *order, int status_fd,
    int api_fd) __attribute__((noreturn));

/* Handles the end of the time a command may take: says so and exits. */
void command_time_out(int signal_number);
