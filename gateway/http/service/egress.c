// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/egress.h"

#include <errno.h>
#include <stdlib.h>

#include "common/parse.h"
#include "gateway/http/back/identity.h"

/* A question, and whom to tell; of its kind alone one of these is set. */
struct asking {
	egress_done *done;
	egress_get_done *get_done;
	egress_check_done *check_done;
	egress_counts_done *counts_done;
	void *arg;
};

static void
end(const struct asking *asking, const void *reply, const struct err *err)
{
	if (asking->done != NULL)
		asking->done(asking->arg, err);
	else if (asking->get_done != NULL)
		asking->get_done(asking->arg, reply, err);
	else if (asking->check_done != NULL)
		asking->check_done(asking->arg, reply, err);
	else
		asking->counts_done(asking->arg, reply, err);
}

static void
on_reply(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct asking *asking = arg;

	(void)message;
	end(asking, data, err);
}

/* Ids that cannot exist are refused here, in the words sandboxd would use. */
static void
ask(struct identity *who, const char *id, const struct rpc_call *call,
    const void *request, const struct asking *asking)
{
	struct asking *kept = NULL;
	struct err err = {0};

	if (!sandbox_id_is_valid(id))
		err_set(&err, ENOENT, "%s: no such sandbox", id);
	else if ((kept = malloc(sizeof *kept)) == NULL)
		err_set(&err, ENOMEM, "out of memory");
	if (err.code != 0) {
		end(asking, NULL, &err);
		return;
	}
	*kept = *asking;
	identity_ask_sandboxd(who, call, request, on_reply, kept);
}

/* Of the organisation, which is the capability's. */
static void
ask_of_org(struct identity *who, const struct rpc_call *call,
    const void *request, const struct asking *asking)
{
	struct asking *kept = malloc(sizeof *kept);
	struct err err = {0};

	if (kept == NULL) {
		err_set(&err, ENOMEM, "out of memory");
		end(asking, NULL, &err);
		return;
	}
	*kept = *asking;
	identity_ask_sandboxd(who, call, request, on_reply, kept);
}

void
egress_ceiling_set(struct identity *who, struct rpc_bytes list,
    egress_done *done, void *arg)
{
	const struct rpc_egress_ceiling_set_req request = {list};

	ask_of_org(who, &rpc_call_egress_ceiling_set, &request,
	    &(struct asking){.done = done, .arg = arg});
}

void
egress_ceiling_get(struct identity *who, egress_get_done *done, void *arg)
{
	static const struct rpc_egress_ceiling_get_req request;

	ask_of_org(who, &rpc_call_egress_ceiling_get, &request,
	    &(struct asking){.get_done = done, .arg = arg});
}

void
egress_set(struct identity *who, const char *id, struct rpc_bytes list,
    egress_done *done, void *arg)
{
	const struct rpc_egress_set_req request = {id, list};

	ask(who, id, &rpc_call_egress_set, &request,
	    &(struct asking){.done = done, .arg = arg});
}

void
egress_get(struct identity *who, const char *id, egress_get_done *done,
    void *arg)
{
	const struct rpc_egress_get_req request = {id};

	ask(who, id, &rpc_call_egress_get, &request,
	    &(struct asking){.get_done = done, .arg = arg});
}

void
egress_check(struct identity *who, const char *id,
    struct rpc_egress_check_req *request, egress_check_done *done, void *arg)
{
	request->id = id;
	ask(who, id, &rpc_call_egress_check, request,
	    &(struct asking){.check_done = done, .arg = arg});
}

void
egress_counts(struct identity *who, const char *id, egress_counts_done *done,
    void *arg)
{
	const struct rpc_egress_counts_req request = {id};

	ask(who, id, &rpc_call_egress_counts, &request,
	    &(struct asking){.counts_done = done, .arg = arg});
}

void
egress_check_name(struct identity *who, const char *id,
    struct rpc_egress_check_name_req *request, egress_check_done *done,
    void *arg)
{
	request->id = id;
	ask(who, id, &rpc_call_egress_check_name, request,
	    &(struct asking){.check_done = done, .arg = arg});
}
