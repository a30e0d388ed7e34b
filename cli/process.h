// SPDX-License-Identifier: Apache-2.0
/* Processes of a sandbox, as the verbs about them have them. */
#pragma once

#include "cli/api.h"

#define PROCESS_SUFFIX_SIZE 96
#define PROCESS_PATH_SIZE   192

/* "processes/NUMBER" with what follows it, for api_call_item. -EINVAL with
 * words where the number is none. */
int process_suffix(const char *number, const char *rest,
    char ret[PROCESS_SUFFIX_SIZE], struct err *err);

/* The whole path of it. */
int process_path(const char *id, const char *number, const char *rest,
    char ret[PROCESS_PATH_SIZE], struct err *err);

/* Writes the bytes of an event of its output to a file. */
void process_write_bytes(FILE *file, const json_t *line);

/*
 * Prints what it wrote from a position on: on standard output and error what it
 * wrote there, and under --json the events themselves. Where it follows, to its
 * exit. Returns its exit status, or of a failure CLI_FAILED.
 */
int process_print_output(const struct cli *cli, const char *id,
    const char *number, const char *from, bool follows);
