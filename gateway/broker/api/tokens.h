// SPDX-License-Identifier: Apache-2.0
/* Calls about the tokens of the identity's user: broker.def 180, 232, 272,
 * 273. */
#pragma once

#include "gateway/broker/api/answer.h"

/* Each is called with the decoded request of its row. 0 when it answered;
 * context->err is sent where that is set. */
int api_token_create(struct api_context *context, const void *request);
int api_token_list(struct api_context *context, const void *request);
int api_token_revoke(struct api_context *context, const void *request);
int api_sandbox_token(struct api_context *context, const void *request);

/* A sandbox that the one for whom the identity is cannot reach is one there is
 * not; what he may reach later, a token never will without him. -ENOENT, or
 * -EAGAIN where sandboxd is away. */
int api_check_sandbox(struct api_context *context, const char *id);
