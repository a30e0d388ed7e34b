// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/task/origin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool
copy(struct rpc_strv *ret, const struct rpc_strv *from)
{
	char *data = from->size > 0 ? malloc(from->size) : NULL;

	if (from->size == 0)
		return true;
	if (data == NULL)
		return false;
	memcpy(data, from->data, from->size);
	*ret = (struct rpc_strv){data, from->size, from->count};
	return true;
}

int
origin_init(struct task_origin *origin,
    const struct rpc_process_start_req *request, struct err *err)
{
	origin->command = strdup(request->command);
	origin->cwd = strdup(request->cwd);
	if (origin->command == NULL || origin->cwd == NULL ||
	    !copy(&origin->argv, &request->argv) ||
	    !copy(&origin->env, &request->env))
		return err_set(err, ENOMEM, "process: out of memory");
	return 0;
}

void
origin_fini(struct task_origin *origin)
{
	free(origin->command);
	free(origin->cwd);
	free((void *)(uintptr_t)origin->argv.data);
	free((void *)(uintptr_t)origin->env.data);
}
