// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/terminal/program.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/init/loop.h"
#include "sandboxd/init/terminal/order.h"
#include "sandboxd/init/terminal/view.h"

#define MEMORY_MAX_BYTES (256UL * 1024 * 1024)
#define OUTPUT_BYTES	 (32 * 1024) /* of programs, at once */
#define INPUT_BYTES	 4096	     /* of clients, that the pty did not take */
#define FRAME_MS	 8	     /* between two frames of one emulator */
#define LAST_FRAMES_MS	 5000	     /* for a client to read the end */

struct terminal;

/* An emulator that looks on. */
struct attachment {
	struct watch watch; /* first: a watch is its attachment */
	struct attachment *next;
	struct terminal *terminal;
	uint32_t id;
	struct view view;
	uint32_t width_pixels, height_pixels;
	uint64_t drawn_ms;
	bool is_writable_awaited;
	bool is_input_over;  /* the other side types no more, but looks on */
	bool is_ending;	     /* it is to be detached ... */
	bool is_end_drawn;   /* ... once all is taken */
	const char *parting; /* words for it */
	uint64_t deadline_ms;
};

struct terminal {
	struct loop loop;
	struct watch control, master;
	struct screen screen;
	struct attachment *attachments;
	unsigned n_attachments;
	uint8_t input[INPUT_BYTES];
	size_t input_size;
	bool is_over; /* the shell has ended */
};

static struct terminal *
of_master(struct watch *watch)
{
	return (struct terminal *)(void *)
	    ((char *)watch - offsetof(struct terminal, master));
}

static struct terminal *
of_control(struct watch *watch)
{
	return (struct terminal *)(void *)
	    ((char *)watch - offsetof(struct terminal, control));
}

/* Clients are not read while the pty takes nothing. */
static void
update_events(struct terminal *t)
{
	bool is_full = t->input_size > 0;

	if (!t->is_over)
		loop_change(&t->loop, &t->master,
		    EPOLLIN | (is_full ? EPOLLOUT : 0));
	for (struct attachment *a = t->attachments; a != NULL; a = a->next)
		loop_change(&t->loop, &a->watch,
		    (is_full || a->is_ending || a->is_input_over ? 0 :
		    EPOLLIN) |
		    (a->is_writable_awaited ? EPOLLOUT : 0));
}

static void
flush_input(struct terminal *t)
{
	ssize_t n;

	if (t->input_size == 0)
		return;
	n = write(t->master.fd, t->input, t->input_size);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		n = (ssize_t)t->input_size;
	if (n <= 0)
		return;
	t->input_size -= (size_t)n;
	memmove(t->input, t->input + n, t->input_size);
}

/* What libvterm answers to programs; lost where they do not read it. */
static void
answer(const char *data, size_t size, void *user)
{
	struct terminal *t = user;

	if (size > sizeof t->input - t->input_size)
		return;
	memcpy(t->input + t->input_size, data, size);
	t->input_size += size;
}

/* The smallest of those attached; pixels of one that has just this size. */
static void
update_size(struct terminal *t)
{
	const struct attachment *a = NULL;
	struct winsize size = {0};
	int rows = 0, columns = 0;

	for (a = t->attachments; a != NULL; a = a->next) {
		if (a->is_ending)
			continue;
		if (rows == 0 || a->view.rows < rows)
			rows = a->view.rows;
		if (columns == 0 || a->view.columns < columns)
			columns = a->view.columns;
	}
	if (rows == 0 || screen_resize(&t->screen, rows, columns) < 0)
		return;
	size.ws_row = (unsigned short)t->screen.rows;
	size.ws_col = (unsigned short)t->screen.columns;
	for (a = t->attachments; a != NULL; a = a->next) {
		if (a->is_ending || a->view.rows != rows ||
		    a->view.columns != columns)
			continue;
		size.ws_xpixel = (unsigned short)a->width_pixels;
		size.ws_ypixel = (unsigned short)a->height_pixels;
	}
	if (!t->is_over)
		(void)ioctl(t->master.fd, TIOCSWINSZ, &size);
}

static void
detach(struct attachment *a)
{
	struct terminal_notice notice = {a->id};
	struct terminal *t = a->terminal;
	struct attachment **link = &t->attachments;

	while (*link != a)
		link = &(*link)->next;
	*link = a->next;
	t->n_attachments--;
	loop_remove(&t->loop, &a->watch);
	fd_close(&a->watch.fd);
	view_fini(&a->view);
	free(a);
	/* The end of the shell is init's to tell. */
	if (!t->is_over)
		(void)send(t->control.fd, &notice, sizeof notice,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	update_size(t);
	update_events(t);
}

static void
begin_end(struct attachment *a, const char *parting)
{
	if (a->is_ending)
		return;
	a->is_ending = true;
	a->parting = parting;
	a->deadline_ms = loop_now_ms() + LAST_FRAMES_MS;
}

/* Writes what is due; false: the attachment is of no use any more. */
static bool
flush_frame(struct attachment *a)
{
	struct view *v = &a->view;
	ssize_t n;

	while (v->frame.size > 0) {
		n = send(a->watch.fd, v->frame.data + v->frame_start,
		    v->frame.size - v->frame_start,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0)
			return false;
		view_take(v, (size_t)n);
	}
	if (a->is_writable_awaited != (v->frame.size > 0)) {
		a->is_writable_awaited = v->frame.size > 0;
		update_events(a->terminal);
	}
	return true;
}

/* The next frame where one is due; false: detach it. */
static bool
draw(struct attachment *a, uint64_t now_ms)
{
	struct view *v = &a->view;
	bool is_last = a->is_ending && (!a->terminal->is_over ||
	    !view_is_behind(v));

	if (a->is_end_drawn)
		return v->frame.size > 0 && now_ms < a->deadline_ms;
	if (a->is_ending && now_ms >= a->deadline_ms)
		return false;
	if (is_last) {
		a->is_end_drawn = true;
		return view_end(v, a->parting) && flush_frame(a) &&
		    v->frame.size > 0;
	}
	if (v->frame.size > 0 || !view_is_behind(v) ||
	    (now_ms < a->drawn_ms + FRAME_MS && !v->is_flowing))
		return true;
	screen_settle(&a->terminal->screen);
	a->drawn_ms = now_ms;
	return view_draw(v) && flush_frame(a);
}

/* Milliseconds until this attachment wants something by itself, or -1. */
static int
next_ms(const struct attachment *a, uint64_t now_ms)
{
	uint64_t due_ms = 0;

	if (a->view.frame.size > 0)
		due_ms = a->is_ending ? a->deadline_ms : 0;
	else if (view_is_behind(&a->view) || a->is_ending)
		due_ms = a->drawn_ms + FRAME_MS;
	if (due_ms == 0)
		return -1;
	return due_ms > now_ms ? (int)(due_ms - now_ms) : 0;
}

/* Draws for everybody; how long the loop may wait. */
static int
draw_all(struct terminal *t)
{
	uint64_t now_ms = loop_now_ms();
	struct attachment *a = t->attachments, *next;
	int wait_ms = -1, due_ms;

	for (; a != NULL; a = next) {
		next = a->next;
		if (!draw(a, now_ms)) {
			detach(a);
			continue;
		}
		due_ms = next_ms(a, now_ms);
		if (due_ms >= 0 && (wait_ms < 0 || due_ms < wait_ms))
			wait_ms = due_ms;
	}
	return wait_ms;
}

static void
attachment_ready(struct watch *watch, uint32_t events)
{
	struct attachment *a = (struct attachment *)watch;
	struct terminal *t = a->terminal;
	size_t room = sizeof t->input - t->input_size;
	ssize_t n;

	if ((events & EPOLLOUT) != 0 && !flush_frame(a)) {
		detach(a);
		return;
	}
	if ((events & EPOLLIN) != 0 && !a->is_ending && t->input_size == 0) {
		n = read(watch->fd, t->input, room);
		if (n > 0) {
			t->input_size = (size_t)n;
			flush_input(t);
			update_events(t);
		} else if (n == 0 || errno != EAGAIN) {
			a->is_input_over = true;
			update_events(t);
		}
	} else if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
		detach(a);
	}
}

static uint32_t
size_or(uint32_t given, uint32_t otherwise)
{
	return given == 0 || given > UINT16_MAX ? otherwise : given;
}

static void
attach(struct terminal *t, const struct terminal_order *order, int fd)
{
	struct attachment *a = NULL;

	if (!t->is_over && t->n_attachments < TERMINAL_ATTACHMENTS_MAX)
		a = calloc(1, sizeof *a);
	if (a == NULL) {
		fd_close(&fd);
		return;
	}
	a->watch = (struct watch){fd, attachment_ready};
	a->terminal = t;
	a->id = order->attachment;
	a->width_pixels = order->width_pixels;
	a->height_pixels = order->height_pixels;
	if (fd_set_nonblocking(fd) < 0 ||
	    loop_add(&t->loop, &a->watch, EPOLLIN) < 0) {
		fd_close(&fd);
		free(a);
		return;
	}
	for (struct attachment *other = t->attachments; other != NULL;
	    other = other->next)
		if (order->kind == TERMINAL_TAKE_OVER)
			begin_end(other, "\r\n[detached: taken over]\r\n");
	a->next = t->attachments;
	t->attachments = a;
	t->n_attachments++;
	view_init(&a->view, &t->screen,
	    (int)size_or(order->rows, TERMINAL_ROWS),
	    (int)size_or(order->columns, TERMINAL_COLUMNS));
	update_size(t);
	update_events(t);
}

static void
resize(struct terminal *t, const struct terminal_order *order)
{
	struct attachment *a = t->attachments;

	while (a != NULL && a->id != order->attachment)
		a = a->next;
	if (a == NULL || a->is_ending)
		return;
	a->width_pixels = order->width_pixels;
	a->height_pixels = order->height_pixels;
	view_resize(&a->view, (int)size_or(order->rows, TERMINAL_ROWS),
	    (int)size_or(order->columns, TERMINAL_COLUMNS));
	update_size(t);
}

static void
control_ready(struct watch *watch, uint32_t events)
{
	struct terminal *t = of_control(watch);
	struct terminal_order order;
	size_t n_fds = 0;
	int fds[FD_PASS_MAX];
	ssize_t n;

	(void)events;
	n = fd_receive(watch->fd, &order, sizeof order, fds, &n_fds,
	    MSG_DONTWAIT);
	if (n == -EAGAIN || n == -EINTR)
		return;
	if (n != sizeof order)
		exit(0); /* init, and with it the sandbox, is gone */
	if (order.kind == TERMINAL_RESIZE)
		resize(t, &order);
	else if (n_fds == 1)
		attach(t, &order, take_fd(&fds[0]));
	for (size_t i = 0; i < n_fds; i++)
		fd_close(&fds[i]);
}

/* The shell let go of the pty: everybody sees the last of it. */
static void
end(struct terminal *t)
{
	t->is_over = true;
	loop_remove(&t->loop, &t->master);
	fd_close(&t->master.fd);
	for (struct attachment *a = t->attachments; a != NULL; a = a->next)
		begin_end(a, "");
	update_events(t);
}

static void
master_ready(struct watch *watch, uint32_t events)
{
	static uint8_t output[OUTPUT_BYTES];
	struct terminal *t = of_master(watch);
	size_t before = t->input_size;
	ssize_t n;

	if ((events & EPOLLOUT) != 0)
		flush_input(t);
	if ((events & (EPOLLIN | EPOLLHUP)) != 0) {
		n = read(watch->fd, output, sizeof output);
		if (n > 0) {
			screen_write(&t->screen, output, (size_t)n);
			flush_input(t);
		} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
			end(t);
			return;
		}
	}
	if (t->input_size != before)
		update_events(t);
}

static bool
begin(struct terminal *t)
{
	const struct rlimit memory = {MEMORY_MAX_BYTES, MEMORY_MAX_BYTES};
	struct winsize size = {0};

	t->control = (struct watch){TERMINAL_CONTROL_FD, control_ready};
	t->master = (struct watch){TERMINAL_MASTER_FD, master_ready};
	(void)setrlimit(RLIMIT_DATA, &memory);
	if (ioctl(TERMINAL_MASTER_FD, TIOCGWINSZ, &size) < 0 ||
	    fd_set_nonblocking(TERMINAL_CONTROL_FD) < 0 ||
	    fd_set_nonblocking(TERMINAL_MASTER_FD) < 0 ||
	    screen_init(&t->screen, size.ws_row, size.ws_col) < 0)
		return false;
	t->screen.answer = answer;
	t->screen.user = t;
	return loop_init(&t->loop) == 0 &&
	    loop_add(&t->loop, &t->control, EPOLLIN) == 0 &&
	    loop_add(&t->loop, &t->master, EPOLLIN) == 0;
}

int
terminal_main(int argc, char **argv)
{
	static struct terminal terminal;
	int wait_ms;

	(void)argc;
	(void)argv;
	(void)prctl(PR_SET_NAME, "terminal");
	signal(SIGHUP, SIG_IGN);
	if (!begin(&terminal))
		return 1;
	for (;;) {
		wait_ms = draw_all(&terminal);
		if (terminal.is_over && terminal.attachments == NULL)
			return 0;
		loop_wait(&terminal.loop, wait_ms);
	}
}
