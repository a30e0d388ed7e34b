// SPDX-License-Identifier: Apache-2.0
/* The call that lets a key into one sandbox for a time: broker.def 240. */
#pragma once

#include "gateway/broker/api/answer.h"

/* Called with the decoded request; answers once sandboxd has said whose the
 * sandbox is. context->err is sent where that is set. */
int api_ssh_access(struct api_context *context, const void *request);
