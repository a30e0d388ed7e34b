// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/e2b/select.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/http/service/processes.h"

static const struct field selector_fields[] = {
    {"pid", FIELD_U32, offsetof(struct process_selector, pid), 1, UINT32_MAX,
	"its number in the sandbox"},
    {"tag", FIELD_STRING, offsetof(struct process_selector, tag), 1, 64,
	"what its starter called it"},
};
FIELD_TABLE(e2b_selector, struct process_selector, selector_fields);

struct selecting {
	struct process_selector selector;
	process_found *found;
	void *arg;
};

static bool
is_meant(const struct process_selector *selector,
    const struct rpc_process_info *info)
{
	return selector->pid != 0 ? info->pid == selector->pid :
	    strcmp(info->tag, selector->tag) == 0;
}

static void
on_list(void *arg, struct rpc_bytes list, const struct err *failure)
{
	auto_free struct selecting *selecting = arg;
	const struct process_selector *selector = &selecting->selector;
	struct rpc_process_info info, last;
	struct err err = {0};
	bool is_there = false;

	if (failure != NULL) {
		selecting->found(selecting->arg, NULL, failure);
		return;
	}
	while (rpc_list_next(&rpc_layout_process_info, &list, &info))
		if (is_meant(selector, &info)) {
			last = info;
			is_there = true;
		}
	if (is_there)
		selecting->found(selecting->arg, &last, NULL);
	else if (selector->pid != 0)
		err_set(&err, ESRCH, "no process with pid %u", selector->pid);
	else
		err_set(&err, ESRCH, "no process with tag \"%.64s\"",
		    selector->tag);
	if (!is_there)
		selecting->found(selecting->arg, NULL, &err);
}

void
process_select(struct identity *who, const char *sandbox_id,
    const struct field_objects *selector, process_found *found, void *arg)
{
	const struct process_selector *given = selector->items;
	struct err err = {ENOMEM, "out of memory"};
	struct selecting *selecting;

	if (selector->count == 0 || (given->pid == 0) == (given->tag == NULL)) {
		err_set(&err, EINVAL, "process: give its pid or its tag");
		found(arg, NULL, &err);
		return;
	}
	selecting = malloc(sizeof *selecting);
	if (selecting == NULL) {
		found(arg, NULL, &err);
		return;
	}
	*selecting = (struct selecting){*given, found, arg};
	processes_list(who, sandbox_id, on_list, selecting);
}
