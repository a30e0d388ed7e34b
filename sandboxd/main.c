// SPDX-License-Identifier: Apache-2.0
/*
 * sandboxd: the root daemon. Order of birth: configuration, lock, what workers
 * need, the workers (while the process is small and knows no secrets),
 * registry, what lives, and then the socket. It can be killed at any time.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "sandboxd/daemon.h"
#include "sandboxd/denials/denials.h"
#include "sandboxd/denials/totals.h"
#include "sandboxd/door/denied.h"
#include "sandboxd/door/creates.h"
#include "sandboxd/door/peer.h"
#include "sandboxd/door/events.h"
#include "sandboxd/door/watch.h"
#include "sandboxd/lifecycle/adopt.h"
#include "sandboxd/lifecycle/ceiling.h"
#include "sandboxd/lifecycle/demotion.h"
#include "sandboxd/lifecycle/kept_disks.h"
#include "sandboxd/lifecycle/lifecycle.h"
#include "sandboxd/lifecycle/patrol.h"
#include "sandboxd/lifecycle/pool.h"
#include "sandboxd/lifecycle/pool_sizes.h"
#include "sandboxd/lifecycle/repeats.h"
#include "sandboxd/lifecycle/snapshots.h"
#include "sandboxd/lifecycle/sweep.h"
#include "sandboxd/names/names.h"
#include "sandboxd/net/linger.h"
#include "sandboxd/recipe/init_process.h"
#include "sandboxd/recipe/jobs.h"
#include "sandboxd/template/templates.h"
#include "sandboxd/views.h"

#define BROKER_USER "sandgate"

/* A predecessor's workers may take this long to notice that it is dead. */
#define LOCK_TRIES   50
#define LOCK_WAIT_MS 100

#define LISTEN_BACKLOG 128

enum mode { MODE_RUN, MODE_CHECK, MODE_DOWN };

static void
usage(void)
{
	fputs("usage: sandboxd [-c CONF] [--check | --down]\n", stderr);
	exit(2);
}

static enum mode
read_options(int argc, char **argv, const char **ret_conf)
{
	enum mode mode = MODE_RUN;

	*ret_conf = access(PATHS_DEFAULT_CONF, F_OK) == 0 ?
	    PATHS_DEFAULT_CONF : NULL;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-c") == 0 && i + 1 < argc)
			*ret_conf = argv[++i];
		else if (strcmp(argv[i], "--check") == 0)
			mode = MODE_CHECK;
		else if (strcmp(argv[i], "--down") == 0)
			mode = MODE_DOWN;
		else
			usage();
	}
	return mode;
}

/* A worker that does not die at once hangs on a device or in the kernel. */
static void
refuse(const char *path, pid_t pid)
{
	if (pid > 0 && kill(pid, 0) < 0 && errno == ESRCH)
		fatal("%s: a worker of the sandboxd before, which was pid %d, "
		    "is still at work", path, (int)pid);
	fatal("%s: sandboxd runs already, pid %d", path, (int)pid);
}

/*
 * The workers inherit the lock: who gets it knows that no worker of a killed
 * predecessor is at work any more. Returns the descriptor.
 */
static int
lock(const struct settings *settings)
{
	char path[RUNTIME_PATH_SIZE], text[16] = "";
	struct err err = {0};
	int fd, n;

	if (mkdir(settings->paths.run_dir, 0755) < 0 && errno != EEXIST)
		fatal("%s: %s", settings->paths.run_dir, strerror(errno));
	if (path_join(path, sizeof path, settings->paths.run_dir,
	    "sandboxd.pid", &err) < 0)
		fatal("%s", err.text);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		fatal("%s: %s", path, strerror(errno));
	for (int i = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; i++) {
		const struct timespec wait = {0, LOCK_WAIT_MS * 1000000L};

		if (errno != EWOULDBLOCK || i == LOCK_TRIES) {
			if (read(fd, text, sizeof text - 1) < 0)
				text[0] = '\0';
			refuse(path, atoi(text));
		}
		nanosleep(&wait, NULL);
	}
	n = snprintf(text, sizeof text, "%d\n", (int)getpid());
	if (ftruncate(fd, 0) < 0 || write(fd, text, (size_t)n) != n)
		fatal("%s: %s", path, strerror(errno));
	return fd;
}

/* Each sandbox costs two descriptors, each connection one. */
static void
raise_limits(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int
on_signal(sd_event_source *source, const struct signalfd_siginfo *info,
    void *data)
{
	struct daemon *daemon = data;

	(void)source;
	log_info("ends signal=%u; sandboxes go on", info->ssi_signo);
	sd_event_exit(daemon->event, 0);
	return 0;
}

/* Workers, and the inits they cloned on our behalf; pidfds tell of those. */
static int
on_child(sd_event_source *source, const struct signalfd_siginfo *info,
    void *data)
{
	struct daemon *daemon = data;
	pid_t pid;

	(void)source;
	(void)info;
	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		if (!worker_pool_child_died(daemon->workers, pid))
			(void)views_child_died(daemon, pid);
	return 0;
}

static void
on_linger(void *data)
{
	struct daemon *daemon = data;
	const int left_ms = linger_settle();

	/* Where there is no memory for a timer, at the next event. */
	if (left_ms != LINGER_NONE)
		(void)clock_arm(&daemon->clock, &daemon->linger_timer,
		    (uint64_t)left_ms);
}

/* After whatever has happened. */
static int
on_turn(sd_event_source *source, void *data)
{
	struct daemon *daemon = data;

	(void)source;
	if (daemon->linger_timer.due_ms == 0)
		on_linger(daemon);
	return 0;
}

static void
watch_lingering(struct daemon *daemon)
{
	daemon->linger_timer.fire = on_linger;
	daemon->linger_timer.data = daemon;
	if (sd_event_add_post(daemon->event, NULL, on_turn, daemon) < 0)
		fatal("event loop");
}

static void
watch_signals(struct daemon *daemon)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (sd_event_default(&daemon->event) < 0 ||
	    sd_event_add_signal(daemon->event, NULL, SIGTERM, on_signal,
	    daemon) < 0 ||
	    sd_event_add_signal(daemon->event, NULL, SIGINT, on_signal,
	    daemon) < 0 ||
	    sd_event_add_signal(daemon->event, NULL, SIGCHLD, on_child,
	    daemon) < 0)
		fatal("event loop");
}

static int
on_connection(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct daemon *daemon = data;
	struct ucred peer;
	socklen_t size = sizeof peer;
	struct err err = {0};
	auto_close int connection = accept4(fd, NULL, NULL,
	    SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)source;
	(void)events;
	if (connection < 0)
		return 0;
	if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return 0;
	if (peer.uid != 0 && peer.uid != daemon->peer_uid) {
		log_warn("refused peer uid=%u pid=%d", peer.uid, peer.pid);
		return 0;
	}
	if (peer_add(daemon, take_fd(&connection), NULL, 0, &err) < 0)
		log_error("peer: %s", err.text);
	return 0;
}

/* Made under another name, so that who finds the path finds a listener. */
static void
serve(struct daemon *daemon)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char path[RUNTIME_PATH_SIZE];
	const struct passwd *user = getpwnam(BROKER_USER);
	gid_t group = user != NULL ? user->pw_gid : 0;
	int n;

	daemon->peer_uid = user != NULL ? user->pw_uid : 0;
	if (user == NULL)
		log_warn("no user %s: only root may connect", BROKER_USER);
	snprintf(path, sizeof path, "%s/sandboxd.sock",
	    daemon->settings.paths.run_dir);
	n = snprintf(address.sun_path, sizeof address.sun_path, "%s.new",
	    path);
	if (n < 0 || (size_t)n >= sizeof address.sun_path)
		fatal("%s: path too long", path);
	unlink(address.sun_path);
	daemon->listen_fd = socket(AF_UNIX,
	    SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	fd_refuse_passing(daemon->listen_fd);
	if (daemon->listen_fd < 0 ||
	    bind(daemon->listen_fd, (struct sockaddr *)&address,
	    sizeof address) < 0 ||
	    chown(address.sun_path, 0, group) < 0 ||
	    chmod(address.sun_path, 0660) < 0 ||
	    listen(daemon->listen_fd, LISTEN_BACKLOG) < 0 ||
	    rename(address.sun_path, path) < 0 ||
	    sd_event_add_io(daemon->event, NULL, daemon->listen_fd, EPOLLIN,
	    on_connection, daemon) < 0)
		fatal("%s: %s", path, strerror(errno));
}

static int
open_database(const struct daemon *daemon, struct registry **ret,
    struct err *err)
{
	char path[RUNTIME_PATH_SIZE];
	int r = path_join(path, sizeof path, daemon->settings.paths.state_dir,
	    "registry.db", err);

	return r < 0 ? r : registry_open(path, ret, err);
}

static int
start_reader(struct daemon *daemon, struct err *err)
{
	struct registry *registry;
	int r = open_database(daemon, &registry, err);

	return r < 0 ? r : reader_start(registry, daemon->event,
	    &daemon->reader, err);
}

static void
open_registry(struct daemon *daemon)
{
	struct err err = {0};

	const struct event_limits limits = {
	    daemon->settings.events_per_sandbox,
	    daemon->settings.events_per_org};

	if (open_database(daemon, &daemon->registry, &err) < 0 ||
	    process_boot_id(daemon->boot_id, sizeof daemon->boot_id,
	    &err) < 0 || adopt_load(daemon, &err) < 0)
		fatal("%s", err.text);
	registry_set_event_limits(daemon->registry, &limits);
}

static struct registry *
take_registry(struct daemon *daemon)
{
	struct registry *registry = daemon->registry;

	daemon->registry = NULL;
	return registry;
}

/* What is to be written is; the table could be left to the kernel, but this
 * keeps leak checks meaningful. The workers end with their sockets, what they
 * did half is finished or undone by the next sandboxd. */
static void
close_all(struct daemon *daemon)
{
	daemon->is_ending = true;
	while (daemon->peers != NULL)
		peer_drop(daemon->peers, NULL);
	names_end(daemon);
	totals_watch_end(daemon);
	creates_free(daemon->creates);
	reader_free(daemon->reader);
	clock_disarm(&daemon->clock, &daemon->sweep_timer);
	clock_disarm(&daemon->clock, &daemon->patrol_timer);
	clock_disarm(&daemon->clock, &daemon->linger_timer);
	writer_free(daemon->writer);
	fd_close(&daemon->listen_fd);
	views_end(daemon);
	worker_pool_free(daemon->workers);
	pool_free(daemon);
	snapshots_end(daemon);
	kept_disks_end(daemon);
	repeats_free(daemon->repeats);
	ceilings_end(daemon);
	pool_sizes_end(daemon);
	templates_free(daemon);
	sandbox_table_fini(&daemon->sandboxes);
	registry_close(daemon->registry);
	runtime_close(&daemon->runtime);
	daemon->event = sd_event_unref(daemon->event);
}

static int
down(struct daemon *daemon)
{
	struct err err = {0};
	int r;

	clock_init(&daemon->clock, NULL); /* to read times by */
	if (runtime_open(&daemon->settings, &daemon->runtime, &err) < 0)
		fatal("%s", err.text);
	open_registry(daemon);
	r = adopt_down(daemon, &err);
	if (r == 0)
		r = jobs_collect_now(&daemon->runtime, &err);
	if (r < 0)
		log_error("%s", err.text);
	close_all(daemon);
	return r < 0 ? 1 : 0;
}

static void
run(struct daemon *daemon)
{
	const struct worker_setup workers = {.runtime = &daemon->runtime,
	    .jobs = jobs_table, .prepare = jobs_prepare,
	    .n = {[WORKER_QUICK] = (unsigned)daemon->settings.n_workers,
		[WORKER_SLOW] = (unsigned)daemon->settings.n_slow_workers},
	    .listener = {lifecycle_job_done, daemon}};
	const struct writer_listener written = {
	    .written = lifecycle_written,
	    .snapshot_written = snapshots_written,
	    .ceiling_written = ceiling_written,
	    .pool_size_written = pool_size_written,
	    .logged = lifecycle_logged, .data = daemon};
	struct err err = {0};

	daemon->started_ms = clock_unix_ms();
	if (runtime_open(&daemon->settings, &daemon->runtime, &err) < 0 ||
	    worker_pool_start(&workers, &daemon->workers, &err) < 0)
		fatal("%s", err.text);
	watch_signals(daemon);
	clock_init(&daemon->clock, daemon->event);
	watch_lingering(daemon);
	open_registry(daemon);
	if (writer_start(take_registry(daemon), daemon->event, &written,
	    &daemon->writer, &err) < 0 ||
	    start_reader(daemon, &err) < 0 ||
	    views_begin(daemon, &err) < 0 ||
	    worker_pool_attach(daemon->workers, daemon->event, &err) < 0 ||
	    templates_load(daemon, &err) < 0 ||
	    adopt_all(daemon, &err) < 0 ||
	    jobs_collect_left_over(daemon->workers, &daemon->runtime,
	    &err) < 0)
		fatal("%s", err.text);
	snapshots_begin(daemon);
	templates_collect(daemon);
	sweep_begin(daemon);
	patrol_begin(daemon);
	demotion_begin(daemon);
	if (daemon->runtime.egress.n_resolvers == 0)
		log_warn("no resolver found: sandboxes have no DNS");
	serve(daemon);
	totals_watch(daemon);
	if (names_start(daemon, &err) < 0)
		fatal("%s", err.text);
	if (pool_begin(daemon, &err) < 0)
		fatal("%s", err.text);
	log_info("serves run_dir=%s cgroups=%s disks=\"%s\" sandboxes=%zu",
	    daemon->settings.paths.run_dir,
	    cgroup_backend(daemon->runtime.cgroups),
	    disk_backend(daemon->runtime.disks), daemon->sandboxes.n);
	sd_notify(0, "READY=1");
	sd_event_loop(daemon->event);
	sd_notify(0, "STOPPING=1");
	close_all(daemon);
}

static void
review(struct sandbox *sandbox)
{
	names_review(sandbox);
	denials_review(sandbox);
}

int
main(int argc, char **argv)
{
	struct daemon daemon = {.listen_fd = -1, .views.questions_fd = -1,
	    .runtime = {.init_fd = -1}};
	const char *conf_path;
	enum mode mode = read_options(argc, argv, &conf_path);
	enum log_level level;
	struct err err = {0};

	log_init("sandboxd", LOG_LEVEL_INFO);
	umask(022);
	if (sodium_init() < 0)
		fatal("libsodium");
	if (settings_read(conf_path, &daemon.settings, &err) < 0)
		fatal("%s", err.text);
	if (log_parse_level(daemon.settings.log_level, &level) == 0)
		log_init("sandboxd", level);
	if (mode == MODE_CHECK) {
		if (runtime_read_network(&daemon.settings, &daemon.runtime,
		    &err) < 0)
			fatal("%s", err.text);
		return 0;
	}
	if (geteuid() != 0)
		fatal("must be run as root");
	lifecycle_listen(&daemon);
	daemon.on_there = watch_tell;
	daemon.on_moved = watch_tell_moved;
	daemon.on_reviewed = review;
	daemon.on_denied = denied_tell;
	daemon.on_logged = events_tell;
	raise_limits();
	lock(&daemon.settings);
	if (mode == MODE_DOWN)
		return down(&daemon);
	run(&daemon);
	return 0;
}
