// SPDX-License-Identifier: Apache-2.0
#include "gateway/broker/lobby/lobby.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "gateway/broker/api/ending.h"
#include "gateway/broker/audit.h"
#include "gateway/broker/broker.h"
#include "gateway/broker/lobby/command.h"
#include "gateway/protocol/broker_calls.h"
#include "gateway/protocol/handover.h"

#define TOKEN_PREFIX "lobby_"
#define TOKEN_BYTES  32

/* As much of a command as surely fits into a line of the audit log. */
#define AUDIT_COMMAND_SIZE 513

struct lobby {
	struct broker *broker;
	struct api_identity who;
	char token[HANDOVER_TOKEN_SIZE];
	struct lobby_commands commands;
};

int
broker_lobby_open(struct connection *connection, const struct identity *who)
{
	struct lobby *lobby = calloc(1, sizeof *lobby);
	uint8_t random[TOKEN_BYTES];

	if (lobby == NULL)
		return -ENOMEM;
	lobby->broker = connection->broker;
	lobby->who.user_id = who->user_id;
	/* With the token that let them in, what that gave them ends. */
	if (who->credential == CREDENTIAL_TOKEN)
		lobby->who.token_id = who->credential_id;
	lobby->who.tag = connection->login.tag;
	do
		randombytes_buf(&lobby->who.lobby, sizeof lobby->who.lobby);
	while (lobby->who.lobby == 0);
	memcpy(lobby->who.org, who->org, sizeof lobby->who.org);
	memcpy(lobby->who.user, who->user, sizeof lobby->who.user);
	randombytes_buf(random, sizeof random);
	memcpy(lobby->token, TOKEN_PREFIX, sizeof TOKEN_PREFIX);
	sodium_bin2hex(lobby->token + sizeof TOKEN_PREFIX - 1,
	    sizeof lobby->token - sizeof TOKEN_PREFIX + 1, random,
	    sizeof random);
	sodium_memzero(random, sizeof random);
	connection->lobby = lobby;
	return 0;
}

void
broker_lobby_close(struct connection *connection)
{
	struct lobby *lobby = connection->lobby;

	if (lobby == NULL)
		return;
	connection->lobby = NULL;
	api_cut_lobby(lobby->broker, lobby->who.lobby);
	lobby_commands_end(&lobby->commands);
	sodium_memzero(lobby, sizeof *lobby);
	free(lobby);
}

bool
broker_lobby_find_token(const struct broker *broker, const char *text,
    struct api_identity *ret)
{
	const struct connection *connection;
	char token[HANDOVER_TOKEN_SIZE] = "";
	bool is_found = false;

	if (strncmp(text, TOKEN_PREFIX, sizeof TOKEN_PREFIX - 1) != 0 ||
	    strlen(text) >= sizeof token)
		return false;
	memcpy(token, text, strlen(text));
	TAILQ_FOREACH(connection, &broker->connections, link)
		if (connection->lobby != NULL &&
		    sodium_memcmp(connection->lobby->token, token,
		    sizeof token) == 0) {
			*ret = connection->lobby->who;
			is_found = true;
		}
	sodium_memzero(token, sizeof token);
	return is_found;
}

bool
broker_lobby_has(const struct broker *broker, uint64_t number)
{
	const struct connection *connection;

	TAILQ_FOREACH(connection, &broker->connections, link)
		if (connection->lobby != NULL &&
		    connection->lobby->who.lobby == number)
			return true;
	return false;
}

int
broker_lobby_run(struct connection *connection, uint32_t id, const void *data,
    struct err *err)
{
	static const struct rpc_lobby_run_rep reply;
	const struct rpc_lobby_run_req *request = data;
	struct lobby *lobby = connection->lobby;
	int pipes[N_LOBBY_PIPES];
	char words[AUDIT_COMMAND_SIZE];
	int r;

	if (lobby == NULL)
		return err_set(err, EACCES, "this is no login to the lobby");
	r = lobby_command_start(lobby->broker, &lobby->commands,
	    lobby->token, request, pipes, err);
	snprintf(words, sizeof words, "%s", request->is_shell ?
	    "(standard input)" : request->command);
	(void)audit_write(&lobby->broker->audit, "lobby", "org",
	    lobby->who.org, "user", lobby->who.user, "command", words,
	    "refused", r < 0 ? err->text : NULL, NULL);
	if (r == 0)
		rpc_server_reply(&connection->server, &rpc_call_lobby_run, id,
		    &reply, pipes, N_LOBBY_PIPES);
	for (int i = 0; i < N_LOBBY_PIPES; i++)
		fd_close(&pipes[i]);
	return r;
}
