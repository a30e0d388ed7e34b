// SPDX-License-Identifier: Apache-2.0
/* Calls about the SSH keys of the identity's user: broker.def 220 to 222. */
#pragma once

#include "gateway/broker/api/answer.h"

/* Each is called with the decoded request of its row. 0 when it answered;
 * context->err is sent where that is set. */
int api_ssh_key_add(struct api_context *context, const void *request);
int api_ssh_key_list(struct api_context *context, const void *request);
int api_ssh_key_remove(struct api_context *context, const void *request);
