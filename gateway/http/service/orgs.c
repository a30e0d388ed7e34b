// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/orgs.h"

#include <errno.h>
#include <stdlib.h>

#include "gateway/http/back/identity.h"
#include "gateway/protocol/broker_calls.h"

static const struct err out_of_memory = {ENOMEM, "out of memory"};

struct asking {
	orgs_done *org_done;
	orgs_user_done *user_done;
	orgs_end_done *end_done;
	void *arg;
};

/* Tells the one of the three that there is. */
static void
tell(const struct asking *asking, const void *record, const struct err *err)
{
	if (asking->org_done != NULL)
		asking->org_done(asking->arg, record, err);
	else if (asking->user_done != NULL)
		asking->user_done(asking->arg, record, err);
	else
		asking->end_done(asking->arg, err);
}

static void
on_answer(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct asking *asking = arg;

	(void)message;
	tell(asking, data, err);
}

static void
ask(struct identity *who, const struct rpc_call *call, const void *request,
    const struct asking *wish)
{
	struct asking *asking = malloc(sizeof *asking);

	if (asking == NULL) {
		tell(wish, NULL, &out_of_memory);
		return;
	}
	*asking = *wish;
	identity_ask_broker(who, call, request, on_answer, asking);
}

static void
ask_org(struct identity *who, const struct rpc_call *call, const char *name,
    orgs_done *done, void *arg)
{
	const struct rpc_org_name_req request = {identity_number(who), name};

	ask(who, call, &request, &(struct asking){.org_done = done,
	    .arg = arg});
}

void
orgs_get(struct identity *who, const char *name, orgs_done *done, void *arg)
{
	ask_org(who, &rpc_call_org_get, name, done, arg);
}

void
orgs_add(struct identity *who, const char *name, orgs_done *done, void *arg)
{
	ask_org(who, &rpc_call_org_add, name, done, arg);
}

void
orgs_set(struct identity *who, struct rpc_org_set_req *wish, orgs_done *done,
    void *arg)
{
	wish->identity = identity_number(who);
	ask(who, &rpc_call_org_set, wish, &(struct asking){.org_done = done,
	    .arg = arg});
}

void
orgs_remove(struct identity *who, const char *name, bool must,
    orgs_end_done *done, void *arg)
{
	const struct rpc_org_remove_req request = {identity_number(who), name,
	    must};

	ask(who, &rpc_call_org_remove, &request,
	    &(struct asking){.end_done = done, .arg = arg});
}

static void
ask_user(struct identity *who, const struct rpc_call *call, const char *name,
    const char *role, orgs_user_done *done, void *arg)
{
	const struct rpc_user_req request = {identity_number(who), name, role};

	ask(who, call, &request, &(struct asking){.user_done = done,
	    .arg = arg});
}

void
orgs_get_user(struct identity *who, const char *name, orgs_user_done *done,
    void *arg)
{
	ask_user(who, &rpc_call_user_find, name, "", done, arg);
}

void
orgs_add_user(struct identity *who, const char *name, const char *role,
    orgs_user_done *done, void *arg)
{
	ask_user(who, &rpc_call_user_add, name, role, done, arg);
}

void
orgs_set_user(struct identity *who, const char *name, const char *role,
    orgs_user_done *done, void *arg)
{
	ask_user(who, &rpc_call_user_set, name, role, done, arg);
}

void
orgs_remove_user(struct identity *who, const char *name, orgs_end_done *done,
    void *arg)
{
	const struct rpc_user_req request = {identity_number(who), name, ""};

	ask(who, &rpc_call_user_remove, &request,
	    &(struct asking){.end_done = done, .arg = arg});
}
