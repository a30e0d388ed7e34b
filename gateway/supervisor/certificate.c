// SPDX-License-Identifier: Apache-2.0
#include "gateway/supervisor/certificate.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "common/fd.h"
#include "common/log.h"

/* So long after the first change they are looked at: a renewal is several. */
#define SETTLE_MS 200

#define CHANGES                                                               \
	(IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_ATTRIB | IN_DELETE)

void
certificate_init(struct certificate *certificate, const char *program,
    const char *chain_path, const char *key_path)
{
	*certificate = (struct certificate){.program = program,
	    .paths = {[HANDOVER_CERTIFICATE_CHAIN] = chain_path,
	    [HANDOVER_CERTIFICATE_KEY] = key_path}, .fd = -1};
}

bool
certificate_is_wanted(const struct certificate *certificate)
{
	return *certificate->paths[HANDOVER_CERTIFICATE_CHAIN] != '\0';
}

/* Links are followed: that is how renewals are put in place. */
static int
open_file(const char *path, bool is_key, int *ret_fd,
    struct certificate_file *ret, struct err *err)
{
	auto_close int fd = open(path,
	    O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(err, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, EINVAL, "%s: not a file", path);
	if (is_key && (st.st_mode & S_IRWXO) != 0)
		return err_set(err, EPERM, "%s: everybody may read or change "
		    "it; its mode must be 0640 or less", path);
	*ret = (struct certificate_file){st.st_dev, st.st_ino, st.st_size,
	    st.st_mtim};
	*ret_fd = take_fd(&fd);
	return 0;
}

static int
open_files(const struct certificate *certificate,
    int fds[HANDOVER_CERTIFICATE_FDS],
    struct certificate_file files[HANDOVER_CERTIFICATE_FDS],
    struct err *err)
{
	int r = 0;

	for (int i = 0; i < HANDOVER_CERTIFICATE_FDS; i++)
		fds[i] = -1;
	for (int i = 0; r == 0 && i < HANDOVER_CERTIFICATE_FDS; i++)
		r = open_file(certificate->paths[i],
		    i == HANDOVER_CERTIFICATE_KEY, &fds[i], &files[i], err);
	return r;
}

static void
close_files(int fds[HANDOVER_CERTIFICATE_FDS])
{
	for (int i = 0; i < HANDOVER_CERTIFICATE_FDS; i++)
		fd_close(&fds[i]);
}

int
certificate_check(const struct certificate *certificate, struct err *err)
{
	struct certificate_file files[HANDOVER_CERTIFICATE_FDS];
	int fds[HANDOVER_CERTIFICATE_FDS];
	int r = open_files(certificate, fds, files, err);

	close_files(fds);
	return r;
}

static bool
is_same(const struct certificate_file *a, const struct certificate_file *b)
{
	return a->device == b->device && a->inode == b->inode &&
	    a->size_bytes == b->size_bytes &&
	    a->changed_at.tv_sec == b->changed_at.tv_sec &&
	    a->changed_at.tv_nsec == b->changed_at.tv_nsec;
}

static bool
has_changed(const struct certificate *certificate,
    const struct certificate_file *files)
{
	for (int i = 0; i < HANDOVER_CERTIFICATE_FDS; i++)
		if (!is_same(&files[i], &certificate->sent[i]))
			return true;
	return false;
}

/* To the program that runs, or starts. */
static void
send_files(struct certificate *certificate, bool is_forced)
{
	struct handover_certificate frame = {certificate->number + 1};
	struct certificate_file files[HANDOVER_CERTIFICATE_FDS];
	int fds[HANDOVER_CERTIFICATE_FDS], r;
	struct err err;

	if (open_files(certificate, fds, files, &err) < 0) {
		log_error("%s: its certificate stays as it was: %s",
		    certificate->program, err.text);
	} else if (certificate->fd >= 0 &&
	    (is_forced || has_changed(certificate, files))) {
		r = fd_send(certificate->fd, &frame, sizeof frame, fds,
		    HANDOVER_CERTIFICATE_FDS, MSG_DONTWAIT);
		if (r < 0)
			log_error("%s: certificate not sent: %s",
			    certificate->program, strerror(-r));
		else
			certificate->number++;
		if (r >= 0)
			memcpy(certificate->sent, files, sizeof files);
	}
	close_files(fds);
}

int
certificate_equip(struct certificate *certificate, int *ret_fd,
    struct err *err)
{
	int pair[2];
	int r = fd_seqpacket_pair(pair);

	if (r < 0)
		return err_set(err, -r, "socket pair: %s", strerror(-r));
	fd_close(&certificate->fd);
	certificate->fd = pair[0];
	*ret_fd = pair[1];
	send_files(certificate, true);
	return 0;
}

void
certificate_renew(struct certificate *certificate)
{
	if (certificate_is_wanted(certificate))
		send_files(certificate, true);
}

static int
on_settled(sd_event_source *source, uint64_t usec, void *arg)
{
	struct certificate *certificate = arg;

	(void)source;
	(void)usec;
	certificate->timer = sd_event_source_unref(certificate->timer);
	send_files(certificate, false);
	return 0;
}

/* Of anything in the folder: what a renewal renames is its own matter. */
static int
on_change(sd_event_source *source, const struct inotify_event *change,
    void *arg)
{
	struct certificate *certificate = arg;

	(void)change;
	if (certificate->timer == NULL)
		(void)sd_event_add_time_relative(
		    sd_event_source_get_event(source), &certificate->timer,
		    CLOCK_MONOTONIC, SETTLE_MS * 1000, 0, on_settled,
		    certificate);
	return 0;
}

int
certificate_watch(struct certificate *certificate, sd_event *event,
    struct err *err)
{
	if (!certificate_is_wanted(certificate))
		return 0;
	for (int i = 0; i < HANDOVER_CERTIFICATE_FDS; i++) {
		char path[PATH_MAX];
		int r;

		snprintf(path, sizeof path, "%s", certificate->paths[i]);
		r = sd_event_add_inotify(event, NULL, dirname(path), CHANGES,
		    on_change, certificate);
		if (r < 0)
			return err_set(err, -r, "watch %s: %s",
			    certificate->paths[i], strerror(-r));
	}
	return 0;
}
