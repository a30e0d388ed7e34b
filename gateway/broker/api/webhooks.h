// SPDX-License-Identifier: Apache-2.0
/* Calls about webhooks: broker.def 291 to 294 and 300. */
#pragma once

#include "gateway/broker/api/answer.h"

/* Each is called with the decoded request of its row. 0 when it answered;
 * context->err is sent where that is set. */
int api_webhook_add(struct api_context *context, const void *request);
int api_webhook_list(struct api_context *context, const void *request);
int api_webhook_remove(struct api_context *context, const void *request);
int api_webhook_test(struct api_context *context, const void *request);
int api_webhook_deliveries(struct api_context *context, const void *request);
