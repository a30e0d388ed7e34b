// SPDX-License-Identifier: Apache-2.0
/* Calls about recordings: broker.def 262 and 263. */
#pragma once

#include "gateway/broker/api/answer.h"

/* Each is called with the decoded request of its row. 0 when it answered;
 * context->err is sent where that is set. */
int api_recording_list(struct api_context *context, const void *request);
int api_recording_get(struct api_context *context, const void *request);
