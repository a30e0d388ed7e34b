// SPDX-License-Identifier: Apache-2.0
/* Handlers and tables of the routes of files. */
#pragma once

#include "gateway/http/dialect/native/upload.h"
#include "gateway/http/dialect/sandbox0/sandbox0.h"

extern const struct field_table sandbox0_move_wish, sandbox0_watch_wish;

/* About of sandbox0_write_file. */
extern const struct upload_kind sandbox0_upload;

void sandbox0_stat_file(struct exchange *exchange);
void sandbox0_list_files(struct exchange *exchange);
void sandbox0_move_file(struct exchange *exchange);
void sandbox0_remove_file(struct exchange *exchange);
void sandbox0_write_file(struct exchange *exchange);
void sandbox0_watch_files(struct exchange *exchange);
