// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/credentials.h"

#include <errno.h>
#include <stdlib.h>

#include "gateway/http/back/identity.h"
#include "gateway/protocol/broker_calls.h"

static const struct err out_of_memory = {ENOMEM, "out of memory"};

/* Decodes the one record of an answer; whose strings live as that does. */
static int
decode(const struct rpc_layout *layout, struct rpc_bytes bytes, void *ret,
    struct err *err)
{
	if (rpc_decode(layout, bytes.data, bytes.size, ret, NULL) < 0)
		return err_set(err, EBADMSG, "malformed %s", layout->name);
	return 0;
}

struct token_asking {
	credentials_token_done *done;
	void *arg;
};

static void
on_token(void *arg, const void *data, struct rpc_message *message,
    const struct err *failure)
{
	auto_free struct token_asking *asking = arg;
	const struct rpc_token_create_rep *reply = data;
	struct rpc_token_info token;
	struct err err;

	(void)message;
	if (failure != NULL)
		asking->done(asking->arg, NULL, NULL, failure);
	else if (decode(&rpc_layout_token_info, reply->info, &token, &err) < 0)
		asking->done(asking->arg, NULL, NULL, &err);
	else
		asking->done(asking->arg, reply->token, &token, NULL);
}

void
credentials_create_token(struct identity *who,
    struct rpc_token_create_req *wish, credentials_token_done *done, void *arg)
{
	struct token_asking *asking = malloc(sizeof *asking);

	if (asking == NULL) {
		done(arg, NULL, NULL, &out_of_memory);
		return;
	}
	*asking = (struct token_asking){done, arg};
	wish->identity = identity_number(who);
	identity_ask_broker(
	    who, &rpc_call_token_create, wish, on_token, asking);
}

struct key_asking {
	credentials_key_done *done;
	void *arg;
};

static void
on_key(void *arg, const void *data, struct rpc_message *message,
    const struct err *failure)
{
	auto_free struct key_asking *asking = arg;
	const struct rpc_ssh_key_add_rep *reply = data;
	struct rpc_ssh_key_info record;
	struct err err;

	(void)message;
	if (failure != NULL)
		asking->done(asking->arg, NULL, failure);
	else if (decode(&rpc_layout_ssh_key_info, reply->key, &record, &err) <
		 0)
		asking->done(asking->arg, NULL, &err);
	else
		asking->done(asking->arg, &record, NULL);
}

void
credentials_add_key(struct identity *who, const char *line, const char *name,
    credentials_key_done *done, void *arg)
{
	const struct rpc_ssh_key_add_req request = {
	    .identity = identity_number(who), .name = name, .line = line};
	struct key_asking *asking = malloc(sizeof *asking);

	if (asking == NULL) {
		done(arg, NULL, &out_of_memory);
		return;
	}
	*asking = (struct key_asking){done, arg};
	identity_ask_broker(
	    who, &rpc_call_ssh_key_add, &request, on_key, asking);
}

struct ca_asking {
	credentials_ca_done *done;
	void *arg;
};

static void
on_ca(void *arg, const void *data, struct rpc_message *message,
    const struct err *failure)
{
	auto_free struct ca_asking *asking = arg;
	const struct rpc_ssh_ca_add_rep *reply = data;
	struct rpc_ssh_ca_info record;
	struct err err;

	(void)message;
	if (failure != NULL)
		asking->done(asking->arg, NULL, failure);
	else if (decode(&rpc_layout_ssh_ca_info, reply->ca, &record, &err) < 0)
		asking->done(asking->arg, NULL, &err);
	else
		asking->done(asking->arg, &record, NULL);
}

void
credentials_add_ca(struct identity *who, const char *line, const char *name,
    credentials_ca_done *done, void *arg)
{
	const struct rpc_ssh_ca_add_req request = {
	    .identity = identity_number(who), .name = name, .line = line};
	struct ca_asking *asking = malloc(sizeof *asking);

	if (asking == NULL) {
		done(arg, NULL, &out_of_memory);
		return;
	}
	*asking = (struct ca_asking){done, arg};
	identity_ask_broker(who, &rpc_call_ssh_ca_add, &request, on_ca, asking);
}

struct revocation_asking {
	credentials_revocation_done *done;
	void *arg;
};

static void
on_revocation(void *arg, const void *data, struct rpc_message *message,
    const struct err *failure)
{
	auto_free struct revocation_asking *asking = arg;
	const struct rpc_ssh_revocation_add_rep *reply = data;
	struct rpc_ssh_revocation_info record;
	struct err err;

	(void)message;
	if (failure != NULL)
		asking->done(asking->arg, NULL, failure);
	else if (decode(&rpc_layout_ssh_revocation_info, reply->revocation,
		     &record, &err) < 0)
		asking->done(asking->arg, NULL, &err);
	else
		asking->done(asking->arg, &record, NULL);
}

void
credentials_add_revocation(struct identity *who,
    struct rpc_ssh_revocation_add_req *wish, credentials_revocation_done *done,
    void *arg)
{
	struct revocation_asking *asking = malloc(sizeof *asking);

	if (asking == NULL) {
		done(arg, NULL, &out_of_memory);
		return;
	}
	*asking = (struct revocation_asking){done, arg};
	wish->identity = identity_number(who);
	identity_ask_broker(
	    who, &rpc_call_ssh_revocation_add, wish, on_revocation, asking);
}
