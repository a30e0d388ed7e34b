// SPDX-License-Identifier: Apache-2.0
#include "gateway/http/service/templates.h"

#include <errno.h>
#include <stdlib.h>

#include "common/parse.h"
#include "gateway/http/back/identity.h"
#include "gateway/http/service/pages.h"

static const struct err out_of_memory = {ENOMEM, "out of memory"};
static const struct err malformed = {EBADMSG, "malformed template record"};

/* A question, and whom to tell; of its kind alone one of these is set. */
struct asking {
	templates_one_done *one_done;
	templates_log_done *log_done;
	templates_done *done;
	void *arg;
};

static void
end(const struct asking *asking, const struct err *err)
{
	if (asking->one_done != NULL)
		asking->one_done(asking->arg, NULL, NULL, err);
	else if (asking->log_done != NULL)
		asking->log_done(asking->arg, (struct rpc_bytes){0}, err);
	else
		asking->done(asking->arg, err);
}

/* Keeps whom to tell until there is an answer. */
static void
ask(struct identity *who, const struct rpc_call *call, const void *request,
    void (*on_reply)(void *arg, const void *reply,
    struct rpc_message *message, const struct err *err),
    const struct asking *asking)
{
	struct asking *kept = malloc(sizeof *kept);

	if (kept == NULL) {
		end(asking, &out_of_memory);
		return;
	}
	*kept = *asking;
	identity_ask_sandboxd(who, call, request, on_reply, kept);
}

/* Names that cannot be are refused here, in the words sandboxd would use. */
static int
check_name(const char *name, const struct asking *asking)
{
	struct err err = {0};

	if (name_is_valid(name))
		return 0;
	err_set(&err, ENOENT, "template: there is no \"%.63s\"", name);
	end(asking, &err);
	return -ENOENT;
}

static void
tell_one(const struct asking *asking, struct rpc_bytes encoded,
    const struct rpc_template_settings *settings)
{
	struct rpc_template_info info;

	if (rpc_decode(&rpc_layout_template_info, encoded.data, encoded.size,
	    &info, NULL) < 0)
		end(asking, &malformed);
	else
		asking->one_done(asking->arg, &info, settings, NULL);
}

static void
on_got(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct asking *asking = arg;
	const struct rpc_template_get_rep *reply = data;
	struct rpc_template_settings settings = {.user = "", .workdir = ""};

	(void)message;
	if (err != NULL)
		end(asking, err);
	else if (reply->settings.size > 0 &&
	    rpc_decode_kept(&rpc_layout_template_settings,
	    reply->settings.data, reply->settings.size, &settings) < 0)
		end(asking, &malformed);
	else
		tell_one(asking, reply->info, &settings);
}

void
templates_get(struct identity *who, const char *name,
    templates_one_done *done, void *arg)
{
	const struct rpc_template_get_req request = {name};
	const struct asking asking = {.one_done = done, .arg = arg};

	if (check_name(name, &asking) == 0)
		ask(who, &rpc_call_template_get, &request, on_got, &asking);
}

static void
on_published(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct asking *asking = arg;
	const struct rpc_template_publish_rep *reply = data;

	(void)message;
	if (err != NULL)
		end(asking, err);
	else
		tell_one(asking, reply->info, NULL);
}

void
templates_publish(struct identity *who,
    const struct rpc_template_publish_req *request, templates_one_done *done,
    void *arg)
{
	ask(who, &rpc_call_template_publish, request, on_published,
	    &(struct asking){.one_done = done, .arg = arg});
}

static void
on_removed(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct asking *asking = arg;

	(void)data;
	(void)message;
	end(asking, err);
}

void
templates_remove(struct identity *who, const char *name,
    templates_done *done, void *arg)
{
	const struct rpc_template_remove_req request = {name};
	const struct asking asking = {.done = done, .arg = arg};

	if (check_name(name, &asking) == 0)
		ask(who, &rpc_call_template_remove, &request, on_removed,
		    &asking);
}

static void
on_log(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	auto_free struct asking *asking = arg;
	const struct rpc_template_log_rep *reply = data;

	(void)message;
	asking->log_done(asking->arg, reply != NULL ? reply->log :
	    (struct rpc_bytes){0}, err);
}

void
templates_log(struct identity *who, const char *name,
    templates_log_done *done, void *arg)
{
	const struct rpc_template_get_req request = {name};
	const struct asking asking = {.log_done = done, .arg = arg};

	if (check_name(name, &asking) == 0)
		ask(who, &rpc_call_template_log, &request, on_log, &asking);
}

struct listing {
	struct pages pages;
	struct rpc_template_page_req request;
	int (*each)(void *arg, const struct rpc_template_info *template);
};

static int
take_page(struct pages *pages, const void *data)
{
	struct listing *listing = (struct listing *)pages;
	const struct rpc_template_page_rep *reply = data;
	struct rpc_bytes templates = reply->templates;
	struct rpc_template_info info;
	int r = 0;

	while (r == 0 && rpc_list_next(&rpc_layout_template_info, &templates,
	    &info)) {
		r = listing->each(pages->arg, &info);
		listing->request.skip++;
	}
	return r < 0 ? r : reply->more != 0 && reply->templates.size > 0;
}

void
templates_list(struct identity *who,
    int (*each)(void *arg, const struct rpc_template_info *template),
    templates_done *done, void *arg)
{
	struct listing *listing = malloc(sizeof *listing);

	if (listing == NULL) {
		done(arg, &out_of_memory);
		return;
	}
	*listing = (struct listing){
	    .pages = {who, &rpc_call_template_page, &listing->request,
		take_page, done, arg, 0},
	    .each = each};
	pages_ask(&listing->pages);
}
