// SPDX-License-Identifier: Apache-2.0
#include "gateway/supervisor/supervisor.h"

#include <errno.h>
#include <limits.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

#include "common/fd.h"
#include "common/log.h"
#include "gateway/jail/privilege.h"
#include "gateway/protocol/handover.h"
#include "gateway/settings/gateway_conf.h"
#include "gateway/settings/proxy_conf.h"
#include "gateway/supervisor/bounds.h"
#include "gateway/supervisor/certificate.h"
#include "gateway/supervisor/child.h"
#include "gateway/supervisor/doors.h"
#include "gateway/supervisor/folders.h"
#include "gateway/supervisor/host_keys.h"

#define BACKOFF_FIRST_MS 100
#define BACKOFF_MAX_MS	 5000
#define STEADY_MS	 10000 /* who lived this long starts at once again */
#define STOP_WAIT_MS	 5000

/*
 * What starting them takes: becoming their users, the jail's chroot,
 * signals to them; SETPCAP lets a child cut its own bounding set.
 */
#define KEPT_CAPABILITIES                                                      \
	(1ull << CAP_SETUID | 1ull << CAP_SETGID | 1ull << CAP_SYS_CHROOT |   \
	    1ull << CAP_KILL | 1ull << CAP_SETPCAP)

/* Those from ROLE_SESSION on are of no use without the broker. */
enum role {
	ROLE_BROKER,
	ROLE_RESOLVER,
	ROLE_SESSION,
	ROLE_HTTP,
	ROLE_LOBBY,
	ROLE_PROXY,
	ROLE_WEBHOOK,
	ROLE_DEPOT,
	N_ROLE
};

static const char *const role_programs[N_ROLE] = {
    [ROLE_BROKER] = "gateway-broker",
    [ROLE_RESOLVER] = "gateway-resolver",
    [ROLE_SESSION] = "gateway-session",
    [ROLE_HTTP] = "gateway-http",
    [ROLE_LOBBY] = "gateway-lobby",
    [ROLE_PROXY] = "gateway-proxy",
    [ROLE_WEBHOOK] = "gateway-webhook",
    [ROLE_DEPOT] = "gateway-depot",
};

/*
 * Where the host has no memory left, who reads a stranger's bytes goes before
 * anybody of the host, as if it had a tenth of all memory more than it has. The
 * broker reads none, and keeps what protects the supervisor.
 */
static const char *const role_oom_scores[N_ROLE] = {
    [ROLE_RESOLVER] = "100", [ROLE_SESSION] = "100", [ROLE_HTTP] = "100",
    [ROLE_LOBBY] = "100", [ROLE_PROXY] = "100", [ROLE_WEBHOOK] = "100",
    [ROLE_DEPOT] = "100",
};

struct supervisor;

struct worker {
	struct supervisor *supervisor;
	enum role role;
	pid_t pid; /* 0 = not running */
	sd_event_source *exit_source;
	sd_event_source *start_timer;
	uint64_t started_ms;
	uint64_t backoff_ms;
};

struct supervisor {
	const char *conf_path;
	struct gateway_conf settings;
	struct proxy_conf proxy_settings;
	sd_event *event;
	int pid_fd; /* the locked pid file */
	struct doors doors;
	struct certificate api_certificate, proxy_certificate;
	int resolver_fd; /* that ends with us */
	int control_fd; /* to the broker; -1 while there is none */
	struct worker workers[N_ROLE];
	bool is_stopping;
};

static uint64_t
now_ms(const struct supervisor *s)
{
	uint64_t now = 0;

	(void)sd_event_now(s->event, CLOCK_MONOTONIC, &now);
	return now / 1000;
}

static int start_worker(struct worker *worker, struct err *err);

/* Passes one descriptor to the broker. */
static int
send_control(struct supervisor *s, enum handover_kind kind, int fd,
    struct err *err)
{
	struct handover_control control = {.kind = (uint32_t)kind};
	int r = fd_send(s->control_fd, &control, sizeof control, &fd, 1,
	    MSG_DONTWAIT);

	return r < 0 ? err_set(err, -r, "broker: %s", strerror(-r)) : 0;
}

static int
on_start_due(sd_event_source *source, uint64_t usec, void *arg)
{
	struct worker *worker = arg;
	struct err err = {0};

	(void)source;
	(void)usec;
	worker->start_timer = sd_event_source_unref(worker->start_timer);
	if (start_worker(worker, &err) < 0)
		log_error("%s", err.text);
	return 0;
}

/* Starts it again after a pause that doubles while it keeps dying. */
static void
schedule_start(struct worker *worker)
{
	struct supervisor *s = worker->supervisor;

	if (s->is_stopping || worker->start_timer != NULL)
		return;
	if (worker->backoff_ms == 0 ||
	    now_ms(s) - worker->started_ms > STEADY_MS)
		worker->backoff_ms = BACKOFF_FIRST_MS;
	(void)sd_event_add_time_relative(s->event, &worker->start_timer,
	    CLOCK_MONOTONIC, worker->backoff_ms * 1000, 0, on_start_due,
	    worker);
	worker->backoff_ms *= 2;
	if (worker->backoff_ms > BACKOFF_MAX_MS)
		worker->backoff_ms = BACKOFF_MAX_MS;
}

/* Ends it without waiting; its exit is still reaped, but means nothing. */
static void
retire(struct worker *worker)
{
	if (worker->pid == 0)
		return;
	(void)kill(worker->pid, SIGTERM);
	(void)sd_event_source_set_userdata(worker->exit_source, NULL);
	(void)sd_event_source_set_floating(worker->exit_source, true);
	worker->exit_source = sd_event_source_unref(worker->exit_source);
	worker->pid = 0;
}

/* Without the broker the others are of no use: all start anew. */
static void
lose_broker(struct supervisor *s)
{
	fd_close(&s->control_fd);
	for (int role = ROLE_SESSION; role < N_ROLE; role++) {
		struct worker *worker = &s->workers[role];

		retire(worker);
		worker->start_timer =
		    sd_event_source_disable_unref(worker->start_timer);
	}
}

static int
on_worker_exit(sd_event_source *source, const siginfo_t *info, void *arg)
{
	struct worker *worker = arg;

	if (worker == NULL) { /* retired */
		(void)sd_event_source_set_floating(source, false);
		return 0;
	}
	worker->pid = 0;
	worker->exit_source = sd_event_source_unref(worker->exit_source);
	if (worker->supervisor->is_stopping)
		return 0;
	log_warn("%s died: %s=%d", role_programs[worker->role],
	    info->si_code == CLD_EXITED ? "status" : "signal",
	    info->si_status);
	if (worker->role == ROLE_BROKER)
		lose_broker(worker->supervisor);
	schedule_start(worker);
	return 0;
}

/* Runs the worker's program; fds[0] is its end of a fresh pair. */
static int
launch(struct worker *worker, const int *fds, size_t n_fds, const char *option,
    const char *value, struct err *err)
{
	struct supervisor *s = worker->supervisor;
	const char *program = role_programs[worker->role];
	const char *argv[] = {program, "-c", s->conf_path, option, value,
	    NULL};
	char path[PATH_MAX];
	int r = path_join(path, sizeof path, s->settings.paths.libexec_dir,
	    program, err);

	if (r == 0)
		r = child_start(path, argv, fds, n_fds,
		    role_oom_scores[worker->role], &worker->pid, err);
	if (r < 0)
		return r;
	worker->started_ms = now_ms(s);
	r = sd_event_add_child(s->event, &worker->exit_source, worker->pid,
	    WEXITED, on_worker_exit, worker);
	if (r < 0)
		return err_set(err, -r, "%s: watch: %s", program,
		    strerror(-r));
	return 0;
}

/* Gives a new broker all that it serves. */
static int
equip_broker(struct supervisor *s, struct err *err)
{
	int keys[HOST_KEYS_MAX];
	size_t n_keys;
	int r = host_keys_open(s->settings.paths.state_dir, true, keys,
	    &n_keys, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n_keys; i++) {
		if (r == 0)
			r = send_control(s, HANDOVER_HOST_PUBLIC_KEY, keys[i],
			    err);
		fd_close(&keys[i]);
	}
	for (size_t i = 0; r == 0 && i < s->doors.n_ssh_fds; i++)
		r = send_control(s, HANDOVER_SSH_LISTENER,
		    s->doors.ssh_fds[i], err);
	return r;
}

static int
start_broker(struct worker *worker, int pair[2], struct err *err)
{
	struct supervisor *s = worker->supervisor;
	int r = launch(worker, &pair[1], 1, NULL, NULL, err);

	if (r < 0)
		return r;
	s->control_fd = take_fd(&pair[0]);
	r = equip_broker(s, err);
	for (int role = ROLE_SESSION; r == 0 && role < N_ROLE; role++)
		r = start_worker(&s->workers[role], err);
	return r;
}

static int
start_session(struct worker *worker, int pair[2], struct err *err)
{
	struct supervisor *s = worker->supervisor;
	int fds[1 + HOST_KEYS_MAX];
	char count[16];
	size_t n_keys;
	int r = host_keys_open(s->settings.paths.state_dir, false, fds + 1,
	    &n_keys, err);

	if (r < 0)
		return r;
	fds[0] = pair[1];
	snprintf(count, sizeof count, "%zu", n_keys);
	r = launch(worker, fds, 1 + n_keys, "-k", count, err);
	for (size_t i = 1; i <= n_keys; i++)
		fd_close(&fds[i]);
	return r < 0 ? r : send_control(s, HANDOVER_ZYGOTE, pair[0], err);
}

static int
start_http(struct worker *worker, int pair[2], struct err *err)
{
	struct supervisor *s = worker->supervisor;
	auto_close int news_fd = -1;
	int fds[4] = {pair[1], s->doors.api_fd, s->doors.api_tcp_fds[0], -1};
	const bool has_tcp = s->doors.n_api_tcp_fds > 0;
	const bool has_tls = certificate_is_wanted(&s->api_certificate);
	int r = has_tls ? certificate_equip(&s->api_certificate, &news_fd,
	    err) : 0;

	fds[3] = news_fd;
	if (r == 0)
		r = launch(worker, fds, has_tls ? 4 : has_tcp ? 3 : 2,
		    has_tls ? "-s" : has_tcp ? "-t" : NULL, NULL, err);
	return r < 0 ? r : send_control(s, HANDOVER_HTTP, pair[0], err);
}

/* One that has the broker's orders and nothing else. */
static int
start_plain(struct worker *worker, int pair[2], struct err *err)
{
	static const enum handover_kind kinds[N_ROLE] = {
	    [ROLE_LOBBY] = HANDOVER_LOBBY, [ROLE_WEBHOOK] = HANDOVER_WEBHOOK,
	    [ROLE_DEPOT] = HANDOVER_DEPOT};
	int r = launch(worker, &pair[1], 1, NULL, NULL, err);

	return r < 0 ? r : send_control(worker->supervisor,
	    kinds[worker->role], pair[0], err);
}

static int
start_proxy(struct worker *worker, int pair[2], struct err *err)
{
	struct supervisor *s = worker->supervisor;
	auto_close int news_fd = -1;
	const bool has_tls = certificate_is_wanted(&s->proxy_certificate);
	int r = has_tls ? certificate_equip(&s->proxy_certificate, &news_fd,
	    err) : 0;

	if (r == 0) {
		const int fds[] = {pair[1], s->doors.proxy_fds[0], news_fd};

		r = launch(worker, fds, has_tls ? 3 : 2,
		    has_tls ? "-s" : NULL, NULL, err);
	}
	return r < 0 ? r : send_control(s, HANDOVER_PROXY, pair[0], err);
}

/* sandboxd comes to the socket again and again, whoever listens there. */
static int
start_resolver(struct worker *worker, int pair[2], struct err *err)
{
	struct supervisor *s = worker->supervisor;
	const int fds[] = {pair[1], s->doors.names_fd};
	int r = launch(worker, fds, 2, NULL, NULL, err);

	if (r < 0)
		return r;
	fd_close(&s->resolver_fd);
	s->resolver_fd = take_fd(&pair[0]);
	return 0;
}

/* Starts it, or plans to; without a broker only the broker starts. */
static int
start_worker(struct worker *worker, struct err *err)
{
	static int (*const starters[N_ROLE])(struct worker *worker,
	    int pair[2], struct err *err) = {
	    [ROLE_BROKER] = start_broker,
	    [ROLE_RESOLVER] = start_resolver,
	    [ROLE_SESSION] = start_session,
	    [ROLE_HTTP] = start_http,
	    [ROLE_LOBBY] = start_plain,
	    [ROLE_PROXY] = start_proxy,
	    [ROLE_WEBHOOK] = start_plain,
	    [ROLE_DEPOT] = start_plain,
	};
	int pair[2], r;

	if (worker->role >= ROLE_SESSION && worker->supervisor->control_fd < 0)
		return 0;
	if (worker->role == ROLE_PROXY &&
	    worker->supervisor->doors.n_proxy_fds == 0)
		return 0;
	r = fd_seqpacket_pair(pair);
	if (r < 0)
		r = err_set(err, -r, "socket pair: %s", strerror(-r));
	else
		r = starters[worker->role](worker, pair, err);
	fd_close(&pair[0]);
	fd_close(&pair[1]);
	/* Who is already running will be missed through its exit. */
	if (r < 0 && worker->pid == 0)
		schedule_start(worker);
	return r;
}

/*
 * The new zygote takes over with its first frame to the broker, which lets go
 * of the old one's orders: that one ends, its sessions do not.
 */
static void
renew_zygote(struct supervisor *s, enum role role)
{
	struct worker *worker = &s->workers[role];
	struct worker old = *worker;
	struct err err = {0};

	if (worker->pid == 0 || s->control_fd < 0 || s->is_stopping)
		return;
	worker->pid = 0;
	worker->exit_source = NULL;
	if (start_worker(worker, &err) < 0) {
		log_error("%s not renewed: %s", role_programs[role],
		    err.text);
		if (worker->pid == 0) {
			worker->start_timer = sd_event_source_disable_unref(
			    worker->start_timer);
			*worker = old;
		}
		return;
	}
	(void)sd_event_source_set_userdata(old.exit_source, NULL);
	(void)sd_event_source_set_floating(old.exit_source, true);
	sd_event_source_unref(old.exit_source);
	log_info("%s renewed", role_programs[role]);
}

/* Those that fork: each has an address-space layout for all its children. */
static void
renew_zygotes(struct supervisor *s)
{
	renew_zygote(s, ROLE_SESSION);
	renew_zygote(s, ROLE_LOBBY);
	renew_zygote(s, ROLE_WEBHOOK);
}

static int
on_renew_due(sd_event_source *source, uint64_t usec, void *arg)
{
	struct supervisor *s = arg;

	(void)usec;
	renew_zygotes(s);
	(void)sd_event_source_set_time_relative(source,
	    s->settings.zygote_renew_s * 1000000);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int
on_hangup(sd_event_source *source, const struct signalfd_siginfo *info,
    void *arg)
{
	(void)source;
	(void)info;
	renew_zygotes(arg);
	certificate_renew(&((struct supervisor *)arg)->api_certificate);
	certificate_renew(&((struct supervisor *)arg)->proxy_certificate);
	return 0;
}

static int
on_terminate(sd_event_source *source, const struct signalfd_siginfo *info,
    void *arg)
{
	struct supervisor *s = arg;

	(void)source;
	(void)info;
	s->is_stopping = true;
	return sd_event_exit(s->event, 0);
}

static int
find_certificates(struct supervisor *s, struct err *err)
{
	int r;

	certificate_init(&s->api_certificate, "gateway-http",
	    s->settings.api_cert, s->settings.api_key);
	certificate_init(&s->proxy_certificate, "gateway-proxy",
	    s->proxy_settings.cert, s->proxy_settings.key);
	r = certificate_is_wanted(&s->api_certificate) ?
	    certificate_check(&s->api_certificate, err) : 0;
	if (r == 0 && certificate_is_wanted(&s->proxy_certificate))
		r = certificate_check(&s->proxy_certificate, err);
	return r;
}

static int
open_everything(struct supervisor *s, struct err *err)
{
	const struct paths *paths = &s->settings.paths;
	int r = folders_make(&s->settings, err);

	if (r == 0)
		r = folders_lock(paths->run_dir, &s->pid_fd, err);
	if (r == 0)
		r = doors_open(&s->settings, &s->proxy_settings, &s->doors,
		    err);
	if (r == 0)
		r = find_certificates(s, err);
	if (r == 0)
		r = host_keys_make(paths->state_dir, err);
	return r;
}

static int
add_sources(struct supervisor *s)
{
	sigset_t set;
	int r;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	r = sd_event_add_signal(s->event, NULL, SIGTERM, on_terminate, s);
	if (r >= 0)
		r = sd_event_add_signal(s->event, NULL, SIGINT, on_terminate,
		    s);
	if (r >= 0)
		r = sd_event_add_signal(s->event, NULL, SIGHUP, on_hangup, s);
	if (r >= 0)
		r = sd_event_add_time_relative(s->event, NULL,
		    CLOCK_MONOTONIC, s->settings.zygote_renew_s * 1000000, 0,
		    on_renew_due, s);
	return r;
}

/* Ends them; sessions are the zygote's forks and live on. */
static void
stop_workers(struct supervisor *s)
{
	uint64_t waited_ms = 0;
	struct timespec pause = {.tv_nsec = 10 * 1000000};

	for (int role = N_ROLE - 1; role >= 0; role--)
		if (s->workers[role].pid != 0)
			(void)kill(s->workers[role].pid, SIGTERM);
	fd_close(&s->control_fd);
	for (int role = 0; role < N_ROLE; role++) {
		pid_t pid = s->workers[role].pid;

		while (pid != 0 && waitpid(pid, NULL, WNOHANG) == 0) {
			if (waited_ms > STOP_WAIT_MS)
				(void)kill(pid, SIGKILL);
			(void)nanosleep(&pause, NULL);
			waited_ms += 10;
		}
	}
}

int
supervisor_run(const char *conf_path, struct err *err)
{
	static struct supervisor supervisor;
	struct supervisor *s = &supervisor;
	int r;

	s->conf_path = conf_path;
	s->pid_fd = s->control_fd = s->resolver_fd = -1;
	for (int role = 0; role < N_ROLE; role++)
		s->workers[role] = (struct worker){.supervisor = s,
		    .role = (enum role)role};
	r = gateway_conf_read(conf_path, &s->settings, err);
	if (r == 0)
		r = proxy_conf_read(conf_path, &s->proxy_settings, err);
	if (r < 0)
		return r;
	log_init("gateway", s->settings.level);
	bounds_set(&s->settings);
	r = open_everything(s, err);
	if (r < 0)
		return r;
	r = privilege_limit(KEPT_CAPABILITIES, err);
	if (r < 0)
		return r;
	r = sd_event_new(&s->event);
	if (r >= 0)
		r = add_sources(s);
	if (r < 0)
		return err_set(err, -r, "event loop: %s", strerror(-r));
	r = certificate_watch(&s->api_certificate, s->event, err);
	if (r == 0)
		r = certificate_watch(&s->proxy_certificate, s->event, err);
	if (r < 0)
		return r;
	for (int role = ROLE_BROKER; role < ROLE_SESSION; role++)
		if (start_worker(&s->workers[role], err) < 0)
			log_error("%s", err->text);
	log_info("serving ssh=%s", s->settings.ssh_listen);
	(void)sd_notify(0, "READY=1");
	r = sd_event_loop(s->event);
	(void)sd_notify(0, "STOPPING=1");
	s->is_stopping = true;
	stop_workers(s);
	if (r < 0)
		return err_set(err, -r, "event loop: %s", strerror(-r));
	log_info("stopped; sessions live on");
	return 0;
}
