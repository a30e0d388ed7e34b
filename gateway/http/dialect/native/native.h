// SPDX-License-Identifier: Apache-2.0
/*
 * The native API, /v1: handlers and tables of native.c's rows. docs/API.md
 * describes them.
 */
#pragma once

#include "gateway/http/engine/exchange.h"
#include "gateway/http/engine/field.h"
#include "gateway/http/engine/route.h"

struct exec_kind;
struct rpc_sandbox_info;
struct sandboxes_view;

extern const struct dialect native;

/* Tables of requests are NAME_wish; the others are of replies. */
extern const struct field_table native_sandbox_wish, native_sandbox,
    native_environment,
    native_resources_wish, native_session_wish, native_session,
    native_sandbox_change, native_refresh, native_keepalive,
    native_fork_wish, native_snapshot_wish, native_snapshot,
    native_restore_wish,
    native_access_wish, native_access, native_key_wish, native_key,
    native_token_wish, native_token, native_ca, native_revocation_wish,
    native_revocation, native_org_name_wish, native_org_wish, native_org,
    native_user_wish, native_user_change_wish, native_user, native_recording,
    native_host_key, native_template, native_template_wish,
    native_template_detail, native_template_log, native_pool,
    native_pool_wish, native_image_wish, native_health,
    native_sandboxd_status,
    native_gateway_status, native_host_resource, native_identity, native_file,
    native_written_file, native_folder_wish, native_move_wish,
    native_exec_wish, native_exec_result,
    native_output_line, native_run_line, native_log_line, native_egress_wish,
    native_mode_wish, native_file_match, native_metric, native_unpacked,
    native_event, native_denied, native_egress, native_egress_view,
    native_egress_rule, native_egress_check_wish,
    native_egress_check, native_egress_count, native_process_wish,
    native_process,
    native_whole_process, native_terminal_size, native_signal_wish,
    native_input, native_context_wish, native_context, native_run_wish,
    native_run_python_wish,
    native_run_error, native_run_result, native_run_summary,
    native_service_wish, native_service, native_preview_wish, native_preview,
    native_webhook_wish, native_webhook, native_delivery, native_disk_wish,
    native_disk, native_artifact, native_match, native_artifact_wish,
    native_artifact_to_wish, native_artifact_from_wish,
    native_quota, native_usage, native_change_line;

/* Of a command that does not say how long it may take: route->about. */
extern const struct exec_kind native_execute;

/* native_sandbox; NULL: out of memory, or not UTF-8. */
json_t *native_print_sandbox(const struct sandboxes_view *sandbox);

/* Whether its ttl is one that destroys it. */
bool native_is_ephemeral(const struct rpc_sandbox_info *info);

/* ?limit=, from 1; false: it is no such number, which has been said. */
bool native_read_limit(struct exchange *exchange, uint32_t *ret);
void native_create_disk(struct exchange *exchange);
void native_list_disks(struct exchange *exchange);
void native_get_disk(struct exchange *exchange);
void native_remove_disk(struct exchange *exchange);
void native_list_artifacts(struct exchange *exchange);
void native_search_artifacts(struct exchange *exchange);
void native_stat_artifact(struct exchange *exchange);
void native_read_artifact(struct exchange *exchange);
void native_write_artifact(struct exchange *exchange);
void native_copy_artifact_to(struct exchange *exchange);
void native_copy_artifact_from(struct exchange *exchange);
void native_set_artifact(struct exchange *exchange);
void native_remove_artifact(struct exchange *exchange);

void native_read_logs(struct exchange *exchange);
void native_create_sandbox(struct exchange *exchange);
void native_stop_sandbox(struct exchange *exchange);
void native_keep_sandbox_alive(struct exchange *exchange);
void native_list_sandboxes(struct exchange *exchange);
void native_get_sandbox(struct exchange *exchange);
void native_get_environment(struct exchange *exchange);
void native_destroy_sandbox(struct exchange *exchange);
void native_kill_sandbox(struct exchange *exchange);
void native_pause_sandbox(struct exchange *exchange);
void native_suspend_sandbox(struct exchange *exchange);
void native_resume_sandbox(struct exchange *exchange);
void native_refresh_sandbox(struct exchange *exchange);
void native_change_sandbox(struct exchange *exchange);
void native_fork_sandbox(struct exchange *exchange);

void native_restore_sandbox(struct exchange *exchange);
void native_create_snapshot(struct exchange *exchange);
void native_list_snapshots(struct exchange *exchange);
void native_list_sandbox_snapshots(struct exchange *exchange);
void native_get_snapshot(struct exchange *exchange);
void native_remove_snapshot(struct exchange *exchange);

void native_import_image(struct exchange *exchange);

/* Ends the exchange as POST /v1/templates of this object would. */
void native_publish_object(struct exchange *exchange, const json_t *object);
void native_list_pool(struct exchange *exchange);
void native_set_pool(struct exchange *exchange);
void native_reset_pool(struct exchange *exchange);
void native_list_templates(struct exchange *exchange);
void native_get_template(struct exchange *exchange);
void native_publish_template(struct exchange *exchange);
void native_remove_template(struct exchange *exchange);
void native_read_template_log(struct exchange *exchange);

void native_list_quotas(struct exchange *exchange);
void native_list_usage(struct exchange *exchange);

void native_get_ceiling(struct exchange *exchange);
void native_set_ceiling(struct exchange *exchange);
void native_reset_ceiling(struct exchange *exchange);
void native_get_egress(struct exchange *exchange);
void native_set_egress(struct exchange *exchange);
void native_reset_egress(struct exchange *exchange);
void native_check_egress(struct exchange *exchange);
void native_count_egress(struct exchange *exchange);

void native_list_events(struct exchange *exchange);
void native_list_sandbox_metrics(struct exchange *exchange);
void native_list_metrics(struct exchange *exchange);
void native_list_denials(struct exchange *exchange);

void native_put_service(struct exchange *exchange);
void native_list_services(struct exchange *exchange);
void native_remove_service(struct exchange *exchange);
void native_create_preview(struct exchange *exchange);
void native_list_previews(struct exchange *exchange);
void native_remove_preview(struct exchange *exchange);

void native_exec(struct exchange *exchange);
void native_exec_socket(struct exchange *exchange);

void native_create_context(struct exchange *exchange);
void native_list_contexts(struct exchange *exchange);
void native_get_context(struct exchange *exchange);
void native_remove_context(struct exchange *exchange);
void native_restart_context(struct exchange *exchange);
void native_interrupt_context(struct exchange *exchange);
void native_run_in_context(struct exchange *exchange);
void native_run_python(struct exchange *exchange);

void native_start_process(struct exchange *exchange);
void native_list_processes(struct exchange *exchange);
void native_get_process(struct exchange *exchange);
void native_kill_process(struct exchange *exchange);
void native_read_process(struct exchange *exchange);
void native_wait_process(struct exchange *exchange);
void native_write_process(struct exchange *exchange);
void native_close_process_input(struct exchange *exchange);
void native_resize_process(struct exchange *exchange);
void native_signal_process(struct exchange *exchange);

void native_watch_files(struct exchange *exchange);
void native_read_file(struct exchange *exchange);
void native_write_file(struct exchange *exchange);
void native_upload_files(struct exchange *exchange);
void native_remove_file(struct exchange *exchange);
void native_stat_file(struct exchange *exchange);
void native_list_files(struct exchange *exchange);
void native_search_files(struct exchange *exchange);
void native_pack_files(struct exchange *exchange);
void native_unpack_files(struct exchange *exchange);
void native_change_mode(struct exchange *exchange);
void native_make_folder(struct exchange *exchange);
void native_move_file(struct exchange *exchange);

/* route->about is a native_collection. */
void native_list_records(struct exchange *exchange);
void native_remove_record(struct exchange *exchange);

void native_add_key(struct exchange *exchange);
void native_create_token(struct exchange *exchange);
void native_add_ca(struct exchange *exchange);
void native_add_revocation(struct exchange *exchange);

void native_add_webhook(struct exchange *exchange);
void native_get_webhook(struct exchange *exchange);
void native_test_webhook(struct exchange *exchange);
void native_list_deliveries(struct exchange *exchange);

void native_find_ssh(struct exchange *exchange);
void native_create_session(struct exchange *exchange);
void native_grant_ssh(struct exchange *exchange);

/* Of the {name} in the path, or without one of the caller's. */
void native_get_org(struct exchange *exchange);
void native_add_org(struct exchange *exchange);
void native_set_org(struct exchange *exchange);
void native_remove_org(struct exchange *exchange);

void native_get_user(struct exchange *exchange);
void native_add_user(struct exchange *exchange);
void native_set_user(struct exchange *exchange);
void native_remove_user(struct exchange *exchange);

void native_list_recordings(struct exchange *exchange);
void native_read_recording(struct exchange *exchange);

void native_get_status(struct exchange *exchange);
void native_get_health(struct exchange *exchange);
void native_get_readiness(struct exchange *exchange);
void native_get_metrics(struct exchange *exchange);

/* Records of the broker behind a path. */
struct native_collection {
	const char *member; /* the array in a list */
	const struct records_kind *kind;
	const struct field_table *fields;
};
extern const struct native_collection native_tokens, native_keys, native_cas,
    native_revocations, native_orgs, native_users, native_webhooks;
