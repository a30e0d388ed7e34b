// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/contexts.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "common/parse.h"
#include "gateway/http/runner/runner.h"

/* Of code in one line; each byte is four characters there. */
#define PART_BYTES 3500

bool
context_of_tag(const char *tag, struct context_name *ret)
{
	size_t n = strlen(CONTEXT_TAG), size;
	char language[16];

	if (strncmp(tag, CONTEXT_TAG, n) != 0)
		return false;
	tag += n;
	size = strcspn(tag, ":");
	if (tag[size] != ':' || size >= sizeof language ||
	    strlen(tag + size + 1) >= sizeof ret->name)
		return false;
	memcpy(language, tag, size);
	language[size] = '\0';
	ret->runner = runner_find(language);
	ret->version = 1;
	snprintf(ret->name, sizeof ret->name, "%s", tag + size + 1);
	return ret->runner != NULL && name_is_valid(ret->name);
}

void
context_tag(const struct runner *runner, const char *name,
    char ret[CONTEXT_TAG_SIZE])
{
	snprintf(ret, CONTEXT_TAG_SIZE, CONTEXT_TAG "%s:%s",
	    runner->language, name);
}

bool
context_of_any_tag(const char *tag, struct context_name *ret)
{
	const size_t n = strlen(CONTEXT_COMMAND_TAG);
	uint64_t version = 1;
	size_t size;

	if (context_of_tag(tag, ret))
		return true;
	if (strncmp(tag, CONTEXT_COMMAND_TAG, n) != 0)
		return false;
	tag += n;
	size = strcspn(tag, ":");
	if (size >= sizeof ret->name || (tag[size] == ':' &&
	    (parse_u64(tag + size + 1, &version) < 0 ||
	    version > UINT32_MAX)))
		return false;
	ret->runner = NULL;
	ret->version = (uint32_t)version;
	snprintf(ret->name, sizeof ret->name, "%.*s", (int)size, tag);
	return name_is_valid(ret->name);
}

void
context_version_tag(const struct context_name *name,
    char ret[CONTEXT_TAG_SIZE])
{
	snprintf(ret, CONTEXT_TAG_SIZE, CONTEXT_COMMAND_TAG "%s:%u",
	    name->name, name->version);
}

void
context_command_tag(const char *name, char ret[CONTEXT_TAG_SIZE])
{
	snprintf(ret, CONTEXT_TAG_SIZE, CONTEXT_COMMAND_TAG "%s", name);
}

void
context_new_name(char ret[CONTEXT_NAME_SIZE])
{
	uint8_t bytes[8];

	randombytes_buf(bytes, sizeof bytes);
	sodium_bin2hex(ret, CONTEXT_NAME_SIZE, bytes, sizeof bytes);
}

struct finding {
	char name[CONTEXT_NAME_SIZE];
	bool (*of_tag)(const char *tag, struct context_name *ret);
	contexts_found *found;
	void *arg;
};

static void
on_list(void *arg, struct rpc_bytes list, const struct err *failure)
{
	auto_free struct finding *finding = arg;
	struct rpc_process_info info, newest = {0};
	struct context_name name, of_newest;
	struct err err;

	while (failure == NULL &&
	    rpc_list_next(&rpc_layout_process_info, &list, &info))
		if (finding->of_tag(info.tag, &name) &&
		    strcmp(name.name, finding->name) == 0) {
			newest = info;
			of_newest = name;
		}
	if (failure == NULL && newest.id != 0) {
		finding->found(finding->arg, &newest, &of_newest, NULL);
		return;
	}
	err_set(&err, ESRCH, "context %s: is not, or ended a while ago",
	    finding->name);
	finding->found(finding->arg, NULL, NULL,
	    failure != NULL ? failure : &err);
}

static void
find(struct identity *who, const char *sandbox_id, const char *name,
    const struct finding *wish)
{
	struct finding *finding = calloc(1, sizeof *finding);
	const struct err err = {ENOMEM, "out of memory"};

	if (finding == NULL) {
		wish->found(wish->arg, NULL, NULL, &err);
		return;
	}
	*finding = *wish;
	snprintf(finding->name, sizeof finding->name, "%s", name);
	processes_list(who, sandbox_id, on_list, finding);
}

void
contexts_find(struct identity *who, const char *sandbox_id, const char *name,
    contexts_found *found, void *arg)
{
	find(who, sandbox_id, name, &(struct finding){
	    .of_tag = context_of_tag, .found = found, .arg = arg});
}

void
contexts_find_any(struct identity *who, const char *sandbox_id,
    const char *name, contexts_found *found, void *arg)
{
	find(who, sandbox_id, name, &(struct finding){
	    .of_tag = context_of_any_tag, .found = found, .arg = arg});
}

void
context_lines_fini(struct context_lines *lines)
{
	free(lines->data);
	*lines = (struct context_lines){0};
}

int
context_lines_add(struct context_lines *lines, const void *data, size_t size,
    void (*each)(void *arg, const char *line, size_t size), void *arg)
{
	char *grown, *start, *end;

	if (size > CONTEXT_LINE_MAX - lines->size)
		return -EMSGSIZE;
	grown = realloc(lines->data, lines->size + size);
	if (grown == NULL)
		return -ENOMEM;
	lines->data = grown;
	memcpy(grown + lines->size, data, size);
	lines->size += size;
	/* What was there has no end of a line. */
	for (start = grown; (end = memchr(start, '\n',
	    lines->size - (size_t)(start - grown))) != NULL; start = end + 1)
		each(arg, start, (size_t)(end - start));
	lines->size -= (size_t)(start - grown);
	memmove(grown, start, lines->size);
	return 0;
}

static void
add_part(FILE *file, const char *code, size_t size)
{
	for (size_t i = 0; i < size; i++)
		fprintf(file, "\\x%02x", (unsigned char)code[i]);
}

char *
context_input(const struct runner *runner, const char *run, const char *code)
{
	return context_input_with(runner, run, code, NULL, 0);
}

char *
context_input_with(const struct runner *runner, const char *run,
    const char *code, const char *variables, uint32_t n_variables)
{
	size_t left = strlen(code), size;
	char *text = NULL;
	FILE *file = open_memstream(&text, &size);

	if (file == NULL)
		return NULL;
	for (uint32_t i = 0; i < n_variables; i++) {
		fprintf(file, "__sg %s 2 '", run);
		add_part(file, variables, strlen(variables));
		fprintf(file, "'\n");
		variables += strlen(variables) + 1;
	}
	do {
		size_t n = left < PART_BYTES ? left : PART_BYTES;

		fprintf(file, "__sg %s %d '", run, left > n);
		add_part(file, code, n);
		fprintf(file, "'%s\n", left > n ? "" : runner->after);
		code += n;
		left -= n;
	} while (left > 0);
	if (fclose(file) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
