// SPDX-License-Identifier: Apache-2.0
/* For dialects whose products tell nobody of what is another's or gone. */
#pragma once

#include "gateway/http/engine/failure.h"

/* Makes a failure that is one of these "sandbox not found", and leaves all
 * others: a dialect's adapt_failure, or the first thing in it. */
void absent_hide(struct failure *failure);
