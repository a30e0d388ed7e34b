// SPDX-License-Identifier: Apache-2.0
/* Handlers and tables of snapshots, templates, limits and keys. */
#pragma once

#include "gateway/http/dialect/sandbox0/sandbox0.h"

extern const struct field_table sandbox0_snapshot_wish, sandbox0_restore_wish,
    sandbox0_fork_wish, sandbox0_template_wish;

void sandbox0_create_snapshot(struct exchange *exchange);
void sandbox0_list_snapshots(struct exchange *exchange);
void sandbox0_get_snapshot(struct exchange *exchange);
void sandbox0_remove_snapshot(struct exchange *exchange);
void sandbox0_restore(struct exchange *exchange);
void sandbox0_fork(struct exchange *exchange);

void sandbox0_list_templates(struct exchange *exchange);
void sandbox0_get_template(struct exchange *exchange);
void sandbox0_publish_template(struct exchange *exchange);
void sandbox0_refuse_template(struct exchange *exchange);
void sandbox0_remove_template(struct exchange *exchange);

void sandbox0_list_quotas(struct exchange *exchange);
void sandbox0_get_quota(struct exchange *exchange);
void sandbox0_list_usage(struct exchange *exchange);

void sandbox0_add_key(struct exchange *exchange);
void sandbox0_list_keys(struct exchange *exchange);
void sandbox0_remove_key(struct exchange *exchange);

void sandbox0_get_metrics(struct exchange *exchange);
void sandbox0_list_metrics(struct exchange *exchange);
