// SPDX-License-Identifier: Apache-2.0
/* Handlers and tables of the routes of sessions: commands, looked at in another
 * way than as contexts. */
#pragma once

#include "gateway/http/dialect/sandbox0/contexts.h"

extern const struct field_table sandbox0_session_wish, sandbox0_state_wish,
    sandbox0_attempt_wish, sandbox0_session_input_wish,
    sandbox0_session_said;

void sandbox0_create_session(struct exchange *exchange);
void sandbox0_list_sessions(struct exchange *exchange);
void sandbox0_get_session(struct exchange *exchange);
void sandbox0_update_session(struct exchange *exchange);
void sandbox0_set_session_state(struct exchange *exchange);
void sandbox0_create_attempt(struct exchange *exchange);
void sandbox0_write_session(struct exchange *exchange);
void sandbox0_list_session_events(struct exchange *exchange);
void sandbox0_watch_session(struct exchange *exchange);
void sandbox0_connect_session(struct exchange *exchange);

/* An event of a process, whose numbers alone are read, with what is more in it,
 * which is taken over; and what is more of output. NULL: out of memory. */
json_t *sandbox0_session_event(const struct exchange *exchange,
    const struct rpc_process_info *process, uint32_t attempt, uint64_t seq,
    json_t *more);
json_t *sandbox0_session_output(const struct rpc_process_info *process,
    bool is_error, const void *data, size_t size);
