// SPDX-License-Identifier: Apache-2.0
/* Calls about the users of the identity's organisation: broker.def 279 to
 * 283. */
#pragma once

#include "gateway/broker/api/answer.h"

/* Each is called with the decoded request of its row. 0 when it answered;
 * context->err is sent where that is set. */
int api_user_add(struct api_context *context, const void *request);
int api_user_set(struct api_context *context, const void *request);
int api_user_find(struct api_context *context, const void *request);
int api_user_list(struct api_context *context, const void *request);
int api_user_remove(struct api_context *context, const void *request);
