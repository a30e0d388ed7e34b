// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/door/templates.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "common/log.h"
#include "sandboxd/disk/layer.h"
#include "sandboxd/door/calls.h"
#include "sandboxd/door/egress.h"
#include "sandboxd/door/lifetimes.h"
#include "sandboxd/lifecycle/pool_plan.h"
#include "sandboxd/lifecycle/org_disk.h"
#include "sandboxd/recipe/publish.h"
#include "sandboxd/template/base.h"
#include "sandboxd/template/publication.h"
#include "sandboxd/template/templates.h"

/* As rpc.def has them. */
#define PAGE_BYTES_MAX 65536
#define INFO_BYTES_MAX 1024
#define LOG_BYTES_MAX  65536

/* Whether they may see it. */
static bool
is_seen(const struct peer *peer, const struct template *template)
{
	const char *org = template->kept.org;

	return !template->is_going && (org[0] == '\0' ||
	    strcmp(org, peer->capability.org) == 0);
}

static struct rpc_template_info
tell(const struct peer *peer, const struct template *template)
{
	const struct rpc_template_kept *kept = &template->kept;
	const char *org = (peer->capability.rights & RPC_RIGHT_TEMPLATES) != 0 ?
	    NULL : peer->capability.org;

	return (struct rpc_template_info){.id = kept->id, .name = kept->name,
	    .org = kept->org, .parent = kept->parent, .owner = kept->owner,
	    .created_ms = kept->created_ms,
	    .is_current = template->is_current,
	    .sandboxes = templates_count_sandboxes(peer->daemon, template,
	    org)};
}

static struct rpc_template_info
tell_base(const char *name)
{
	return (struct rpc_template_info){.id = "", .name = name, .org = "",
	    .parent = "", .owner = "", .is_current = 1};
}

int
answer_template_list(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	struct rpc_template_list_rep reply = {0};
	auto_free char *names = NULL;
	int r = base_names(peer->daemon->settings.paths.state_dir, &names,
	    &reply.names.size, err);

	(void)data;
	if (r < 0)
		return r;
	reply.names.data = names;
	peer_reply(peer, &rpc_call_template_list, id, &reply, NULL, 0);
	return 0;
}

struct page {
	const struct peer *peer;
	struct rpc_list list;
	uint32_t skip;
	bool is_full;
};

static void
add_to_page(struct page *page, const struct rpc_template_info *info)
{
	if (page->skip > 0)
		page->skip--;
	else if (!page->is_full && rpc_list_add(&page->list,
	    &rpc_layout_template_info, info) < 0)
		page->is_full = true;
}

static void
add_bases(struct page *page, const char *names, uint32_t size)
{
	for (size_t at = 0; at < size; at += strlen(names + at) + 1) {
		const struct rpc_template_info info = tell_base(names + at);

		add_to_page(page, &info);
	}
}

static void
add_templates(struct page *page)
{
	const struct template_table *table = &page->peer->daemon->templates;

	for (size_t i = 0; i < table->n; i++) {
		const struct rpc_template_info info = tell(page->peer,
		    table->items[i]);

		if (is_seen(page->peer, table->items[i]))
			add_to_page(page, &info);
	}
}

int
answer_template_page(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_template_page_req *request = data;
	auto_free uint8_t *buffer = malloc(PAGE_BYTES_MAX);
	struct page page = {.peer = peer, .skip = request->skip,
	    .list = {.data = buffer, .size = PAGE_BYTES_MAX}};
	struct rpc_template_page_rep reply;
	auto_free char *names = NULL;
	uint32_t size;
	int r;

	if (buffer == NULL)
		return err_set(err, ENOMEM, "no memory");
	r = base_names(peer->daemon->settings.paths.state_dir, &names, &size,
	    err);
	if (r < 0)
		return r;
	add_bases(&page, names, size);
	add_templates(&page);
	reply = (struct rpc_template_page_rep){page.is_full,
	    rpc_list_bytes(&page.list)};
	peer_reply(peer, &rpc_call_template_page, id, &reply, NULL, 0);
	return 0;
}

/* What a create of the name, or a version's id, would use; NULL and -ENOENT
 * where it is none that was published. */
static struct template *
find(const struct peer *peer, const char *name, struct err *err)
{
	struct template *template = template_named(&peer->daemon->templates,
	    peer->capability.org, name);

	if (template == NULL)
		err_set(err, ENOENT, "template: there is no \"%.63s\"", name);
	return template;
}

/* *ret: the info, in buffer. */
static int
encode_info(const struct rpc_template_info *info,
    uint8_t buffer[INFO_BYTES_MAX], struct rpc_bytes *ret, struct err *err)
{
	struct rpc_list list = {.data = buffer, .size = INFO_BYTES_MAX};
	int r = rpc_list_add(&list, &rpc_layout_template_info, info);

	*ret = rpc_list_bytes(&list);
	return r < 0 ? err_set(err, -r, "%s: too large to tell", info->name) :
	    0;
}

static int
reply_get(struct peer *peer, uint32_t id, const struct rpc_template_info *info,
    struct rpc_bytes settings, struct err *err)
{
	struct rpc_template_get_rep reply = {.settings = settings};
	uint8_t buffer[INFO_BYTES_MAX];
	int r = encode_info(info, buffer, &reply.info, err);

	if (r == 0)
		peer_reply(peer, &rpc_call_template_get, id, &reply, NULL, 0);
	return r;
}

int
answer_template_get(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_template_get_req *request = data;
	char path[TEMPLATE_PATH_SIZE];
	struct rpc_template_info info;
	const struct template *template;
	int r;

	if (base_path(peer->daemon->settings.paths.state_dir, request->name,
	    path, NULL) == 0) {
		info = tell_base(request->name);
		return reply_get(peer, id, &info, (struct rpc_bytes){0}, err);
	}
	template = find(peer, request->name, err);
	if (template == NULL)
		return -ENOENT;
	info = tell(peer, template);
	r = reply_get(peer, id, &info, template->kept.settings, err);
	return r;
}

static void
release(void *owner)
{
	peer_unref(owner);
}

static struct templates_asker
make_asker(struct peer *peer, uint32_t request_id,
    void (*answer)(void *owner, uint32_t request_id,
    const struct template *template, const struct err *err))
{
	peer_ref(peer);
	return (struct templates_asker){.answer = answer, .release = release,
	    .owner = peer, .request_id = request_id};
}

static void
answer_published(void *owner, uint32_t request_id,
    const struct template *template, const struct err *err)
{
	const struct rpc_call *call = &rpc_call_template_publish;
	struct rpc_template_publish_rep reply;
	uint8_t buffer[INFO_BYTES_MAX];
	struct rpc_template_info info;
	struct err large = {0};

	if (err == NULL) {
		info = tell(owner, template);
		if (encode_info(&info, buffer, &reply.info, &large) < 0)
			err = &large;
	}
	if (err != NULL)
		peer_error(owner, call, request_id, err);
	else
		peer_reply(owner, call, request_id, &reply, NULL, 0);
}

/* What waits there is the host's, and so it is the operator's to say. */
static int
check_pool(uint32_t size, bool is_shared, struct err *err)
{
	if (size > 0 && !is_shared)
		return err_set(err, EINVAL, "pool_size: a template of one "
		    "organisation has no pool; share it");
	if (size > POOL_WANTED_MAX)
		return err_set(err, EINVAL, "pool_size: %u is more than %d",
		    size, POOL_WANTED_MAX);
	return 0;
}

static int
check_settings(const struct peer *peer, struct rpc_bytes encoded,
    bool is_shared, struct err *err)
{
	struct rpc_template_settings settings;
	struct sandbox_record unused = {0};
	struct err inner = {0};
	int r = rpc_decode(&rpc_layout_template_settings, encoded.data,
	    encoded.size, &settings, NULL);

	if (r < 0)
		return err_set(err, EINVAL, "settings: not a "
		    "template_settings");
	if ((r = check_pool(settings.pool_size, is_shared, err)) < 0 ||
	    (r = template_settings_check(&settings, err)) < 0 ||
	    (r = lifetimes_read(&peer->daemon->settings, &peer->capability,
	    settings.lifetime, &unused, err)) < 0)
		return r;
	if (egress_list_check(peer->daemon, settings.egress, &inner) < 0)
		return err_set(err, inner.code, "egress.%.200s", inner.text);
	return 0;
}

int
answer_template_publish(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_template_publish_req *request = data;
	const struct capability *capability = &peer->capability;
	struct sandbox *sandbox = calls_find(peer, request->sandbox_id, err);
	const char *org = request->is_shared != 0 ? "" : capability->org;
	struct templates_asker asker;
	int r;

	if (sandbox == NULL)
		return -ENOENT;
	if (request->is_shared != 0 &&
	    (capability->rights & RPC_RIGHT_TEMPLATES) == 0)
		return err_set(err, EACCES, "permission denied: a template for "
		    "everybody is the operator's to publish");
	r = check_settings(peer, request->settings,
	    request->is_shared != 0, err);
	if (r == 0 && org[0] != '\0')
		r = quota_check_disk(capability->quota.disk_bytes,
		    &peer->daemon->sandboxes, org,
		    org_disk_beside(peer->daemon, org),
		    sandbox->record.disk_limit_bytes, err);
	if (r < 0)
		return r;
	log_info("publication asked for id=%s name=%s audit=%s",
	    sandbox->record.id, request->name, peer_audit(peer));
	asker = make_asker(peer, id, answer_published);
	return publication_start(sandbox, org, capability->owner, request,
	    &asker, err);
}

static void
answer_removed(void *owner, uint32_t request_id,
    const struct template *template, const struct err *err)
{
	static const struct rpc_template_remove_rep reply;

	(void)template;
	if (err != NULL)
		peer_error(owner, &rpc_call_template_remove, request_id, err);
	else
		peer_reply(owner, &rpc_call_template_remove, request_id,
		    &reply, NULL, 0);
}

int
answer_template_remove(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_template_remove_req *request = data;
	const struct capability *capability = &peer->capability;
	struct templates_asker asker;
	struct template *template;

	if (request->name[0] == '\0') {
		templates_withdraw_all(peer->daemon, capability->org);
		answer_removed(peer, id, NULL, NULL);
		return 0;
	}
	template = find(peer, request->name, err);
	if (template == NULL)
		return -ENOENT;
	if (template->kept.org[0] == '\0' &&
	    (capability->rights & RPC_RIGHT_TEMPLATES) == 0)
		return err_set(err, EACCES, "permission denied: %s is "
		    "everybody's, and the operator's to remove",
		    request->name);
	if (!template->is_current)
		return err_set(err, EBUSY, "%s: its name leads to another "
		    "version; it goes with what was made of it",
		    request->name);
	log_info("removal of template asked for name=%s audit=%s",
	    request->name, peer_audit(peer));
	asker = make_asker(peer, id, answer_removed);
	return templates_withdraw(peer->daemon, template, &asker, err);
}

int
answer_template_log(struct peer *peer, uint32_t id, const void *data,
    struct err *err)
{
	const struct rpc_template_get_req *request = data;
	const struct template *template = find(peer, request->name, err);
	struct rpc_template_log_rep reply;
	auto_free char *text = NULL;
	size_t size;
	int r;

	if (template == NULL)
		return -ENOENT;
	r = layer_read(peer->daemon->runtime.disks, template->kept.id,
	    PUBLISH_LOG, LOG_BYTES_MAX, &text, &size, err);
	if (r < 0)
		return r;
	reply.log = (struct rpc_bytes){(const uint8_t *)text, (uint32_t)size};
	peer_reply(peer, &rpc_call_template_log, id, &reply, NULL, 0);
	return 0;
}
