// SPDX-License-Identifier: Apache-2.0
/* What processes of a sandbox wrote, as an answer of any dialect. */
#pragma once

#include "gateway/http/dialect/native/native.h"
#include "gateway/http/service/logs.h"

struct logs_form {
	bool is_text;	/* else lines of JSON */
	bool has_times; /* whether each line of text begins with its time */
};

/* Answers with what is wished, which need not live longer than the call. */
void logs_answer(struct exchange *exchange, const logs_wish *wish,
    struct logs_form form);
