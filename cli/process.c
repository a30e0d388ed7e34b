// SPDX-License-Identifier: Apache-2.0
#include "cli/process.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "common/parse.h"

int
process_suffix(const char *number, const char *rest,
    char ret[PROCESS_SUFFIX_SIZE], struct err *err)
{
	uint64_t value;

	if (parse_u64(number, &value) < 0 || value == 0 || value > UINT32_MAX)
		return err_set(err, EINVAL, "\"%.40s\" is not the number of a "
		    "process; ps lists them", number);
	if (snprintf(ret, PROCESS_SUFFIX_SIZE, "processes/%llu%s",
	    (unsigned long long)value, rest) >= PROCESS_SUFFIX_SIZE)
		return err_set(err, EINVAL, "too long");
	return 0;
}

int
process_path(const char *id, const char *number, const char *rest,
    char ret[PROCESS_PATH_SIZE], struct err *err)
{
	char suffix[PROCESS_SUFFIX_SIZE];
	char spelt[CLI_WORD_SIZE];
	int r = process_suffix(number, rest, suffix, err);

	if (r < 0)
		return r;
	snprintf(spelt, sizeof spelt, "%s", id);
	sandbox_id_respell(spelt);
	if (strlen(id) >= sizeof spelt || (!sandbox_id_is_valid(spelt) &&
	    !name_is_valid(spelt)))
		return err_set(err, EINVAL, "\"%.40s\" is neither an id nor a "
		    "name", id);
	snprintf(ret, PROCESS_PATH_SIZE, "/v1/sandboxes/%s/%s", spelt, suffix);
	return 0;
}

struct printing {
	bool is_json;
	int status; /* -1 = it has not ended */
	char error[ERR_TEXT_SIZE];
};

static int
value_of(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

static void
print_base64(FILE *file, const char *text)
{
	uint32_t bits = 0;
	int n_bits = 0, value;

	for (; (value = value_of(*text)) >= 0; text++) {
		bits = bits << 6 | (uint32_t)value;
		n_bits += 6;
		if (n_bits < 8)
			continue;
		n_bits -= 8;
		putc((int)(bits >> n_bits & 0xff), file);
	}
}

void
process_write_bytes(FILE *file, const json_t *line)
{
	const json_t *text = json_object_get(line, "text");

	if (text != NULL)
		fwrite(json_string_value(text), 1, json_string_length(text),
		    file);
	else
		print_base64(file, api_string(line, "base64"));
}

static void
print_bytes(const json_t *line)
{
	FILE *file = strcmp(api_string(line, "stream"), "stderr") == 0 ?
	    stderr : stdout;

	process_write_bytes(file, line);
	fflush(file);
}

static void
print_json(const json_t *line)
{
	json_dumpf(line, stdout, JSON_COMPACT);
	putchar('\n');
	fflush(stdout);
}

static bool
on_line(void *arg, const json_t *line)
{
	struct printing *printing = arg;
	const char *event = api_string(line, "event");

	if (printing->is_json)
		print_json(line);
	else if (strcmp(event, "bytes") == 0)
		print_bytes(line);
	else if (strcmp(event, "lost") == 0)
		fprintf(stderr, "sandgate: %.0f bytes are no longer kept\n",
		    api_number(line, "bytes"));
	if (strcmp(event, "exit") == 0)
		printing->status = (int)api_number(line, "exit_code");
	else if (strcmp(event, "running") == 0)
		printing->status = CLI_OK;
	else if (strcmp(event, "error") == 0)
		snprintf(printing->error, sizeof printing->error, "%s",
		    api_string(line, "message"));
	return !ferror(stdout);
}

int
process_print_output(const struct cli *cli, const char *id,
    const char *number, const char *from, bool follows)
{
	struct printing printing = {.is_json = cli->is_json, .status = -1};
	char path[PROCESS_PATH_SIZE], rest[64];
	struct err err = {0};
	uint64_t position = 0;

	if (from != NULL && parse_u64(from, &position) < 0) {
		err_set(&err, EINVAL, "--from: \"%.40s\" is not a position",
		    from);
		return cli_fail(&err);
	}
	snprintf(rest, sizeof rest, "/output?from=%llu&follow=%d",
	    (unsigned long long)position, follows);
	if (process_path(id, number, rest, path, &err) < 0 ||
	    api_follow(cli, path, on_line, &printing, &err) < 0)
		return cli_fail(&err);
	if (printing.status >= 0)
		return printing.status;
	err_set(&err, EPIPE, "%s", printing.error[0] != '\0' ?
	    printing.error : "the connection ended before the process did");
	return cli_fail(&err);
}
