// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/sandboxes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/parse.h"
#include "gateway/http/back/back.h"
#include "gateway/http/back/identity.h"
#include "gateway/http/service/pages.h"

static const struct err out_of_memory = {ENOMEM, "out of memory"};

/* One record on its way to a caller. */
struct one {
	struct identity *who;
	sandboxes_one_done *done;
	void *arg;
	struct rpc_message message; /* that the view points into */
	struct sandboxes_view view;
};

struct ending {
	sandboxes_done *done;
	void *arg;
};

struct listing {
	struct pages pages;
	struct rpc_sandbox_list_req request;
	int (*each)(void *arg, const struct sandboxes_view *sandbox);
	const char *host;
	uint32_t port;
	char after[SANDBOX_ID_SIZE];
};

static void
end_one(struct one *one, const struct err *err)
{
	one->done(one->arg, err == NULL ? &one->view : NULL, err);
	rpc_message_free(&one->message);
	free(one);
}

static void
on_endpoint(void *arg, const char *host, uint32_t port, const struct err *err)
{
	struct one *one = arg;

	one->view.ssh_host = host;
	one->view.ssh_port = port;
	end_one(one, err);
}

/* Takes the message over: the endpoint may have to be asked for. */
static void
take_record(struct one *one, struct rpc_bytes record,
    struct rpc_message *message)
{
	const struct err malformed = {EBADMSG, "malformed sandbox record"};

	one->message = *message;
	*message = (struct rpc_message){0};
	if (rpc_decode(&rpc_layout_sandbox_info, record.data, record.size,
	    &one->view.info, NULL) < 0)
		end_one(one, &malformed);
	else
		back_find_endpoint(identity_back(one->who), on_endpoint, one);
}

static struct one *
one_new(struct identity *who, sandboxes_one_done *done, void *arg)
{
	struct one *one = calloc(1, sizeof *one);

	if (one == NULL) {
		done(arg, NULL, &out_of_memory);
		return NULL;
	}
	one->who = who;
	one->done = done;
	one->arg = arg;
	return one;
}

static void
on_created(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	const struct rpc_sandbox_create_rep *reply = data;

	if (err != NULL)
		end_one(arg, err);
	else
		take_record(arg, reply->sandbox, message);
}

void
sandboxes_create(struct identity *who,
    const struct rpc_sandbox_create_req *wish, sandboxes_one_done *done,
    void *arg)
{
	struct one *one = one_new(who, done, arg);

	if (one != NULL)
		identity_ask_sandboxd(who, &rpc_call_sandbox_create, wish,
		    on_created, one);
}

/* Ids that cannot exist are refused here, in the words sandboxd would use. */
static int
check_id(const char *id, struct err *err)
{
	if (!sandbox_id_is_valid(id))
		return err_set(err, ENOENT, "%s: no such sandbox", id);
	return 0;
}

static void
on_got(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	const struct rpc_sandbox_get_rep *reply = data;

	if (err != NULL)
		end_one(arg, err);
	else
		take_record(arg, reply->sandbox, message);
}

struct search {
	sandboxes_name_done *done;
	void *arg;
};

static void
on_found(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	const struct rpc_sandbox_find_rep *reply = data;
	struct search search = *(struct search *)arg;

	(void)message;
	free(arg);
	search.done(search.arg, err == NULL ? reply->id : NULL, err);
}

void
sandboxes_find(struct identity *who, const char *name,
    sandboxes_name_done *done, void *arg)
{
	const struct rpc_sandbox_find_req request = {.name = name};
	struct search *search = malloc(sizeof *search);

	if (search == NULL) {
		done(arg, NULL, &out_of_memory);
		return;
	}
	*search = (struct search){done, arg};
	identity_ask_sandboxd(who, &rpc_call_sandbox_find, &request, on_found,
	    search);
}

void
sandboxes_get(struct identity *who, const char *id, sandboxes_one_done *done,
    void *arg)
{
	const struct rpc_sandbox_get_req request = {.id = id};
	struct err err;
	struct one *one;

	if (check_id(id, &err) < 0) {
		done(arg, NULL, &err);
		return;
	}
	one = one_new(who, done, arg);
	if (one != NULL)
		identity_ask_sandboxd(who, &rpc_call_sandbox_recall,
		    &request, on_got, one);
}

struct env_ask {
	sandboxes_env_done *done;
	void *arg;
};

static void
on_env(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	const struct rpc_sandbox_env_rep *reply = data;
	struct env_ask ask = *(struct env_ask *)arg;

	(void)message;
	free(arg);
	ask.done(ask.arg, err == NULL ? &reply->env : NULL, err);
}

void
sandboxes_env(struct identity *who, const char *id, sandboxes_env_done *done,
    void *arg)
{
	const struct rpc_sandbox_get_req request = {.id = id};
	struct env_ask *ask;
	struct err err;

	if (check_id(id, &err) < 0) {
		done(arg, NULL, &err);
		return;
	}
	ask = malloc(sizeof *ask);
	if (ask == NULL) {
		done(arg, NULL, &out_of_memory);
		return;
	}
	*ask = (struct env_ask){done, arg};
	identity_ask_sandboxd(who, &rpc_call_sandbox_env, &request, on_env,
	    ask);
}

/* A call about one sandbox that is answered with it; id as the request has it.
 */
static void
ask_about(struct identity *who, const char *id, const struct rpc_call *call,
    const void *request, sandboxes_one_done *done, void *arg)
{
	struct err err;
	struct one *one;

	if (check_id(id, &err) < 0) {
		done(arg, NULL, &err);
		return;
	}
	one = one_new(who, done, arg);
	if (one != NULL)
		identity_ask_sandboxd(who, call, request, on_got, one);
}

void
sandboxes_power(struct identity *who, const char *id,
    enum sandboxes_power power, sandboxes_one_done *done, void *arg)
{
	const struct rpc_sandbox_resume_req resume = {.id = id};
	const struct rpc_sandbox_get_req rest = {.id = id};

	if (power == SANDBOXES_RUNNING)
		ask_about(who, id, &rpc_call_sandbox_resume, &resume, done,
		    arg);
	else
		ask_about(who, id, power == SANDBOXES_PAUSED ?
		    &rpc_call_sandbox_pause : &rpc_call_sandbox_suspend,
		    &rest, done, arg);
}

void
sandboxes_refresh(struct identity *who, const char *id, uint64_t duration_s,
    sandboxes_one_done *done, void *arg)
{
	const struct rpc_sandbox_refresh_req request = {.id = id,
	    .duration_s = duration_s};

	ask_about(who, id, &rpc_call_sandbox_refresh, &request, done, arg);
}

void
sandboxes_resize(struct identity *who,
    const struct rpc_sandbox_resize_req *wish, sandboxes_one_done *done,
    void *arg)
{
	ask_about(who, wish->id, &rpc_call_sandbox_resize, wish, done, arg);
}

void
sandboxes_change(struct identity *who,
    const struct rpc_sandbox_change_req *wish, sandboxes_one_done *done,
    void *arg)
{
	ask_about(who, wish->id, &rpc_call_sandbox_change, wish, done, arg);
}

void
sandboxes_restore(struct identity *who, const char *id, const char *snapshot,
    sandboxes_one_done *done, void *arg)
{
	const struct rpc_sandbox_restore_req request = {.id = id,
	    .which = snapshot};

	ask_about(who, id, &rpc_call_sandbox_restore, &request, done, arg);
}

void
sandboxes_fork(struct identity *who, const struct rpc_sandbox_fork_req *wish,
    sandboxes_one_done *done, void *arg)
{
	ask_about(who, wish->id, &rpc_call_sandbox_fork, wish, done, arg);
}

static void
on_ended(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct ending *ending = arg;

	(void)data;
	(void)message;
	ending->done(ending->arg, err);
}

/* Calls what takes an id and answers nothing. */
static void
end_by(struct identity *who, const struct rpc_call *call, const void *request,
    const char *id, sandboxes_done *done, void *arg)
{
	struct ending *ending;
	struct err err;

	if (check_id(id, &err) < 0) {
		done(arg, &err);
		return;
	}
	ending = malloc(sizeof *ending);
	if (ending == NULL) {
		done(arg, &out_of_memory);
		return;
	}
	*ending = (struct ending){done, arg};
	identity_ask_sandboxd(who, call, request, on_ended, ending);
}

void
sandboxes_destroy(struct identity *who, const char *id, sandboxes_done *done,
    void *arg)
{
	const struct rpc_sandbox_destroy_req request = {.id = id};

	end_by(who, &rpc_call_sandbox_destroy, &request, id, done, arg);
}

void
sandboxes_kill(struct identity *who, const char *id, sandboxes_done *done,
    void *arg)
{
	const struct rpc_sandbox_kill_req request = {.id = id};

	end_by(who, &rpc_call_sandbox_kill, &request, id, done, arg);
}

/* A caller that wants no more has what it asked for. */
static int
take_page(struct pages *pages, const void *data)
{
	struct listing *listing = (struct listing *)pages;
	const struct rpc_sandbox_list_rep *reply = data;
	struct rpc_bytes sandboxes = reply->sandboxes;
	struct sandboxes_view view = {.ssh_host = listing->host,
	    .ssh_port = listing->port};
	int r = 0;

	while (r == 0 && rpc_list_next(&rpc_layout_sandbox_info, &sandboxes,
	    &view.info)) {
		r = listing->each(pages->arg, &view);
		snprintf(listing->after, sizeof listing->after, "%s",
		    view.info.id);
	}
	return r < 0 ? r : r == 0 && reply->more != 0 && reply->count > 0;
}

static void
on_list_endpoint(void *arg, const char *host, uint32_t port,
    const struct err *err)
{
	struct listing *listing = arg;

	if (err != NULL) {
		listing->pages.done(listing->pages.arg, err);
		free(listing);
		return;
	}
	listing->host = host;
	listing->port = port;
	pages_ask(&listing->pages);
}

void
sandboxes_list(struct identity *who, bool is_destroyed, const char *after,
    int (*each)(void *arg, const struct sandboxes_view *sandbox),
    sandboxes_done *done, void *arg)
{
	struct listing *listing = calloc(1, sizeof *listing);

	if (listing == NULL) {
		done(arg, &out_of_memory);
		return;
	}
	*listing = (struct listing){
	    .pages = {who, is_destroyed ? &rpc_call_tombstone_list :
		&rpc_call_sandbox_list, &listing->request, take_page, done,
		arg, 0},
	    .request = {.after = listing->after}, .each = each};
	snprintf(listing->after, sizeof listing->after, "%s", after);
	back_find_endpoint(identity_back(who), on_list_endpoint, listing);
}
