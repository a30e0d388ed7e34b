// SPDX-License-Identifier: Apache-2.0
/* The system calls of the two stages of gateway-session's jail. */
#pragma once

#include "gateway/jail/jail.h"

/* The zygote: all of a session's, and what forking takes. */
extern const struct jail_call zygote_calls[];
extern const size_t n_zygote_calls;

/* A session: no fork, exec, open, socket; reads and writes what it holds. */
extern const struct jail_call session_calls[];
extern const size_t n_session_calls;
