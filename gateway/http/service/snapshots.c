// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/snapshots.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/fd.h"
#include "common/parse.h"
#include "gateway/http/back/identity.h"
#include "gateway/http/service/pages.h"

static const struct err out_of_memory = {ENOMEM, "out of memory"};

struct one {
	snapshots_one_done *done;
	void *arg;
};

struct ending {
	snapshots_done *done;
	void *arg;
};

struct listing {
	struct pages pages;
	struct rpc_snapshot_list_req request;
	int (*each)(void *arg, const struct rpc_snapshot_info *snapshot);
	char after[SANDBOX_ID_SIZE];
};

/* The first of a list, if that has any. */
static void
end_with(struct one *one, struct rpc_bytes list, const struct err *err)
{
	struct rpc_snapshot_info info;
	struct err none = {0};

	if (err == NULL && !rpc_list_next(&rpc_layout_snapshot_info, &list,
	    &info)) {
		err_set(&none, ENOENT, "no such snapshot");
		err = &none;
	}
	one->done(one->arg, err == NULL ? &info : NULL, err);
}

static struct one *
one_new(snapshots_one_done *done, void *arg)
{
	struct one *one = malloc(sizeof *one);

	if (one == NULL)
		done(arg, NULL, &out_of_memory);
	else
		*one = (struct one){done, arg};
	return one;
}

static void
on_created(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct one *one = arg;
	const struct rpc_snapshot_create_rep *reply = data;

	(void)message;
	end_with(one, reply != NULL ? reply->snapshot :
	    (struct rpc_bytes){0}, err);
}

void
snapshots_create(struct identity *who,
    const struct rpc_snapshot_create_req *wish, snapshots_one_done *done,
    void *arg)
{
	struct one *one = one_new(done, arg);

	if (one != NULL)
		identity_ask_sandboxd(who, &rpc_call_snapshot_create, wish,
		    on_created, one);
}

static void
on_got(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct one *one = arg;
	const struct rpc_snapshot_list_rep *reply = data;

	(void)message;
	end_with(one, reply != NULL ? reply->snapshots :
	    (struct rpc_bytes){0}, err);
}

void
snapshots_get(struct identity *who, const char *which,
    snapshots_one_done *done, void *arg)
{
	const struct rpc_snapshot_list_req request = {.which = which};
	struct one *one = one_new(done, arg);

	if (one != NULL)
		identity_ask_sandboxd(who, &rpc_call_snapshot_list, &request,
		    on_got, one);
}

static void
on_removed(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct ending *ending = arg;

	(void)data;
	(void)message;
	ending->done(ending->arg, err);
}

void
snapshots_remove(struct identity *who, const char *which,
    snapshots_done *done, void *arg)
{
	const struct rpc_snapshot_remove_req request = {.which = which};
	struct ending *ending = malloc(sizeof *ending);

	if (ending == NULL) {
		done(arg, &out_of_memory);
		return;
	}
	*ending = (struct ending){done, arg};
	identity_ask_sandboxd(who, &rpc_call_snapshot_remove, &request,
	    on_removed, ending);
}

static int
take_page(struct pages *pages, const void *data)
{
	struct listing *listing = (struct listing *)pages;
	const struct rpc_snapshot_list_rep *reply = data;
	struct rpc_bytes list = reply->snapshots;
	struct rpc_snapshot_info info;
	int r = 0;

	while (r == 0 && rpc_list_next(&rpc_layout_snapshot_info, &list,
	    &info)) {
		r = listing->each(pages->arg, &info);
		snprintf(listing->after, sizeof listing->after, "%s",
		    info.id);
	}
	return r < 0 ? r : reply->more != 0 && reply->snapshots.size > 0;
}

void
snapshots_list(struct identity *who, const char *sandbox,
    int (*each)(void *arg, const struct rpc_snapshot_info *snapshot),
    snapshots_done *done, void *arg)
{
	struct listing *listing = calloc(1, sizeof *listing);

	if (listing == NULL) {
		done(arg, &out_of_memory);
		return;
	}
	*listing = (struct listing){
	    .pages = {who, &rpc_call_snapshot_list, &listing->request,
		take_page, done, arg, 0},
	    .request = {.after = listing->after, .sandbox = sandbox},
	    .each = each};
	pages_ask(&listing->pages);
}
