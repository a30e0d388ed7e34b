// SPDX-License-Identifier: Apache-2.0
#include "gateway/ssh/forward/forwards.h"

#include <errno.h>

#include "gateway/ssh/forward/forward.h"
#include "gateway/ssh/forward/listener.h"

size_t
forwards_poll_max(const struct ssh_conf *options)
{
	return options->max_forwards * RELAY_POLL_MAX +
	    options->max_listeners * FORWARD_LISTENER_FDS;
}

void
forwards_turn(struct forwarding *all, int *timeout_ms)
{
	struct forward_listener *l = all->listeners, *next_l;
	struct forward *f = all->forwards, *next_f;

	if ((l != NULL || f != NULL) &&
	    !forward_recording_allows(&all->recording))
		return;
	for (; l != NULL; l = next_l) {
		next_l = l->next;
		forward_listener_turn(l);
		if (l->state == FORWARD_LISTENER_ENDED)
			forward_listener_free(l);
	}
	for (; f != NULL; f = next_f) {
		next_f = f->next;
		forward_turn(f, timeout_ms);
		if (f->state == FORWARD_CLOSED)
			forward_free(f);
	}
	forward_recording_flush(&all->recording);
}

size_t
forwards_collect(struct forwarding *all, struct pollfd *fds, int *timeout_ms)
{
	size_t n = 0;

	for (struct forward_listener *l = all->listeners; l != NULL;
	    l = l->next)
		n += forward_listener_collect(l, fds + n, timeout_ms);
	for (struct forward *f = all->forwards; f != NULL; f = f->next) {
		f->n_polled = f->state == FORWARD_OPEN ?
		    relay_collect(&f->relay, fds + n) : 0;
		n += f->n_polled;
	}
	return n;
}

void
forwards_ready(struct forwarding *all, const struct pollfd *fds)
{
	const struct pollfd *of_forwards = fds;
	struct forward_listener *l;

	/* First those that are there: accepting makes more of them. */
	for (l = all->listeners; l != NULL; l = l->next)
		of_forwards += l->n_polled;
	for (struct forward *f = all->forwards; f != NULL; f = f->next) {
		relay_ready(&f->relay, of_forwards, f->n_polled);
		of_forwards += f->n_polled;
	}
	for (l = all->listeners; l != NULL; l = l->next) {
		forward_listener_ready(l, fds);
		fds += l->n_polled;
	}
}

void
forwards_answer(struct forwarding *all, struct init_event *event)
{
	for (struct forward *f = all->forwards; f != NULL; f = f->next) {
		if (f->state == FORWARD_DIALLING && f->call_id == event->id) {
			forward_answer(f, event);
			return;
		}
	}
	for (struct forward_listener *l = all->listeners; l != NULL;
	    l = l->next) {
		if (l->state == FORWARD_LISTENER_ASKED &&
		    l->call_id == event->id) {
			forward_listener_answer(l, event);
			return;
		}
	}
}

void
forwards_fail(struct forwarding *all, bool is_init_lost, const char *words)
{
	for (struct forward *f = all->forwards; f != NULL; f = f->next)
		if (is_init_lost || f->state == FORWARD_WANTED)
			forward_fail(f, EHOSTDOWN);
	for (struct forward_listener *l = all->listeners; l != NULL;
	    l = l->next) {
		if (is_init_lost)
			forward_listener_lose(l);
		else if (l->state == FORWARD_LISTENER_WANTED)
			forward_listener_fail(l, words);
	}
}

bool
forwards_have_asked_init(const struct forwarding *all)
{
	for (const struct forward *f = all->forwards; f != NULL; f = f->next)
		if (f->state == FORWARD_DIALLING)
			return true;
	for (const struct forward_listener *l = all->listeners; l != NULL;
	    l = l->next)
		if (l->state == FORWARD_LISTENER_ASKED)
			return true;
	return false;
}

bool
forwards_wait_for_init(const struct forwarding *all)
{
	if (forward_recording_waits(&all->recording))
		return false;
	for (const struct forward *f = all->forwards; f != NULL; f = f->next)
		if (f->state == FORWARD_WANTED)
			return true;
	for (const struct forward_listener *l = all->listeners; l != NULL;
	    l = l->next)
		if (l->state == FORWARD_LISTENER_WANTED)
			return true;
	return false;
}

void
forwards_end_recording(struct forwarding *all)
{
	for (struct forward *f = all->forwards; f != NULL; f = f->next)
		forward_recording_stop(&all->recording, &f->record);
	forward_recording_close(&all->recording);
}
