// SPDX-License-Identifier: Apache-2.0
/* Answers that are a sandbox. */
#pragma once

#include "gateway/http/dialect/e2b/e2b.h"

/*
 * Ends an exchange with a sandbox and, where the caller may have one, a secret
 * that opens it; or with err. Takes the exchange's memory.
 */
void answer_sandbox(struct exchange *exchange, unsigned int status,
    const struct sandboxes_view *sandbox, const struct err *err);

/* The same where nothing is told. */
void answer_nothing(struct exchange *exchange, const struct err *err);
