// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/processes.h"

#include <errno.h>
#include <stdlib.h>

#include "gateway/http/back/ask.h"
#include "gateway/http/service/exec.h"

/* One that is asked for; of the callbacks one is set. */
struct wanted {
	union {
		struct rpc_process_list_req list;
		struct rpc_process_get_req get;
		struct rpc_process_signal_req signal;
		struct rpc_process_resize_req resize;
		struct rpc_process_close_input_req close_input;
		struct rpc_process_kill_req kill;
	};
	processes_done *done;
	processes_one_done *one_done;
	processes_list_done *list_done;
	processes_get_done *get_done;
	void *arg;
};

static void
tell_one(const struct wanted *wanted, const struct rpc_process_list_rep *reply,
    const struct err *err)
{
	struct rpc_bytes list = reply != NULL ? reply->processes :
	    (struct rpc_bytes){0};
	struct rpc_process_info process;
	const struct err none = {EBADMSG, "the sandbox told of no process"};

	if (err == NULL &&
	    !rpc_list_next(&rpc_layout_process_info, &list, &process))
		err = &none;
	wanted->one_done(wanted->arg, err == NULL ? &process : NULL, err);
}

static void
tell(const struct wanted *wanted, const void *reply, const struct err *err)
{
	const struct rpc_process_list_rep *list = reply;

	if (wanted->done != NULL)
		wanted->done(wanted->arg, err);
	else if (wanted->get_done != NULL)
		wanted->get_done(wanted->arg, reply, err);
	else if (wanted->one_done != NULL)
		tell_one(wanted, reply, err);
	else
		wanted->list_done(wanted->arg, list != NULL ?
		    list->processes : (struct rpc_bytes){0}, err);
}

static void
on_reply(void *arg, struct ask *asked, const void *reply,
    const struct err *err)
{
	auto_free struct wanted *wanted = arg;

	(void)asked;
	tell(wanted, reply, err);
}

static struct wanted *
keep(const struct wanted *wanted)
{
	const struct err err = {ENOMEM, "out of memory"};
	struct wanted *kept = malloc(sizeof *kept);

	if (kept == NULL)
		tell(wanted, NULL, &err);
	else
		*kept = *wanted;
	return kept;
}

static void
ask(struct identity *who, const char *sandbox_id,
    const struct rpc_call *call, const struct wanted *wanted)
{
	struct wanted *kept = keep(wanted);

	if (kept != NULL)
		ask_init(who, sandbox_id, call, &kept->list, on_reply, kept);
}

/* It runs: what there is to say of it. */
static void
on_started(void *arg, struct ask *asked, const void *data,
    const struct err *err)
{
	struct wanted *wanted = arg;
	const struct rpc_process_start_rep *reply = data;

	if (err != NULL) {
		on_reply(arg, asked, NULL, err);
		return;
	}
	wanted->list.id = reply->id;
	ask_again(asked, &rpc_call_process_list, &wanted->list, on_reply,
	    wanted);
}

static void
start(struct identity *who, const char *sandbox_id,
    const struct rpc_call *call,
    const struct rpc_process_start_req *request, processes_one_done *done,
    void *arg)
{
	struct wanted *kept = keep(&(struct wanted){.one_done = done,
	    .arg = arg});

	if (kept == NULL)
		return;
	ask_init(who, sandbox_id, call, request, on_started, kept);
	exec_tell_begun(who, sandbox_id);
}

void
processes_start(struct identity *who, const char *sandbox_id,
    const struct rpc_process_start_req *request, processes_one_done *done,
    void *arg)
{
	start(who, sandbox_id, &rpc_call_process_start, request, done, arg);
}

void
processes_start_channel(struct identity *who, const char *sandbox_id,
    const struct rpc_process_start_req *request, processes_one_done *done,
    void *arg)
{
	start(who, sandbox_id, &rpc_call_process_start_channel, request, done,
	    arg);
}

void
processes_list(struct identity *who, const char *sandbox_id,
    processes_list_done *done, void *arg)
{
	ask(who, sandbox_id, &rpc_call_process_list,
	    &(struct wanted){.list_done = done, .arg = arg});
}

void
processes_get(struct identity *who, const char *sandbox_id, uint32_t id,
    processes_get_done *done, void *arg)
{
	ask(who, sandbox_id, &rpc_call_process_get,
	    &(struct wanted){.get = {id}, .get_done = done, .arg = arg});
}

void
processes_signal(struct identity *who, const char *sandbox_id, uint32_t id,
    int number, processes_done *done, void *arg)
{
	ask(who, sandbox_id, &rpc_call_process_signal, &(struct wanted){
	    .signal = {id, number}, .done = done, .arg = arg});
}

void
processes_resize(struct identity *who, const char *sandbox_id, uint32_t id,
    uint32_t rows, uint32_t columns, processes_done *done, void *arg)
{
	ask(who, sandbox_id, &rpc_call_process_resize, &(struct wanted){
	    .resize = {id, rows, columns}, .done = done, .arg = arg});
}

void
processes_close_input(struct identity *who, const char *sandbox_id,
    uint32_t id, processes_done *done, void *arg)
{
	ask(who, sandbox_id, &rpc_call_process_close_input,
	    &(struct wanted){.close_input = {id}, .done = done, .arg = arg});
}

void
processes_kill(struct identity *who, const char *sandbox_id, uint32_t id,
    processes_done *done, void *arg)
{
	ask(who, sandbox_id, &rpc_call_process_kill,
	    &(struct wanted){.kill = {id}, .done = done, .arg = arg});
}
