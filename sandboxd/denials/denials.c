// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/denials/denials.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/denial.h"
#include "common/fd.h"
#include "common/log.h"
#include "sandboxd/lifecycle/ceiling.h"
#include "sandboxd/net/egress/always.h"
#include "sandboxd/net/egress/names.h"
#include "sandboxd/net/egress/policy_narrow.h"
#include "sandboxd/net/egress/told.h"
#include "sandboxd/recipe/init_process.h"

/* From the bell to the look, so that what comes together is read at once; and
 * from one look to the next. */
#define LOOK_AFTER_MS 20
#define LOOK_EVERY_MS 1000

#define CEILING "of the organisation's ceiling"

/* Rings that are taken at once. */
#define RINGS_MAX 64

static void look(void *data);

static void
stop(struct sandbox *sandbox)
{
	struct sandbox_denials *denials = &sandbox->denials;

	clock_disarm(&sandbox->daemon->clock, &denials->look);
	sd_event_source_disable_unref(denials->bell);
	free(denials->told);
	memset(denials, 0, sizeof *denials);
}

static void
look_in(struct sandbox *sandbox, uint64_t after_ms)
{
	struct sandbox_denials *denials = &sandbox->denials;
	int r;

	denials->look.fire = look;
	denials->look.data = sandbox;
	if (denials->look.due_ms != 0)
		return;
	r = clock_arm(&sandbox->daemon->clock, &denials->look, after_ms);
	if (r < 0)
		log_error("denials of id=%s are not told: %s",
		    sandbox->record.id, strerror(-r));
}

/* Who decides, by the marks of what they refused. */
struct deciders {
	const struct sandbox *sandbox;
	int netns_fd;
	struct policy *policy, *ceiling; /* the ceiling's NULL: none */
};

/* Which rule, from the mark that it gave. */
static void
name_rule(const struct deciders *deciders, const struct nft_told *told,
    const struct prefix *to, struct denial *ret)
{
	const bool is_tcp = told->protocol == IPPROTO_TCP;
	const bool is_ceilings = (told->mark & TOLD_CEILING) != 0;
	const struct policy *policy = is_ceilings ? deciders->ceiling :
	    deciders->policy;
	const uint32_t number = told->mark & ~(uint32_t)TOLD_CEILING;
	const char *rule = "default", *why = is_ceilings ? CEILING : NULL;

	if (told->mark == TOLD_FLOWS) {
		rule = "limit";
		why = "too many connections at once";
	} else if (told->mark == TOLD_ALWAYS) {
		rule = "always";
		why = always_refuses(
		    &deciders->sandbox->daemon->runtime.egress, to, is_tcp,
		    is_tcp || told->protocol == IPPROTO_UDP ?
		    told->port : -1);
	} else if (policy != NULL && number <= policy->n_rules) {
		rule = policy->rules[number - 1].name;
	}
	(void)snprintf(ret->rule, sizeof ret->rule, "%s", rule);
	(void)snprintf(ret->why, sizeof ret->why, "%s",
	    why != NULL ? why : "");
}

/* The name that led there, one that is no pattern before one that is. */
static void
name_host(const struct deciders *deciders, const struct prefix *to,
    char ret[DENIAL_NAME_SIZE])
{
	const struct policy *policy = deciders->policy;
	bool leads[EGRESS_DOMAINS_MAX] = {false};
	struct err err = {0};

	if (!policy_has_names(policy) || names_lead(
	    &deciders->sandbox->daemon->runtime.egress, policy,
	    deciders->netns_fd, to, leads, &err) < 0)
		return;
	for (size_t i = 0; i < policy->n_domains; i++) {
		const char *name = policy->domains[i].name;

		if (leads[i] && strlen(name) < DENIAL_NAME_SIZE &&
		    (ret[0] == '\0' || ret[0] == '*'))
			memcpy(ret, name, strlen(name) + 1);
	}
}

static void
tell_denial(struct sandbox *sandbox, const struct deciders *deciders,
    const struct nft_told *told)
{
	struct prefix to = {.family = told->family,
	    .length = told->family == AF_INET ? 32 : 128};
	struct denial denial = {.port = told->port};
	char text[PREFIX_TEXT_SIZE];

	memcpy(to.address, told->address, sizeof told->address);
	prefix_format(&to, text);
	(void)snprintf(denial.address, sizeof denial.address, "%.*s",
	    (int)strcspn(text, "/"), text);
	(void)snprintf(denial.protocol, sizeof denial.protocol, "%s",
	    told->protocol == IPPROTO_TCP ? "tcp" :
	    told->protocol == IPPROTO_UDP ? "udp" : "icmp");
	name_host(deciders, &to, denial.name);
	name_rule(deciders, told, &to, &denial);
	chronicle_tell_denial(sandbox, &denial);
}

/* A limit that was reached: which, how much it is, and whose. */
static void
tell_limit(struct sandbox *sandbox, const struct deciders *deciders,
    uint32_t mark)
{
	const bool is_ceilings = (mark & TOLD_CEILING) != 0;
	const struct policy *policy = is_ceilings ? deciders->ceiling :
	    deciders->policy;
	const uint32_t limit = mark & ~(uint32_t)(TOLD_LIMIT | TOLD_CEILING);
	const char *whose = is_ceilings ? CEILING : "of its policy";
	char cause[EVENT_CAUSE_SIZE];
	uint64_t value;

	if (limit >= N_EGRESS_LIMIT || policy == NULL)
		return;
	value = policy->limits.of[limit];
	if (value == 0) {
		value = sandbox->daemon->runtime.egress.limits.of[limit];
		whose = "of this host";
	}
	(void)snprintf(cause, sizeof cause, "%s: no more than %" PRIu64
	    " %s, %s", egress_limit_rows[limit].name, value,
	    egress_limit_rows[limit].unit, whose);
	chronicle_tell(sandbox, EVENT_KIND_LIMITED, EVENT_HOST, cause);
}

static void
tell(struct sandbox *sandbox, const struct deciders *deciders,
    const struct nft_told *told)
{
	if (told->mark & TOLD_LIMIT)
		tell_limit(sandbox, deciders, told->mark);
	else
		tell_denial(sandbox, deciders, told);
}

/* Whether it was read before: its time has only grown shorter since. */
static bool
is_known(const struct sandbox_denials *denials, const struct nft_told *told)
{
	for (size_t i = 0; i < denials->n_told; i++) {
		const struct nft_told *known = &denials->told[i];

		if (known->family == told->family &&
		    known->protocol == told->protocol &&
		    known->port == told->port && known->mark == told->mark &&
		    memcmp(known->address, told->address,
		    sizeof known->address) == 0)
			return told->left_ms <= known->left_ms;
	}
	return false;
}

static void
tell_new(struct sandbox *sandbox, int netns_fd, const struct nft_told *found,
    size_t n)
{
	const struct rpc_bytes own = {(const uint8_t *)sandbox->record.egress,
	    sandbox->record.egress_size};
	const struct rpc_bytes ceiling = ceiling_of(sandbox->daemon,
	    sandbox->record.org);
	auto_free struct policy *policy = NULL, *narrower = NULL;
	struct deciders deciders = {sandbox, netns_fd, NULL, NULL};

	if (policy_make_both(own, ceiling, &sandbox->daemon->runtime.egress,
	    &policy, &narrower, NULL) < 0)
		return;
	deciders.policy = policy;
	deciders.ceiling = narrower;
	for (size_t i = 0; i < n; i++)
		if (!is_known(&sandbox->denials, &found[i]))
			tell(sandbox, &deciders, &found[i]);
}

static void
keep(struct sandbox_denials *denials, const struct nft_told *found, size_t n)
{
	free(denials->told);
	denials->n_told = 0;
	denials->told = n > 0 ? malloc(n * sizeof *found) : NULL;
	if (denials->told == NULL)
		return;
	memcpy(denials->told, found, n * sizeof *found);
	denials->n_told = n;
}

static int
look_now(struct sandbox *sandbox, struct err *err)
{
	static struct nft_told found[TOLD_ALL_MAX];
	auto_close int netns_fd = -1;
	size_t n;
	int r = process_open_network(sandbox->record.pid, sandbox->pid_fd,
	    &netns_fd, err);

	if (r < 0 || (r = told_list(&sandbox->daemon->runtime.egress,
	    netns_fd, found, &n, err)) < 0)
		return r;
	tell_new(sandbox, netns_fd, found, n);
	keep(&sandbox->denials, found, n);
	return 0;
}

static void
look(void *data)
{
	struct sandbox *sandbox = data;
	struct err err = {0};

	/* A worker is at its table. */
	if (sandbox->egress.is_applying) {
		look_in(sandbox, LOOK_EVERY_MS);
		return;
	}
	sandbox->denials.looked_ms = sandbox->daemon->clock.now_ms(
	    &sandbox->daemon->clock);
	/* Who has just died is nobody's news. */
	if (look_now(sandbox, &err) < 0 && err.code != ESRCH)
		log_error("denials of id=%s: %s", sandbox->record.id,
		    err.text);
}

/* What is rung says nothing, and is not read. */
static int
on_bell(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct sandbox *sandbox = data;
	const struct sandbox_denials *denials = &sandbox->denials;
	const uint64_t now_ms = sandbox->daemon->clock.now_ms(
	    &sandbox->daemon->clock);
	uint64_t after_ms = LOOK_AFTER_MS;
	char nothing;

	(void)source;
	(void)events;
	for (size_t i = 0; i < RINGS_MAX; i++)
		if (recv(fd, &nothing, sizeof nothing, MSG_DONTWAIT) < 0 &&
		    errno != ENOBUFS)
			break;
	if (denials->looked_ms != 0 &&
	    now_ms < denials->looked_ms + LOOK_EVERY_MS - LOOK_AFTER_MS)
		after_ms = denials->looked_ms + LOOK_EVERY_MS - now_ms;
	look_in(sandbox, after_ms);
	return 0;
}

static int
listen_to(struct sandbox *sandbox, struct err *err)
{
	auto_close int netns_fd = -1, fd = -1;
	int r = process_open_network(sandbox->record.pid, sandbox->pid_fd,
	    &netns_fd, err);

	if (r < 0 || (r = told_listen(netns_fd, &fd, err)) < 0)
		return r;
	r = sd_event_add_io(sandbox->daemon->event, &sandbox->denials.bell,
	    fd, EPOLLIN, on_bell, sandbox);
	if (r < 0)
		return err_set(err, -r, "cannot watch a bell");
	(void)sd_event_source_set_io_fd_own(sandbox->denials.bell, true);
	(void)take_fd(&fd);
	return 0;
}

static bool
is_ready(const struct sandbox *sandbox)
{
	const enum sandbox_state state = sandbox->record.state;

	return sandbox->record.pid != 0 && !sandbox->egress.is_applying &&
	    state != SANDBOX_POOLED && state != SANDBOX_BLANK &&
	    state != SANDBOX_FITTING;
}

void
denials_review(struct sandbox *sandbox)
{
	struct sandbox_denials *denials = &sandbox->denials;
	struct err err = {0};

	if (denials->pid != 0 && denials->pid != sandbox->record.pid)
		stop(sandbox);
	if (denials->pid != 0 || !is_ready(sandbox))
		return;
	denials->pid = sandbox->record.pid;
	if (listen_to(sandbox, &err) < 0)
		log_error("denials of id=%s are not told: %s",
		    sandbox->record.id, err.text);
	else
		/* What was refused before somebody listened. */
		look_in(sandbox, LOOK_AFTER_MS);
}
