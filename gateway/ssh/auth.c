// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/auth.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "gateway/protocol/broker_calls.h"
#include "gateway/ssh/libssh/auth_reply.h"
#include "gateway/ssh/libssh/banner.h"
#include "gateway/ssh/libssh/packet_hold.h"
#include "gateway/ssh/libssh/signed_data.h"

#define METHODS                                                                \
	(SSH_AUTH_METHOD_PUBLICKEY | SSH_AUTH_METHOD_PASSWORD |                \
	    SSH_AUTH_METHOD_INTERACTIVE)
#define KEY_MAX_BYTES	 8192
#define SECRET_MAX_BYTES 1024
/* Cannot be a user name: claimed where the real one does not fit a claim, so
 * that the broker refuses it, at its usual time. */
#define NOBODY "!"

static int
refuse(struct session *s)
{
	if (++s->auth_failures >= s->turn.options->max_auth_tries)
		turn_end(&s->turn, "Too many authentication failures");
	return SSH_AUTH_DENIED;
}

void
auth_refuse_dropped(void *user)
{
	struct session *s = user;

	if (s->is_authenticated)
		return;
	refuse(s);
	auth_reply_refuse(s->turn.ssh);
}

/* Every method begins here. One connection is for one user, as in sshd. */
static bool
begin(struct session *s, const char *user)
{
	s->watch.auth_is_unanswered = false;
	s->asked_for_token = false;
	if (user == NULL || strlen(user) >= sizeof s->user)
		user = NOBODY;
	if (!s->has_user)
		snprintf(s->user, sizeof s->user, "%s", user);
	s->has_user = true;
	if (strcmp(s->user, user) == 0)
		return true;
	turn_end(&s->turn, "Change of username not allowed");
	return false;
}

/* The broker said yes: what it handed over becomes this session's. */
static int
accept_claim(struct session *s, const struct rpc_login *reply,
    struct rpc_message *message)
{
	struct login *login = &s->login;
	struct err err;

	if (reply->kind >= N_BROKER_LOGIN ||
	    message->n_fds != (reply->kind == BROKER_LOGIN_SANDBOX))
		return refuse(s);
	snprintf(login->sandbox_id, sizeof login->sandbox_id, "%s",
	    reply->sandbox_id);
	snprintf(login->user, sizeof login->user, "%s", reply->login_user);
	snprintf(login->terminal, sizeof login->terminal, "%s",
	    reply->terminal);
	snprintf(login->notice, sizeof login->notice, "%s", reply->notice);
	login->kind = (enum broker_login)reply->kind;
	login->rights = reply->rights;
	login->takes_over = reply->takes_over != 0;
	login->is_recorded = reply->is_recorded != 0;
	login->is_why = reply->is_why != 0;
	if (login->kind == BROKER_LOGIN_SANDBOX)
		init_client_init(&s->init, take_fd(&message->fds[0]));
	if (login->kind == BROKER_LOGIN_SANDBOX && login->is_why)
		init_client_ask_why(&s->init);
	/* It stays open: by it the broker counts the session. */
	broker_client_init(&s->broker, take_fd(&s->claim_fd));
	s->is_authenticated = true;
	packet_hold_start();
	alarm(0); /* the login grace */
	log_info("session user=%s sandbox=%s from=%s:%u", s->user,
	    login->sandbox_id, s->peer.peer_address, s->peer.peer_port);
	/* Attaching takes as long as the client takes to ask for a shell. A
	 * failure is said on the channel that needs it. */
	if (login->kind == BROKER_LOGIN_SANDBOX)
		(void)init_client_attach(&s->init, &err);
	else if (login->kind == BROKER_LOGIN_FAILED)
		turn_end(&s->turn, login->notice);
	return SSH_AUTH_SUCCESS;
}

static int
try_none(ssh_session ssh, const char *user, void *data)
{
	struct session *s = data;

	(void)ssh;
	if (!begin(s, user))
		return SSH_AUTH_DENIED;
	/* The first is how a client asks for the methods: no attempt. */
	if (s->tried_none)
		return refuse(s);
	s->tried_none = true;
	banner_send(s->turn.ssh);
	return SSH_AUTH_DENIED;
}

/* The RFC 4253 blob of a key. Returns its bytes, or 0. */
static uint32_t
key_blob(ssh_key key, uint8_t *blob, size_t size)
{
	char *text = NULL;
	size_t length;
	int n = 0;

	if (ssh_pki_export_pubkey_base64(key, &text) != SSH_OK)
		return 0;
	length = strlen(text);
	if (length % 4 == 0 && length > 4 && length / 4 * 3 <= size) {
		n = EVP_DecodeBlock(blob, (unsigned char *)text, (int)length);
		if (n > 0)
			n -= (text[length - 1] == '=') +
			    (text[length - 2] == '=');
	}
	ssh_string_free_char(text);
	return n > 0 ? (uint32_t)n : 0;
}

static int
try_publickey(ssh_session ssh, const char *user, ssh_key key, char state,
    void *data)
{
	struct session *s = data;
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_auth_publickey_req request = {.user = ""};
	struct rpc_login reply;
	struct err err;
	uint8_t blob[KEY_MAX_BYTES];

	(void)ssh;
	if (!begin(s, user) || s->claim_fd < 0)
		return SSH_AUTH_DENIED;
	if (state != SSH_PUBLICKEY_STATE_VALID &&
	    state != SSH_PUBLICKEY_STATE_NONE)
		return refuse(s);
	request.user = s->user;
	request.key = (struct rpc_bytes){blob, key_blob(key, blob,
	    sizeof blob)};
	if (state == SSH_PUBLICKEY_STATE_VALID)
		signed_data_get(&request.signed_data, &request.signature);
	if (rpc_auth_publickey(s->claim_fd, &request, &reply, &message,
	    &err) < 0)
		return refuse(s);
	if (state != SSH_PUBLICKEY_STATE_VALID)
		return SSH_AUTH_SUCCESS;
	return accept_claim(s, &reply, &message);
}

static int
try_secret(struct session *s, const char *secret)
{
	auto_rpc_message struct rpc_message message = {0};
	struct rpc_auth_secret_req request = {.user = s->user};
	struct rpc_login reply;
	struct err err;
	size_t size = secret == NULL ? 0 : strlen(secret);

	if (s->claim_fd < 0)
		return SSH_AUTH_DENIED;
	if (size > SECRET_MAX_BYTES)
		size = 0;
	request.secret = (struct rpc_bytes){(const uint8_t *)secret,
	    (uint32_t)size};
	if (rpc_auth_secret(s->claim_fd, &request, &reply, &message,
	    &err) < 0)
		return refuse(s);
	return accept_claim(s, &reply, &message);
}

static int
try_password(ssh_session ssh, const char *user, const char *password,
    void *data)
{
	struct session *s = data;

	(void)ssh;
	return begin(s, user) ? try_secret(s, password) : SSH_AUTH_DENIED;
}

static int
ask_for_token(struct session *s, ssh_message message)
{
	/* As sshd's with PAM: programs that type secrets wait for it. */
	const char *prompts[] = {"Password: "};
	char echo[] = {0};

	if (!begin(s, ssh_message_auth_user(message)))
		return 1;
	s->asked_for_token = true;
	return ssh_message_auth_interactive_request(message, "", "", 1,
	    prompts, echo) == SSH_OK ? 0 : 1;
}

int
auth_message(struct session *s, ssh_message message)
{
	if (s->is_authenticated)
		return 1;
	if (ssh_message_subtype(message) != SSH_AUTH_METHOD_INTERACTIVE) {
		if (begin(s, ssh_message_auth_user(message)))
			refuse(s);
		return 1;
	}
	if (!ssh_message_auth_kbdint_is_response(message))
		return ask_for_token(s, message);
	if (!s->asked_for_token)
		return 1;
	s->asked_for_token = false;
	if (ssh_userauth_kbdint_getnanswers(s->turn.ssh) != 1) {
		refuse(s);
		return 1;
	}
	if (try_secret(s, ssh_userauth_kbdint_getanswer(s->turn.ssh, 0)) !=
	    SSH_AUTH_SUCCESS)
		return 1;
	ssh_message_auth_reply_success(message, 0);
	return 0;
}

static void
refuse_text(void *user)
{
	struct session *s = user;

	turn_end(&s->turn, "Text with a NUL in it");
}

void
auth_start(struct session *s)
{
	s->callbacks = (struct ssh_server_callbacks_struct){
	    .userdata = s,
	    .auth_none_function = try_none,
	    .auth_pubkey_function = try_publickey,
	    .auth_password_function = try_password,
	};
	ssh_callbacks_init(&s->callbacks);
	ssh_set_server_callbacks(s->turn.ssh, &s->callbacks);
	ssh_set_auth_methods(s->turn.ssh, METHODS);
	packet_watch_start(&s->watch, s->turn.ssh, auth_refuse_dropped,
	    refuse_text, s);
}
