// SPDX-License-Identifier: Apache-2.0
/* Processes that live on in a sandbox (docs/PROCESSES.md): what is asked of
 * them, but for what they write (exec.h). */
#pragma once

#include "common/rpc_calls.h"

struct identity;

/* Each is called once, maybe before the function returns; err is NULL, or why
 * not. What a reply points into lives until the callback returns. */
typedef void processes_done(void *arg, const struct err *err);
typedef void processes_one_done(void *arg,
    const struct rpc_process_info *process, const struct err *err);
typedef void processes_get_done(void *arg,
    const struct rpc_process_get_rep *reply, const struct err *err);
/* list has records of process_info. */
typedef void processes_list_done(void *arg, struct rpc_bytes list,
    const struct err *err);

/* Starts one, which nobody looks at yet; the request has to live until the
 * callback. */
void processes_start(struct identity *who, const char *sandbox_id,
    const struct rpc_process_start_req *request, processes_one_done *done,
    void *arg);

/* The same with a channel (init.def). */
void processes_start_channel(struct identity *who, const char *sandbox_id,
    const struct rpc_process_start_req *request, processes_one_done *done,
    void *arg);

/* All of them, the oldest first. */
void processes_list(struct identity *who, const char *sandbox_id,
    processes_list_done *done, void *arg);

/* One, with what it was started with; ESRCH where there is none. */
void processes_get(struct identity *who, const char *sandbox_id, uint32_t id,
    processes_get_done *done, void *arg);

/* To its group. ESRCH where there is none, or it has ended. */
void processes_signal(struct identity *who, const char *sandbox_id,
    uint32_t id, int number, processes_done *done, void *arg);

/* EBUSY where it has no terminal, or has ended. */
void processes_resize(struct identity *who, const char *sandbox_id,
    uint32_t id, uint32_t rows, uint32_t columns, processes_done *done,
    void *arg);

/* Its stdin ends after what waits to be read. EBUSY where it has ended. */
void processes_close_input(struct identity *who, const char *sandbox_id,
    uint32_t id, processes_done *done, void *arg);

/* Ends it with all that it has started. */
void processes_kill(struct identity *who, const char *sandbox_id,
    uint32_t id, processes_done *done, void *arg);
