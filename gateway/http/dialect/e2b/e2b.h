// SPDX-License-Identifier: Apache-2.0
/*
 * E2B's API, as its unmodified SDKs speak it (docs/clients/e2b.md): handlers
 * and tables of e2b.c's rows. Ids are spelt "sb-..." in it.
 */
#pragma once

#include "gateway/http/engine/exchange.h"
#include "gateway/http/engine/field.h"
#include "gateway/http/engine/route.h"
#include "gateway/http/service/sandboxes.h"

/* The version of E2B's own daemon that we are as good as: clients ask. */
#define E2B_ENVD_VERSION "0.6.2"

/* Of files, as envd keeps it: extended attributes that begin so. */
#define E2B_METADATA_PREFIX "user.e2b."

/* What is asked of the host, and of a sandbox: files and health; processes and
 * files by Connect. */
extern const struct dialect e2b_control, e2b_data, e2b_upload, e2b_rpc;

/* Tables of requests. */
extern const struct field_table e2b_sandbox_wish, e2b_timeout_wish,
    e2b_connect_wish, e2b_pause_wish, e2b_start_wish, e2b_select_wish,
    e2b_input_wish, e2b_signal_wish, e2b_update_wish, e2b_path_wish,
    e2b_list_wish, e2b_move_wish, e2b_snapshot_wish, e2b_fork_wish,
    e2b_watch_wish, e2b_watcher_wish,
    e2b_network_wish, e2b_execute_wish, e2b_context_wish;

void e2b_create_sandbox(struct exchange *exchange);
void e2b_list_sandboxes(struct exchange *exchange);
void e2b_get_sandbox(struct exchange *exchange);
void e2b_list_metrics(struct exchange *exchange);
void e2b_list_last_metrics(struct exchange *exchange);
void e2b_kill_sandbox(struct exchange *exchange);
void e2b_pause_sandbox(struct exchange *exchange);
void e2b_connect_sandbox(struct exchange *exchange);
void e2b_set_timeout(struct exchange *exchange);

void e2b_set_network(struct exchange *exchange);
void e2b_fork_sandbox(struct exchange *exchange);
void e2b_create_snapshot(struct exchange *exchange);
void e2b_list_snapshots(struct exchange *exchange);
void e2b_remove_snapshot(struct exchange *exchange);

void e2b_start(struct exchange *exchange);
void e2b_connect(struct exchange *exchange);
void e2b_list_processes(struct exchange *exchange);
void e2b_send_input(struct exchange *exchange);
void e2b_send_signal(struct exchange *exchange);
void e2b_update(struct exchange *exchange);
void e2b_close_input(struct exchange *exchange);

void e2b_stat(struct exchange *exchange);
void e2b_list_folder(struct exchange *exchange);
void e2b_make_folder(struct exchange *exchange);
void e2b_move(struct exchange *exchange);
void e2b_remove(struct exchange *exchange);

void e2b_watch_folder(struct exchange *exchange);
void e2b_create_watcher(struct exchange *exchange);
void e2b_poll_watcher(struct exchange *exchange);
void e2b_remove_watcher(struct exchange *exchange);

/* Ends the watchers that are polled of one who may not go on, or with NULL of
 * all. */
struct identity;
void e2b_end_watchers(const struct identity *who);

void e2b_find_alias(struct exchange *exchange);

void e2b_get_health(struct exchange *exchange);
void e2b_read_file(struct exchange *exchange);
void e2b_upload_files(struct exchange *exchange);
void e2b_write_file(struct exchange *exchange);

void e2b_execute(struct exchange *exchange);
void e2b_refuse_tags(struct exchange *exchange);
void e2b_create_context(struct exchange *exchange);
void e2b_list_contexts(struct exchange *exchange);
void e2b_restart_context(struct exchange *exchange);

/* A sandbox as all routes tell of it, with what Sandbase's clients read of it,
 * too. NULL: out of memory. */
json_t *e2b_sandbox(const struct sandboxes_view *view);

/* Whether clients are told of one; and whether it runs, as far as they know of
 * states. */
bool e2b_is_told(const struct rpc_sandbox_info *info);
bool e2b_is_running(const struct rpc_sandbox_info *info);

/* Whether a request is by a URL that was signed, and of what it says all but
 * the sandbox. */
struct identity_signed;
bool e2b_is_signed(const struct exchange *exchange,
    struct identity_signed *ret);

/* A path as the sandbox takes it: ~ stands for the user's home, which paths are
 * from that do not begin with /. */
const char *e2b_path(const char *path);

/* The same as a whole one, of PATH_MAX bytes; false: it is too long. home ""
 * leaves it as it is. */
bool e2b_whole_path(const char *home, const char *path, char *ret);

/* The user that a request is for, by its Authorization: Basic, of which the
 * name counts; "" is the default one. ret has E2B_USER_SIZE. */
#define E2B_USER_SIZE 64
void e2b_user(const struct exchange *exchange, char ret[E2B_USER_SIZE]);
