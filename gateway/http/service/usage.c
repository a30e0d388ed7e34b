// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/usage.h"

#include <errno.h>
#include <stdlib.h>

#include "gateway/http/service/pages.h"

struct listing {
	struct pages pages;
	struct rpc_usage_list_req request;
	uint64_t n_left;
	usage_each *each;
};

static int
take(struct pages *pages, const void *data)
{
	struct listing *listing = (struct listing *)(void *)pages;
	const struct rpc_usage_list_rep *reply = data;
	struct rpc_bytes left = reply->windows;
	struct rpc_usage_info window;
	int r = 0;

	while (r == 0 && listing->n_left > 0 &&
	    rpc_list_next(&rpc_layout_usage_info, &left, &window)) {
		r = listing->each(pages->arg, &window);
		listing->request.after_id = window.id;
		listing->n_left--;
	}
	return r < 0 ? r : reply->more != 0 && listing->n_left > 0;
}

void
usage_list(struct identity *who, uint64_t after_id, uint64_t limit,
    usage_each *each, usage_done *done, void *arg)
{
	struct listing *listing = calloc(1, sizeof *listing);
	const struct err err = {ENOMEM, "out of memory"};

	if (listing == NULL) {
		done(arg, &err);
		return;
	}
	listing->pages = (struct pages){.who = who,
	    .call = &rpc_call_usage_list, .request = &listing->request,
	    .take = take, .done = done, .arg = arg};
	listing->request.after_id = after_id;
	listing->n_left = limit;
	listing->each = each;
	pages_ask(&listing->pages);
}
