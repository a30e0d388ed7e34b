// SPDX-License-Identifier: Apache-2.0
/* A command that a request waits for, in the words of any dialect. */
#pragma once

#include "gateway/http/dialect/native/start.h"

struct exec_result {
	uint32_t id, pid, is_timed_out, is_oom, is_truncated;
	uint32_t exit_code, duration_ms;
	const char *signal, *out, *err;
	uint64_t out_bytes, err_bytes;
};

/* A route's about; NULL: all is native. */
struct exec_kind {
	uint64_t timeout_ms; /* where none is said; 0: never */
	/* What the input says, with nothing for it to read; memory that *ret
	 * needs goes to *ret_room, to be freed. NULL: native_exec_wish. False:
	 * the exchange has been failed. */
	bool (*read)(struct exchange *exchange, struct start_wish *ret,
	    char **ret_room);
	/* What its standard input has, which lives as long as the exchange;
	 * NULL: nothing. Has read. */
	const char *(*input)(struct exchange *exchange);
	/* Its answer; NULL: native_exec_result. */
	void (*reply)(struct exchange *exchange,
	    const struct exec_result *result);
	/* It runs, as that process; may be NULL. */
	void (*started)(struct exchange *exchange, uint32_t id);
	/* It has written so; may be NULL. */
	void (*written)(struct exchange *exchange, const void *data,
	    size_t size);
};
