// SPDX-License-Identifier: Apache-2.0
/* Calls about agents: broker.def 340 to 343. */
#pragma once

#include "gateway/broker/api/answer.h"

/* Each is called with the decoded request of its row. 0 when it answered;
 * context->err is sent where that is set. */
int api_agent_add(struct api_context *context, const void *request);
int api_agent_list(struct api_context *context, const void *request);
int api_agent_remove(struct api_context *context, const void *request);
int api_agent_get(struct api_context *context, const void *request);
