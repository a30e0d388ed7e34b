// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/metrics.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/fd.h"
#include "common/parse.h"
#include "gateway/http/back/identity.h"
#include "gateway/http/service/pages.h"

struct asking {
	metrics_each *each;
	metrics_done *done;
	void *arg;
};

/* Each of a list; 0, or what one of them returned. */
static int
tell_each(struct rpc_bytes metrics, metrics_each *each, void *arg)
{
	struct rpc_metric metric;
	int r = 0;

	while (r == 0 && rpc_list_next(&rpc_layout_metric, &metrics, &metric))
		r = each(arg, &metric);
	return r;
}

static void
on_reply(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct asking *asking = arg;
	const struct rpc_sandbox_metrics_rep *reply = data;
	const struct err no_memory = {ENOMEM, "out of memory"};

	(void)message;
	if (err == NULL && tell_each(reply->metrics, asking->each,
	    asking->arg) < 0)
		err = &no_memory;
	asking->done(asking->arg, err);
}

void
metrics_of(struct identity *who, const struct rpc_sandbox_metrics_req *wish,
    metrics_each *each, metrics_done *done, void *arg)
{
	struct asking *asking = NULL;
	struct err err = {0};

	if (!sandbox_id_is_valid(wish->id))
		err_set(&err, ENOENT, "%s: no such sandbox", wish->id);
	else if ((asking = malloc(sizeof *asking)) == NULL)
		err_set(&err, ENOMEM, "out of memory");
	if (err.code != 0) {
		done(arg, &err);
		return;
	}
	*asking = (struct asking){each, done, arg};
	identity_ask_sandboxd(who, &rpc_call_sandbox_metrics, wish, on_reply,
	    asking);
}

struct listing {
	struct pages pages;
	struct rpc_metric_list_req request;
	char after[SANDBOX_ID_SIZE];
	metrics_each *each;
};

static int
take(struct pages *pages, const void *data)
{
	struct listing *listing = (struct listing *)(void *)pages;
	const struct rpc_metric_list_rep *reply = data;
	int r = tell_each(reply->metrics, listing->each, pages->arg);

	snprintf(listing->after, sizeof listing->after, "%s", reply->last);
	return r < 0 ? r : reply->more != 0;
}

void
metrics_list(struct identity *who, metrics_each *each, metrics_done *done,
    void *arg)
{
	struct listing *listing = calloc(1, sizeof *listing);
	const struct err err = {ENOMEM, "out of memory"};

	if (listing == NULL) {
		done(arg, &err);
		return;
	}
	listing->pages = (struct pages){.who = who,
	    .call = &rpc_call_metric_list, .request = &listing->request,
	    .take = take, .done = done, .arg = arg};
	listing->request.after = listing->after;
	listing->each = each;
	pages_ask(&listing->pages);
}

uint32_t
metrics_cpu_percent_millis(const struct rpc_metric *metric)
{
	return metric->cpu_limit_millis == 0 ? 0 :
	    (uint32_t)((uint64_t)metric->cpu_used_millis * 100 * 1000 /
		metric->cpu_limit_millis);
}
