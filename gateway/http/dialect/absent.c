// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/dialect/absent.h"

#include <stddef.h>

void
absent_hide(struct failure *failure)
{
	const char *request_id = failure->request_id;

	if (!failure->is_absent)
		return;
	failure_set(failure, 404, "not_found", NULL, "sandbox not found");
	failure->request_id = request_id;
}
