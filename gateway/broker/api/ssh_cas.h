// SPDX-License-Identifier: Apache-2.0
/*
 * Calls about the certificate authorities of the identity's organisation, and
 * about what it has revoked: broker.def 250 to 255.
 */
#pragma once

#include "gateway/broker/api/answer.h"

/* Each is called with the decoded request of its row. 0 when it answered;
 * context->err is sent where that is set. */
int api_ssh_ca_add(struct api_context *context, const void *request);
int api_ssh_ca_list(struct api_context *context, const void *request);
int api_ssh_ca_remove(struct api_context *context, const void *request);
int api_ssh_revocation_add(struct api_context *context, const void *request);
int api_ssh_revocation_list(struct api_context *context, const void *request);
int api_ssh_revocation_remove(struct api_context *context,
    const void *request);
