// SPDX-License-Identifier: Apache-2.0
/* The call about the limits that the broker keeps; a row of api.c. */
#pragma once

#include "gateway/broker/api/answer.h"

int api_broker_quota(struct api_context *context, const void *request);
