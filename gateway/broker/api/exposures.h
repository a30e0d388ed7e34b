// SPDX-License-Identifier: Apache-2.0
/* Calls about what of sandboxes is served to those outside: broker.def 244 to
 * 248. */
#pragma once

#include "gateway/broker/api/answer.h"

/* Each is called with the decoded request of its row. 0 when it answered;
 * context->err is sent where that is set. */
int api_service_put(struct api_context *context, const void *request);
int api_service_list(struct api_context *context, const void *request);
int api_preview_create(struct api_context *context, const void *request);
int api_preview_renew(struct api_context *context, const void *request);
int api_preview_list(struct api_context *context, const void *request);
int api_exposure_remove(struct api_context *context, const void *request);
