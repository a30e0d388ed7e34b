// SPDX-License-Identifier: Apache-2.0
/*
 * A create and a destroy, where a call of sandboxd's fails meanwhile: who asked
 * is answered once, what is said to be there is there and on the disk, and
 * nothing is left of what is said to be gone. The daemon is the real one but
 * for what takes root: its workers do nothing, and init is played here.
 */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/rpc_calls.h"
#include "sandboxd/lifecycle/lifecycle.h"
#include "tests/fault/fault.h"

#define TURN_US	    2000
#define ARMED_TURNS 200
#define TABLE_MAX   4

/* What came of one request. */
struct asked {
	unsigned n_answers, n_releases;
	int code;
	char id[SANDBOX_ID_SIZE];
};

static struct daemon *daemon_now;
static struct worker_pool *workers;
static sd_event *event;
static char folder[] = "/dev/shm/fault-create-XXXXXX";
static char database[64];
static int init_listen_fd = -1, init_fd = -1;

/* In a worker: as good as init, for its pidfd. */
static int
run_create(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, int *ret_pid_fd)
{
	(void)runtime;
	(void)job;
	ret->pid = getpid();
	*ret_pid_fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	return 0;
}

static int
run_nothing(const struct runtime *runtime, const struct job *job,
    struct job_result *ret, int *ret_pid_fd)
{
	(void)runtime;
	(void)job;
	(void)ret;
	(void)ret_pid_fd;
	return 0;
}

static const struct worker_job jobs[N_JOB_KINDS] = {
    [JOB_CREATE] = {"create", WORKER_QUICK, run_create, NULL, JOB_NONE,
	false},
    [JOB_START] = {"start", WORKER_QUICK, run_create, NULL, JOB_NONE, false},
    [JOB_STOP] = {"stop", WORKER_QUICK, run_nothing, NULL, JOB_NONE, false},
    [JOB_DESTROY] = {"destroy", WORKER_QUICK, run_nothing, NULL, JOB_NONE,
	false},
    [JOB_COLLECT] = {"collect", WORKER_SLOW, run_nothing, NULL, JOB_NONE,
	true},
};

static void
listen_as_init(const char *id)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof address.sun_path, "%s/%s.sock",
	    folder, id);
	(void)unlink(address.sun_path);
	fd_close(&init_listen_fd);
	init_listen_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0);
	assert(init_listen_fd >= 0 && bind(init_listen_fd,
	    (const struct sockaddr *)&address, sizeof address) == 0 &&
	    listen(init_listen_fd, 4) == 0);
}

static void
unlisten(const char *id)
{
	char path[108];

	fd_close(&init_fd);
	fd_close(&init_listen_fd);
	snprintf(path, sizeof path, "%s/%s.sock", folder, id);
	(void)unlink(path);
}

/* The end of a job, before sandboxd hears of it. */
static void
on_job_done(const struct job *job, const struct job_result *result,
    int pid_fd, void *data)
{
	(void)data;
	fault_spare(true);
	if (job->kind == JOB_CREATE && result->err.code == 0)
		listen_as_init(job->id);
	else if (job->kind == JOB_DESTROY)
		unlisten(job->id);
	fault_spare(false);
	lifecycle_job_done(job, result, pid_fd, daemon_now);
}

/* Says hello, and has set up what it was told to. */
static void
serve_init(void)
{
	static const struct rpc_init_setup_rep reply;
	auto_rpc_message struct rpc_message message = {0};
	int r;

	if (init_fd < 0 && init_listen_fd >= 0)
		init_fd = accept4(init_listen_fd, NULL, NULL, SOCK_CLOEXEC);
	if (init_fd < 0)
		return;
	r = rpc_receive(init_fd, &message, MSG_DONTWAIT);
	if (r == 1 && message.header.number == rpc_call_init_setup.number)
		(void)rpc_send_reply(init_fd, &rpc_call_init_setup,
		    message.header.id, &reply, NULL, 0, MSG_DONTWAIT);
	else if (r != 1 && r != -EAGAIN)
		fd_close(&init_fd);
}

static void
reap_workers(void)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		assert(worker_pool_child_died(workers, pid));
}

/* The scenario is spared but for the daemon's own turns. */
static void
turn(void)
{
	fault_spare(false);
	(void)sd_event_run(event, TURN_US);
	fault_spare(true);
	serve_init();
	reap_workers();
}

static void
answer(void *owner, uint32_t request_id, const struct sandbox *sandbox,
    const struct err *err)
{
	struct asked *asked = owner;

	(void)request_id;
	asked->n_answers++;
	asked->code = err != NULL ? err->code : 0;
	if (err == NULL)
		snprintf(asked->id, sizeof asked->id, "%s",
		    sandbox->record.id);
	else
		assert(err->code > 0 && err->text[0] != '\0');
}

static void
release(void *owner)
{
	((struct asked *)owner)->n_releases++;
}

/* A call that was begun is answered once, one that was not, never. */
static void
await(struct asked *asked, int begun)
{
	for (int i = 0; begun == 0 && asked->n_answers == 0; i++) {
		/* What waits for better times may go on. */
		if (i == ARMED_TURNS)
			fault_stop();
		turn();
	}
	assert(asked->n_answers == (begun == 0));
	assert(asked->n_releases == 1);
	if (begun < 0)
		asked->code = -begun;
	assert(asked->code == 0 || fault_happened());
}

static void
create(struct asked *asked)
{
	struct asker asker = {.answer = answer, .release = release,
	    .owner = asked};
	struct sandbox_record record = {.org = "acme", .template_name = "base",
	    .memory_limit_bytes = 1 << 30, .pids_limit = 100,
	    .cpu_limit_millis = 1000, .disk_limit_bytes = 1 << 30,
	    .created_ms = 1};
	struct err err = {0};
	int r;

	record.env = malloc(4);
	assert(record.env != NULL);
	memcpy(record.env, "A=1", 4);
	record.env_size = 4;
	fault_spare(false);
	r = lifecycle_create(daemon_now, &record, NULL, &asker, &err);
	fault_spare(true);
	free(record.env);
	assert(r == 0 || (err.code == -r && err.text[0] != '\0'));
	await(asked, r);
}

/* A destroy that fails may be asked for again, and then goes well. */
static void
destroy(const char *id)
{
	for (int i = 0;; i++) {
		struct asked asked = {0};
		struct asker asker = {.answer = answer, .release = release,
		    .owner = &asked};
		struct sandbox *sandbox = sandbox_find(&daemon_now->sandboxes,
		    id);
		struct err err = {0};
		int r;

		if (sandbox == NULL) {
			assert(i > 0 || fault_happened());
			return;
		}
		assert(i < 3);
		fault_spare(false);
		r = lifecycle_destroy(sandbox, "the test", &asker, &err);
		fault_spare(true);
		await(&asked, r);
		fault_stop();
	}
}

static int
see(struct sandbox_record *record, void *data, struct err *err)
{
	unsigned *n = data;

	(void)err;
	assert(record->state == SANDBOX_RUNNING && record->env_size == 4);
	++*n;
	return 0;
}

static unsigned
count_rows(void)
{
	struct registry *registry;
	struct err err = {0};
	unsigned n = 0;

	assert(registry_open(database, &registry, &err) == 0);
	assert(registry_load(registry, see, &n, &err) == 0);
	registry_close(registry);
	return n;
}

static void
no_one(const struct sandbox *sandbox)
{
	(void)sandbox;
}

static void
no_reader(struct daemon *daemon, const struct sandbox_record *record)
{
	(void)daemon;
	(void)record;
}

static void
begin(struct daemon *daemon)
{
	const struct writer_listener written = {
	    .written = lifecycle_written, .logged = lifecycle_logged,
	    .data = daemon};
	struct registry *registry;
	struct err err = {0};
	struct clock_timer first = {0};

	*daemon = (struct daemon){.on_there = no_one, .on_moved = no_one,
	    .on_logged = no_reader,
	    .event = event, .workers = workers,
	    .settings = {.start_timeout_s = 2, .ephemeral_linger_s = 60,
	    .tombstone_keep_s = 60},
	    .boot_id = "boot"};
	snprintf(daemon->runtime.init_folder,
	    sizeof daemon->runtime.init_folder, "%s", folder);
	lifecycle_listen(daemon);
	clock_init(&daemon->clock, event);
	/* The loop keeps what its first timer took. */
	assert(clock_arm(&daemon->clock, &first, 1000) == 0);
	clock_disarm(&daemon->clock, &first);
	assert(sandbox_table_init(&daemon->sandboxes, TABLE_MAX, &err) == 0);
	assert(registry_open(database, &registry, &err) == 0);
	assert(writer_start(registry, event, &written, &daemon->writer,
	    &err) == 0);
	daemon_now = daemon;
}

static void
end(struct daemon *daemon)
{
	daemon->is_ending = true;
	writer_free(daemon->writer);
	sandbox_table_fini(&daemon->sandboxes);
	fd_close(&init_fd);
	fd_close(&init_listen_fd);
}

static void
remove_files(void)
{
	char command[128];

	snprintf(command, sizeof command, "rm -f %s/*", folder);
	assert(system(command) == 0);
}

/* What failed goes by itself; what got stuck, when it is asked for again. */
static void
clear_table(struct daemon *daemon)
{
	fault_stop();
	while (daemon->sandboxes.n > 0)
		if (daemon->sandboxes.sorted[0]->record.state == SANDBOX_STUCK)
			destroy(daemon->sandboxes.sorted[0]->record.id);
		else
			turn();
}

static void
live(void)
{
	static struct daemon daemon;
	struct asked asked = {0};

	fault_spare(true);
	begin(&daemon);
	create(&asked);
	if (asked.code == 0) {
		assert(count_rows() == 1);
		destroy(asked.id);
	}
	clear_table(&daemon);
	end(&daemon);
	assert(count_rows() == 0);
	remove_files();
	fault_spare(false);
}

static void
start_workers(void)
{
	const struct worker_setup setup = {.jobs = jobs,
	    .n = {[WORKER_QUICK] = 1, [WORKER_SLOW] = 1},
	    .listener = {on_job_done, NULL}};
	struct err err = {0};

	assert(worker_pool_start(&setup, &workers, &err) == 0);
	assert(sd_event_new(&event) >= 0);
	assert(worker_pool_attach(workers, event, &err) == 0);
}

int
main(void)
{
	log_init("fault-create", LOG_LEVEL_ERROR);
	assert(mkdtemp(folder) != NULL);
	snprintf(database, sizeof database, "%s/registry.db", folder);
	start_workers();
	fault_run("create", live);
	worker_pool_free(workers);
	while (waitpid(-1, NULL, 0) > 0)
		;
	sd_event_unref(event);
	assert(rmdir(folder) == 0);
	return 0;
}
