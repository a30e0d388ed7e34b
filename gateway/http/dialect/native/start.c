// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/native/start.h"

#include <signal.h>
#include <string.h>

#include "common/parse.h"
#include "gateway/http/dialect/native/process.h"
#include "gateway/http/service/contexts.h"

#define TTY_ROWS	24
#define TTY_COLUMNS	80
#define TTY_TERM	"xterm-256color"

static const struct field size_fields[] = {
    {"rows", FIELD_U32, offsetof(struct start_size, rows), 1, START_SIZE_MAX,
	"of characters"},
    {"cols", FIELD_U32, offsetof(struct start_size, columns), 1,
	START_SIZE_MAX, "of characters"},
};
FIELD_TABLE(native_terminal_size, struct start_size, size_fields);

void
start_set_terminal(struct rpc_process_start_req *request,
    const struct field_objects *tty)
{
	const struct start_size *size = tty->items;

	if (tty->count == 0)
		return;
	request->pty = 1;
	request->term = TTY_TERM;
	request->rows = size->rows != 0 ? size->rows : TTY_ROWS;
	request->columns = size->columns != 0 ? size->columns : TTY_COLUMNS;
}

static int
find_signal(const char *text)
{
	const char *name = strncmp(text, "SIG", 3) == 0 ? text + 3 : text;
	uint64_t number;

	if (parse_u64(text, &number) == 0)
		return number >= 1 && number < NSIG ? (int)number : -1;
	for (int i = 1; i < NSIG; i++)
		if (sigabbrev_np(i) != NULL &&
		    strcmp(sigabbrev_np(i), name) == 0)
			return i;
	return -1;
}

int
process_find_signal(const char *text, struct failure *failure)
{
	int number = find_signal(text);

	return number > 0 ? number : failure_of_field(failure, "signal",
	    "\"%.16s\" is not a signal's name, such as TERM, or a number "
	    "from 1 to %d", text, NSIG - 1);
}

bool
start_check(struct exchange *exchange, const struct start_wish *wish)
{
	struct failure failure;

	if (wish->tag != NULL && strncmp(wish->tag, CONTEXT_TAG,
	    strlen(CONTEXT_TAG)) == 0) {
		failure_of_field(&failure, "tag", "must not begin with \"%s\"",
		    CONTEXT_TAG);
		exchange_fail(exchange, &failure);
		return false;
	}
	if ((wish->command == NULL) != (wish->argv.count == 0))
		return true;
	failure_of_field(&failure, "command", "give it or argv, not both");
	exchange_fail(exchange, &failure);
	return false;
}

static const char *
or_empty(const char *text)
{
	return text != NULL ? text : "";
}

void
start_request(const struct start_wish *wish,
    struct rpc_process_start_req *ret)
{
	*ret = (struct rpc_process_start_req){
	    .kind = wish->command != NULL ? INIT_SPAWN_COMMAND :
		INIT_SPAWN_ARGV,
	    .user = or_empty(wish->user),
	    .command = or_empty(wish->command),
	    .argv = {wish->argv.data, wish->argv.size, wish->argv.count},
	    .cwd = or_empty(wish->cwd),
	    .env = {wish->env.data, wish->env.size, wish->env.count},
	    .term = "",
	    .tag = or_empty(wish->tag),
	    .timeout_ms = wish->timeout_ms,
	};
}
