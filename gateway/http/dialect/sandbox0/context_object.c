// SPDX-License-Identifier: Apache-2.0
/* What Sandbox0's clients are told of a context. */
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include "gateway/http/dialect/sandbox0/contexts.h"
#include "gateway/http/runner/runner.h"

const char *
sandbox0_exit_state(bool is_signal, int code)
{
	return is_signal ? "killed" : code != 0 ? "crashed" : "stopped";
}

json_t *
sandbox0_context(const struct rpc_process_info *process,
    const struct context_name *name)
{
	const int status = process->wait_status;
	const bool is_over = process->ended_ms != 0;
	json_t *object = json_pack("{s:s, s:s, s:b, s:b, s:o, s:s}", "id",
	    name->name, "type", name->runner != NULL ? "repl" : "cmd",
	    "running", (int)!is_over, "paused", 0, "created_at",
	    sandbox0_time(process->started_ms), "state", !is_over ?
	    "running" : sandbox0_exit_state(WIFSIGNALED(status),
	    WEXITSTATUS(status)));

	if (object != NULL && name->runner != NULL)
		(void)json_object_set_new(object, "alias",
		    json_string(name->runner->language));
	if (object != NULL && is_over)
		(void)json_object_set_new(object, "exit_code",
		    json_integer(WIFSIGNALED(status) ?
		    128 + WTERMSIG(status) : WEXITSTATUS(status)));
	return object;
}

size_t
sandbox0_unfinished(const char *data, size_t size)
{
	for (size_t n = 1; n <= 3 && n <= size; n++) {
		const uint8_t byte = (uint8_t)data[size - n];

		if ((byte & 0xc0) == 0x80)
			continue;
		return (byte >= 0xc2 && n < 2) || (byte >= 0xe0 && n < 3) ||
		    (byte >= 0xf0 && byte <= 0xf4 && n < 4) ? n : 0;
	}
	return 0;
}
