// SPDX-License-Identifier: Apache-2.0
/*
 * Agents, sessions and events of Sandbase's: a session is a sandbox whose
 * metadata name an agent, its events are what is said in it (turn.h).
 */
#pragma once

#include <stdint.h>

#define TALK_AGENT_PREFIX "agent_"
#define TALK_AGENT_SIZE	  32
#define TALK_AGENT_KEY	  "agent_id" /* of a sandbox's metadata */

/* The number of "agent_7"; 0 where it is none. */
uint64_t talk_read_agent(const char *text);
