// SPDX-License-Identifier: Apache-2.0
/*
 * Destroying what an organisation leaves behind when it is removed. What a
 * broker that ends leaves undone, the next one does.
 */
#pragma once

#include "gateway/broker/api/answer.h"

/* Answers the call once no sandbox of the organisation, which the database
 * does not know any more, is left. 0, or -errno, which is the answer. */
int org_removal_begin(struct api_context *context, const char *org);

/* It is known whose sandboxes are: goes on with those of organisations that
 * were removed. */
void org_removals_resume(struct broker *broker);

/* Forgets those under way; nobody is answered. */
void org_removals_free(struct broker *broker);
