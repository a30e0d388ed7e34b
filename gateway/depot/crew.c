// SPDX-License-Identifier: Apache-2.0
#include "gateway/depot/crew.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"

#define STACK_BYTES (512 * 1024)
#define THREADS_MAX 4 /* of a class */

static const unsigned n_threads[N_CREW_CLASS] = {[CREW_LOOK] = 2,
    [CREW_BYTES] = THREADS_MAX, [CREW_WRITE] = 1};

TAILQ_HEAD(crew_jobs, crew_job);

struct member {
	pthread_t thread;
	struct gang *gang;
	struct index *index;
};

/* Threads that do the same; all but the threads is under the crew's lock. */
struct gang {
	struct crew *crew;
	struct crew_jobs waiting; /* by their turns */
	pthread_cond_t work;
	uint64_t turn; /* of the job that began last */
	unsigned n;    /* threads that were started */
	struct member members[THREADS_MAX];
};

struct crew {
	struct loop *loop;
	struct loop_watch news; /* a byte comes where jobs are done */
	int news_fd;		/* the other end */
	pthread_mutex_t lock;
	struct crew_jobs done;
	bool is_ending;
	struct gang gangs[N_CREW_CLASS];
};

/* The next of a class, or NULL: it ends. */
static struct crew_job *
take(struct gang *gang)
{
	struct crew *crew = gang->crew;
	struct crew_job *job;

	while ((job = TAILQ_FIRST(&gang->waiting)) == NULL &&
	    !crew->is_ending)
		(void)pthread_cond_wait(&gang->work, &crew->lock);
	if (job != NULL) {
		TAILQ_REMOVE(&gang->waiting, job, link);
		gang->turn = job->turn;
	}
	return job;
}

static void *
work(void *arg)
{
	const struct member *member = arg;
	struct crew *crew = member->gang->crew;
	struct crew_job *job;

	(void)pthread_mutex_lock(&crew->lock);
	while ((job = take(member->gang)) != NULL) {
		(void)pthread_mutex_unlock(&crew->lock);
		job->run(job, member->index);
		(void)pthread_mutex_lock(&crew->lock);
		if (TAILQ_EMPTY(&crew->done))
			(void)send(crew->news_fd, "", 1,
			    MSG_DONTWAIT | MSG_NOSIGNAL);
		TAILQ_INSERT_TAIL(&crew->done, job, link);
	}
	(void)pthread_mutex_unlock(&crew->lock);
	return NULL;
}

static struct crew_job *
take_done(struct crew *crew)
{
	struct crew_job *job;

	(void)pthread_mutex_lock(&crew->lock);
	job = TAILQ_FIRST(&crew->done);
	if (job != NULL)
		TAILQ_REMOVE(&crew->done, job, link);
	(void)pthread_mutex_unlock(&crew->lock);
	return job;
}

static void
on_news(struct loop_watch *watch, uint32_t events)
{
	struct crew *crew = (struct crew *)((char *)watch -
	    offsetof(struct crew, news));
	char bytes[64];
	struct crew_job *job;

	(void)events;
	(void)recv(watch->fd, bytes, sizeof bytes, MSG_DONTWAIT);
	while ((job = take_done(crew)) != NULL)
		job->done(job);
}

static int
start(struct gang *gang, const char *path, struct index *index,
    const pthread_attr_t *attributes, struct err *err)
{
	struct member *member = &gang->members[gang->n];
	int r = 0;

	*member = (struct member){.gang = gang, .index = index};
	if (index == NULL)
		r = index_open_again(path, &member->index, err);
	if (r < 0)
		return r;
	r = pthread_create(&member->thread, attributes, work, member);
	if (r == 0)
		gang->n++;
	else if (index == NULL)
		index_close(member->index);
	return r == 0 ? 0 : err_set(err, r, "thread: %s", strerror(r));
}

static int
start_all(struct crew *crew, const char *path, struct index *index,
    struct err *err)
{
	pthread_attr_t attributes;
	int r = 0;

	if (pthread_attr_init(&attributes) != 0 ||
	    pthread_attr_setstacksize(&attributes, STACK_BYTES) != 0)
		return err_set(err, ENOMEM, "thread: out of memory");
	for (int class = 0; class < N_CREW_CLASS; class++)
		for (unsigned i = 0; r == 0 && i < n_threads[class]; i++)
			r = start(&crew->gangs[class], path,
			    class == CREW_WRITE ? index : NULL, &attributes,
			    err);
	(void)pthread_attr_destroy(&attributes);
	return r;
}

int
crew_new(struct loop *loop, const char *path, struct index *index,
    struct crew **ret, struct err *err)
{
	struct crew *crew = calloc(1, sizeof *crew);
	int fds[2], r;

	if (crew == NULL || socketpair(AF_UNIX,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0) {
		free(crew);
		return err_set(err, ENOMEM, "out of memory");
	}
	crew->loop = loop;
	crew->news = (struct loop_watch){fds[0], on_news};
	crew->news_fd = fds[1];
	(void)pthread_mutex_init(&crew->lock, NULL);
	TAILQ_INIT(&crew->done);
	for (int class = 0; class < N_CREW_CLASS; class++) {
		crew->gangs[class].crew = crew;
		TAILQ_INIT(&crew->gangs[class].waiting);
		(void)pthread_cond_init(&crew->gangs[class].work, NULL);
	}
	r = loop_add(loop, &crew->news, EPOLLIN);
	if (r < 0)
		err_set(err, -r, "event loop: %s", strerror(-r));
	else
		r = start_all(crew, path, index, err);
	if (r < 0)
		crew_free(crew);
	else
		*ret = crew;
	return r;
}

/* Behind the last of its organisation, or what began last: one each in turn. */
static void
insert(struct gang *gang, struct crew_job *job)
{
	struct crew_job *other, *after = NULL;

	job->turn = gang->turn;
	TAILQ_FOREACH(other, &gang->waiting, link)
		if (strcmp(other->org, job->org) == 0)
			job->turn = other->turn + 1;
	TAILQ_FOREACH(other, &gang->waiting, link)
		if (other->turn <= job->turn)
			after = other;
	if (after != NULL)
		TAILQ_INSERT_AFTER(&gang->waiting, after, job, link);
	else
		TAILQ_INSERT_HEAD(&gang->waiting, job, link);
}

void
crew_submit(struct crew *crew, enum crew_class class, struct crew_job *job)
{
	struct gang *gang = &crew->gangs[class];

	job->class = class;
	(void)pthread_mutex_lock(&crew->lock);
	insert(gang, job);
	(void)pthread_cond_signal(&gang->work);
	(void)pthread_mutex_unlock(&crew->lock);
}

static void
end_gang(struct gang *gang)
{
	const bool is_its_own = gang != &gang->crew->gangs[CREW_WRITE];

	(void)pthread_mutex_lock(&gang->crew->lock);
	(void)pthread_cond_broadcast(&gang->work);
	(void)pthread_mutex_unlock(&gang->crew->lock);
	for (unsigned i = 0; i < gang->n; i++) {
		(void)pthread_join(gang->members[i].thread, NULL);
		if (is_its_own)
			index_close(gang->members[i].index);
	}
	(void)pthread_cond_destroy(&gang->work);
}

void
crew_free(struct crew *crew)
{
	struct crew_job *job;

	if (crew == NULL)
		return;
	(void)pthread_mutex_lock(&crew->lock);
	crew->is_ending = true;
	(void)pthread_mutex_unlock(&crew->lock);
	for (int class = 0; class < N_CREW_CLASS; class++)
		end_gang(&crew->gangs[class]);
	while ((job = take_done(crew)) != NULL)
		job->done(job);
	loop_remove(crew->loop, &crew->news);
	fd_close(&crew->news.fd);
	fd_close(&crew->news_fd);
	(void)pthread_mutex_destroy(&crew->lock);
	free(crew);
}
