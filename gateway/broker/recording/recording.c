// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/recording/recording.h"

#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/json_text.h"
#include "common/log.h"
#include "common/timestamp.h"
#include "gateway/broker/broker.h"
#include "gateway/broker/connection.h"
#include "gateway/broker/recording/recordings.h"
#include "gateway/protocol/broker_calls.h"

#define EXPIRE_AT_ONCE	64 /* files; removing them holds up the loop */
#define TITLE_SIZE	256
#define FROM_SIZE	(HANDOVER_ADDRESS_SIZE + 8)

/* A terminal that told no size: what is assumed of one. */
#define DEFAULT_COLUMNS 80
#define DEFAULT_ROWS	24

int
broker_recording_dir(const struct broker *broker, char ret[PATH_MAX],
    struct err *err)
{
	return path_join(ret, PATH_MAX, broker->settings.paths.log_dir,
	    "recordings", err);
}

/* Who and where, as members of an object that has some already. */
static void
add_subject(struct json_text *text, const struct connection *connection,
    const char *id)
{
	const struct connection_login *login = &connection->login;
	char from[FROM_SIZE];

	snprintf(from, sizeof from, "[%s]:%u", connection->peer_address,
	    connection->peer_port);
	json_text_add_member(text, "recording", id);
	json_text_add_member(text, "org", login->org);
	json_text_add_member(text, "user", login->user);
	json_text_add_member(text, "sandbox", login->sandbox_id);
	json_text_add_member(text, "login_user", login->login_user);
	json_text_add_member(text, "from", from);
}

/* asciicast v2; members that it does not know are below "sandgate". */
static void
add_cast_header(struct json_text *text, const struct connection *connection,
    const char *id, const struct recording_name *name,
    const struct rpc_record_open_req *request)
{
	char title[TITLE_SIZE];

	snprintf(title, sizeof title, "%s@%s in %s", connection->login.user,
	    connection->login.org, connection->login.sandbox_id);
	json_text_addf(text, "{\"version\":2,\"width\":%u,\"height\":%u,"
	    "\"timestamp\":%llu", request->columns > 0 ? request->columns :
	    DEFAULT_COLUMNS, request->rows > 0 ? request->rows : DEFAULT_ROWS,
	    (unsigned long long)(name->started_ms / 1000));
	json_text_add_member(text, "title", title);
	json_text_add_member(text, "command", request->command);
	json_text_add(text, ",\"env\":{\"TERM\":");
	json_text_add_string(text, request->term, strlen(request->term));
	json_text_add(text, "},\"sandgate\":{\"version\":1");
	add_subject(text, connection, id);
	json_text_add(text, "}}\n");
}

static void
add_lines_header(struct json_text *text, const struct connection *connection,
    const char *id, const struct recording_name *name,
    const struct rpc_record_open_req *request)
{
	char time_text[TIMESTAMP_SIZE];

	timestamp_format(name->started_ms, time_text);
	json_text_add(text, "{\"version\":1");
	json_text_add_member(text, "kind", recording_kinds[name->kind]);
	json_text_add_member(text, "started", time_text);
	add_subject(text, connection, id);
	json_text_add_member(text, "command", request->command);
	json_text_add(text, "}\n");
}

/* Makes the file with its first line in it. */
static int
begin(struct connection *connection, const struct rpc_record_open_req *request,
    char id[RECORDING_ID_SIZE], int *ret_fd, struct err *err)
{
	struct connection_login *login = &connection->login;
	struct recording_name name = {
	    .started_ms = clock_unix_ms(),
	    .connection = login->recording_connection,
	    .number = login->n_recordings,
	    .kind = (enum broker_recording)request->kind,
	    .user_id = login->user_id};
	auto_json_text struct json_text text = {0};
	char dir[PATH_MAX];
	auto_close int fd = -1;
	int r = broker_recording_dir(connection->broker, dir, err);

	memcpy(name.sandbox_id, login->sandbox_id, sizeof name.sandbox_id);
	recording_name_format(&name, id);
	if (name.kind == BROKER_RECORDING_PTY)
		add_cast_header(&text, connection, id, &name, request);
	else
		add_lines_header(&text, connection, id, &name, request);
	if (text.is_out_of_memory)
		return err_set(err, ENOMEM, "out of memory");
	if (r == 0)
		r = recordings_create(dir, login->org, &name, &fd, err);
	if (r < 0)
		return r;
	r = fd_check_room(fd,
	    connection->broker->settings.recording_min_free_bytes);
	if (r == 0)
		r = fd_write_all(fd, text.data, text.used);
	if (r < 0) {
		recordings_remove(dir, login->org, id);
		return err_set(err, -r, "%s", strerror(-r));
	}
	login->n_recordings++;
	*ret_fd = take_fd(&fd);
	return 0;
}

static int
check(const struct connection *connection,
    const struct rpc_record_open_req *request, struct err *err)
{
	const struct connection_login *login = &connection->login;

	if (!login->is_recorded || *login->sandbox_id == '\0')
		return err_set(err, EACCES, "this login is not recorded");
	if (request->kind >= N_BROKER_RECORDING)
		return err_set(err, EINVAL, "kind: not one of recordings");
	if (login->n_recordings >=
	    connection->broker->settings.recording_max_files)
		return err_set(err, EDQUOT,
		    "this connection has made too many; connect again");
	return 0;
}

int
broker_recording_open(struct connection *connection, uint32_t id,
    const void *request, struct err *err)
{
	char recording_id[RECORDING_ID_SIZE];
	auto_close int fd = -1;
	int r;

	if (connection->login.n_recordings == 0)
		connection->login.recording_connection = randombytes_random();
	r = check(connection, request, err);
	if (r == 0)
		r = begin(connection, request, recording_id, &fd, err);
	if (r < 0) {
		log_error("recording org=%s user=%s sandbox=%s: %s",
		    connection->login.org, connection->login.user,
		    connection->login.sandbox_id, err->text);
		return r;
	}
	rpc_server_reply(&connection->server, &rpc_call_record_open, id,
	    &(struct rpc_record_open_rep){recording_id}, &fd, 1);
	return 0;
}

void
broker_recording_expire(struct broker *broker)
{
	uint64_t keep_ms = broker->settings.recording_keep_s * 1000;
	uint64_t now_ms = clock_unix_ms();
	char dir[PATH_MAX];
	struct err err;
	int n;

	if (keep_ms == 0 || keep_ms > now_ms ||
	    broker_recording_dir(broker, dir, &err) < 0)
		return;
	n = recordings_expire(dir, now_ms - keep_ms, EXPIRE_AT_ONCE);
	if (n > 0)
		log_info("recordings removed: %d", n);
}
