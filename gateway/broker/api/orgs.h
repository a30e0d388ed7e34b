// SPDX-License-Identifier: Apache-2.0
/* Calls about organisations: broker.def 278, 295 and 297 to 299. */
#pragma once

#include "gateway/broker/api/answer.h"

/* Each is called with the decoded request of its row. 0 when it is answered or
 * will be; context->err is sent where that is set. */
int api_org_get(struct api_context *context, const void *request);
int api_org_add(struct api_context *context, const void *request);
int api_org_set(struct api_context *context, const void *request);
int api_org_list(struct api_context *context, const void *request);
int api_org_remove(struct api_context *context, const void *request);
