// SPDX-License-Identifier: Apache-2.0
/*
 * sandgate mcp: the Model Context Protocol on standard input and output, a
 * message a line, for clients that start a program; each is passed on to the
 * API's /mcp, several at once (docs/clients/mcp.md).
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/api_many.h"
#include "cli/options.h"
#include "common/fd.h"
#include "common/json_load.h"

#define LINE_MAX_BYTES (16 << 20) /* the API takes less */
#define AT_ONCE_MAX    32
#define ROOM_FIRST     65536

/* JSON-RPC's. */
#define PARSE_ERROR	(-32700)
#define INVALID_REQUEST (-32600)
#define FAILED		(-32000)

struct bridge {
	struct api_many *many;
	char *data; /* owned; of lines that are not whole yet */
	size_t size, room;
	bool is_over;	/* nothing more is read */
	bool is_unread; /* who is written to has gone */
};

static void
write_line(struct bridge *bridge, const char *text, size_t size)
{
	if (fwrite(text, 1, size, stdout) != size || putchar('\n') == EOF ||
	    fflush(stdout) != 0)
		bridge->is_unread = true;
}

static void
write_error(struct bridge *bridge, json_t *id, int code, const char *words)
{
	auto_json json_t *error =
	    json_pack("{s:s, s:O, s:{s:i, s:s}}", "jsonrpc", "2.0", "id", id,
		"error", "code", code, "message", words);
	auto_free char *text =
	    error != NULL ? json_dumps(error, JSON_COMPACT) : NULL;

	if (text != NULL)
		write_line(bridge, text, strlen(text));
}

/* What comes before an answer: how far it is. */
static void
on_told(void *arg, const char *text, size_t size)
{
	write_line(arg, text, size);
}

/* The tag is the message's id; null where it wants no answer. */
static void
on_done(void *arg, json_t *tag, const char *text, size_t size,
    const struct err *err)
{
	struct bridge *bridge = arg;

	if (err != NULL && !json_is_null(tag))
		write_error(bridge, tag, FAILED, err->text);
	else if (err != NULL)
		(void)cli_fail(err);
	else if (size > 0)
		write_line(bridge, text, size);
}

static void
take_line(struct bridge *bridge, const char *line, size_t size)
{
	auto_json json_t *message =
	    json_load_whole(line, size, JSON_DECODE_ANY, NULL);
	json_t *id = json_object_get(message, "id");
	json_t *tag = id != NULL && json_object_get(message, "method") != NULL
			  ? json_incref(id)
			  : json_null();
	struct err err = {0};

	if (message == NULL)
		write_error(bridge, json_null(), PARSE_ERROR,
		    "a line that is not JSON");
	else if (!json_is_object(message))
		write_error(bridge, json_null(), INVALID_REQUEST,
		    "not a message of JSON-RPC 2.0; batches are not taken");
	else if (api_many_post(bridge->many, message, json_incref(tag), &err) <
		 0)
		on_done(bridge, tag, NULL, 0, &err);
	json_decref(tag);
}

/* Those that are whole. */
static void
take_lines(struct bridge *bridge)
{
	char *line = bridge->data, *end;
	size_t left = bridge->size;

	while (left > 0 && (end = memchr(line, '\n', left)) != NULL) {
		size_t n = (size_t)(end - line);

		if (n > 0 && line[strspn(line, " \t\r\n")] != '\0')
			take_line(bridge, line, n);
		left -= n + 1;
		line = end + 1;
	}
	memmove(bridge->data, line, left);
	bridge->size = left;
}

static int
make_room(struct bridge *bridge, struct err *err)
{
	size_t room = bridge->room == 0 ? ROOM_FIRST : 2 * bridge->room;
	char *grown;

	if (bridge->size + 1 < bridge->room)
		return 0;
	if (room > 2 * LINE_MAX_BYTES)
		return err_set(err, EMSGSIZE, "a message of more than %d MiB",
		    LINE_MAX_BYTES >> 20);
	grown = realloc(bridge->data, room);
	if (grown == NULL)
		return err_set(err, ENOMEM, "out of memory");
	bridge->data = grown;
	bridge->room = room;
	return 0;
}

static int
read_more(struct bridge *bridge, struct err *err)
{
	int r = make_room(bridge, err);
	ssize_t n;

	if (r < 0)
		return r;
	n = read(STDIN_FILENO, bridge->data + bridge->size,
	    bridge->room - bridge->size - 1);
	if (n < 0 && errno != EINTR && errno != EAGAIN)
		return err_errno(err, "standard input");
	if (n == 0)
		bridge->is_over = true;
	if (n > 0) {
		bridge->size += (size_t)n;
		bridge->data[bridge->size] = '\0';
		take_lines(bridge);
	}
	return 0;
}

static int
turn(struct bridge *bridge, struct err *err)
{
	bool is_readable = false;
	bool is_wanted =
	    !bridge->is_over && api_many_count(bridge->many) < AT_ONCE_MAX;
	int r = api_many_turn(
	    bridge->many, is_wanted ? STDIN_FILENO : -1, &is_readable, err);

	return r == 0 && is_readable ? read_more(bridge, err) : r;
}

int
run_mcp(struct cli *cli, int argc, char **argv)
{
	struct bridge bridge = {0};
	struct err err = {0};
	int r = 0;

	(void)argv;
	if (argc != 1)
		return cli_usage("mcp", "it takes nothing");
	bridge.many = api_many_new(
	    cli, "/mcp", "Mcp-Session-Id", on_told, on_done, &bridge);
	if (bridge.many == NULL)
		r = err_set(&err, ENOMEM, "out of memory");
	while (r == 0 && !bridge.is_unread &&
	       (!bridge.is_over || api_many_count(bridge.many) > 0))
		r = turn(&bridge, &err);
	api_many_free(bridge.many);
	free(bridge.data);
	return r < 0 ? cli_fail(&err) : CLI_OK;
}
