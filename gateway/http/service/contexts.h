// SPDX-License-Identifier: Apache-2.0
/*
 * Contexts: processes that live on and run code of a language, a piece at a
 * time, in one state (docs/CONTEXTS.md). Each is known by the tag of its
 * process, and nothing of it is kept here.
 */
#pragma once

#include "gateway/http/service/exec.h"
#include "gateway/http/service/processes.h"

/* Tags of this kind are theirs alone. */
#define CONTEXT_TAG	  "context:"
#define CONTEXT_NAME_SIZE 33
#define CONTEXT_TAG_SIZE  65
/* Most bytes of the code of one run. */
#define CONTEXT_CODE_MAX (256 * 1024)

/* And of commands that are told of beside them, by names as well. */
#define CONTEXT_COMMAND_TAG "command:"

struct runner;

/* A tag as what it says. */
struct context_name {
	const struct runner *runner; /* NULL: it is a command */
	char name[CONTEXT_NAME_SIZE];
	uint32_t version; /* of a command: of what it is, from 1 on */
};

/* False: it is none of a context. */
bool context_of_tag(const char *tag, struct context_name *ret);
void context_tag(const struct runner *runner, const char *name,
    char ret[CONTEXT_TAG_SIZE]);

/* The same, and those of commands. */
bool context_of_any_tag(const char *tag, struct context_name *ret);
void context_command_tag(const char *name, char ret[CONTEXT_TAG_SIZE]);

/* The same of one that is another command by now than it was made as. */
void context_version_tag(const struct context_name *name,
    char ret[CONTEXT_TAG_SIZE]);

/* A name that is hardly anybody's yet. */
void context_new_name(char ret[CONTEXT_NAME_SIZE]);

/* The newest process of a name; process is NULL with err where there is none,
 * ESRCH, or nobody knows. */
typedef void contexts_found(void *arg, const struct rpc_process_info *process,
    const struct context_name *name, const struct err *err);
void contexts_find(struct identity *who, const char *sandbox_id,
    const char *name, contexts_found *found, void *arg);

/* The same, of commands too. */
void contexts_find_any(struct identity *who, const char *sandbox_id,
    const char *name, contexts_found *found, void *arg);

/* What comes over a context's channel: lines of JSON. Zeroed, it is empty. */
struct context_lines {
	char *data;
	size_t size;
};
void context_lines_fini(struct context_lines *lines);

/* Adds bytes, and calls each(arg, line) for every line that is whole. 0, or
 * -EMSGSIZE where one is longer than CONTEXT_LINE_MAX, or -ENOMEM. */
#define CONTEXT_LINE_MAX (16u << 20)
int context_lines_add(struct context_lines *lines, const void *data,
    size_t size, void (*each)(void *arg, const char *line, size_t size),
    void *arg);

/*
 * The code of a run as what its context reads: lines, of which each is to be
 * given by one exec_input. The caller's; NULL: out of memory.
 */
#define CONTEXT_RUN_SIZE 24
char *context_input(const struct runner *runner, const char *run,
    const char *code);

/* The same with variables for that run alone, NAME=value one after the other;
 * each has CONTEXT_VARIABLE_MAX bytes at most. */
#define CONTEXT_VARIABLE_MAX 2048
char *context_input_with(const struct runner *runner, const char *run,
    const char *code, const char *variables, uint32_t n_variables);
