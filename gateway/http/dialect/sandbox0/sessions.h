// SPDX-License-Identifier: Apache-2.0
/* Handlers and tables of the routes of sessions: commands, looked at in another
 * way than as contexts. */
#pragma once

#include "gateway/http/dialect/sandbox0/contexts.h"

extern const struct field_table sandbox0_session_wish, sandbox0_state_wish,
    sandbox0_attempt_wish, sandbox0_session_input_wish;

void sandbox0_create_session(struct exchange *exchange);
void sandbox0_list_sessions(struct exchange *exchange);
void sandbox0_get_session(struct exchange *exchange);
void sandbox0_refuse_session(struct exchange *exchange);
void sandbox0_set_session_state(struct exchange *exchange);
void sandbox0_create_attempt(struct exchange *exchange);
void sandbox0_write_session(struct exchange *exchange);
void sandbox0_list_session_events(struct exchange *exchange);
