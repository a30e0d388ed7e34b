// SPDX-License-Identifier: Apache-2.0
#include "cli/player.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/api.h"
#include "cli/plain.h"
#include "common/fd.h"
#include "common/json_load.h"

#define ALTERNATE_ON  "\033[?1049h"
#define ALTERNATE_OFF "\033[?1049l"
/* Soft reset (colours, cursor, margins), no mouse, no bracketed paste. */
#define USUAL_MODES                                                            \
	"\033[!p\033[?25h\033[?1000l\033[?1002l\033[?1003l\033[?1006l"         \
	"\033[?2004l"
#define TEXT_INDENT 22
#define PAUSE_MAX_S 86400.0

struct player {
	FILE *out;
	const struct player_options *options;
	struct timespec due; /* when the last event was */
	double time_s;	     /* of the last event, in the recording */
	bool is_alternate;   /* the second screen is shown */
};

static volatile sig_atomic_t is_interrupted;

static void
on_interrupt(int number)
{
	(void)number;
	is_interrupted = 1;
}

/*
 * The next line as JSON; NULL at the end, or with *err set. NULs are allowed:
 * jansson keeps the length.
 */
static json_t *
next_line(FILE *in, unsigned int *number, struct err *err)
{
	auto_free char *line = NULL;
	size_t room = 0;
	ssize_t n = getline(&line, &room, in);
	json_t *value;

	if (n <= 0)
		return NULL;
	++*number;
	if (n > PLAYER_LINE_MAX) {
		err_set(err, EINVAL, "line %u: longer than %d bytes", *number,
		    PLAYER_LINE_MAX);
		return NULL;
	}
	value = json_load_whole(line, (size_t)n, JSON_ALLOW_NUL, NULL);
	if (value == NULL && line[n - 1] == '\n')
		err_set(err, EINVAL, "line %u: not a line of a recording",
		    *number);
	return value;
}

/* Waits until the event is due; false where it was interrupted. */
static bool
wait_until(struct player *p, double time_s)
{
	double pause_s = time_s - p->time_s;

	p->time_s = time_s;
	if (p->options->idle_limit_s >= 0 &&
	    pause_s > p->options->idle_limit_s)
		pause_s = p->options->idle_limit_s;
	pause_s /= p->options->speed;
	if (!(pause_s > 0))
		return !is_interrupted;
	if (pause_s > PAUSE_MAX_S)
		pause_s = PAUSE_MAX_S;
	p->due.tv_sec += (time_t)pause_s;
	p->due.tv_nsec += (long)((pause_s - floor(pause_s)) * 1e9);
	if (p->due.tv_nsec >= 1000000000) {
		p->due.tv_sec++;
		p->due.tv_nsec -= 1000000000;
	}
	fflush(p->out);
	while (!is_interrupted && clock_nanosleep(CLOCK_MONOTONIC,
	    TIMER_ABSTIME, &p->due, NULL) == EINTR)
		;
	return !is_interrupted;
}

static void
show(struct player *p, const char *data, size_t size)
{
	for (size_t i = 0; i + strlen(ALTERNATE_ON) <= size; i++) {
		if (memcmp(data + i, ALTERNATE_ON, strlen(ALTERNATE_ON)) == 0)
			p->is_alternate = true;
		if (memcmp(data + i, ALTERNATE_OFF,
		    strlen(ALTERNATE_OFF)) == 0)
			p->is_alternate = false;
	}
	fwrite(data, 1, size, p->out);
}

/* One event of asciicast v2; kinds that show nothing pass. */
static int
play_event(struct player *p, const json_t *event, unsigned int number,
    struct err *err)
{
	const json_t *time_s = json_array_get(event, 0);
	const char *code = json_string_value(json_array_get(event, 1));
	const json_t *data = json_array_get(event, 2);

	if (!json_is_number(time_s) || code == NULL || !json_is_string(data))
		return err_set(err, EINVAL, "line %u: not an event", number);
	if (strcmp(code, "o") != 0)
		return 0;
	if (!wait_until(p, json_number_value(time_s)))
		return -EINTR;
	show(p, json_string_value(data), json_string_length(data));
	return ferror(p->out) ? err_errno(err, "output") : 0;
}

static int
play_cast(struct player *p, FILE *in, struct err *err)
{
	unsigned int number = 1;
	int r = 0;

	clock_gettime(CLOCK_MONOTONIC, &p->due);
	while (r == 0 && !is_interrupted) {
		auto_json json_t *event = next_line(in, &number, err);

		if (event == NULL)
			break;
		r = play_event(p, event, number, err);
	}
	if (isatty(fileno(p->out)))
		fprintf(p->out, "%s%s", p->is_alternate ? ALTERNATE_OFF : "",
		    USUAL_MODES);
	fflush(p->out);
	if (is_interrupted)
		return -EINTR;
	return r < 0 ? r : -err->code;
}

/* Text of a stranger, with its lines and tabs. */
static void
print_text(FILE *out, const char *text, size_t size)
{
	char shown[PLAIN_SIZE];

	for (size_t i = 0, n; i < size; i += n) {
		n = plain_first(text + i, size - i, shown);
		if (text[i] == '\n' && i + 1 < size)
			fprintf(out, "\n%*s", TEXT_INDENT, "");
		else if (text[i] == '\t')
			putc('\t', out);
		else if (text[i] != '\n')
			fputs(shown, out);
	}
}

static void
print_value(FILE *out, const json_t *value)
{
	if (json_is_string(value))
		print_text(out, json_string_value(value),
		    json_string_length(value));
	else if (json_is_integer(value))
		fprintf(out, "%" JSON_INTEGER_FORMAT,
		    json_integer_value(value));
	else if (json_is_number(value))
		fprintf(out, "%g", json_number_value(value));
	else
		fputs(json_is_true(value) ? "true" : "-", out);
}

/* "12.345  open      /etc/motd detail=read result=ok". */
static void
print_event(FILE *out, json_t *event)
{
	static const char *const unnamed[] = {"path", "target", "text"};
	const char *name = api_string(event, "event"), *key;
	json_t *value;

	if (strcmp(name, "bytes") == 0)
		name = api_string(event, "stream");
	fprintf(out, "%10.3f  ", api_number(event, "time"));
	print_text(out, name, strlen(name));
	fprintf(out, "%*s", strlen(name) < 9 ? 9 - (int)strlen(name) : 0, "");
	for (size_t i = 0; i < sizeof unnamed / sizeof *unnamed; i++) {
		value = json_object_get(event, unnamed[i]);
		if (value == NULL)
			continue;
		fputs(strcmp(unnamed[i], "target") == 0 ? " -> " : " ", out);
		print_value(out, value);
		(void)json_object_del(event, unnamed[i]);
	}
	(void)json_object_del(event, "time");
	(void)json_object_del(event, "event");
	(void)json_object_del(event, "stream");
	json_object_foreach(event, key, value) {
		putc(' ', out);
		print_text(out, key, strlen(key));
		putc('=', out);
		print_value(out, value);
	}
	putc('\n', out);
}

static int
print_lines(FILE *in, FILE *out, const json_t *header, struct err *err)
{
	static const char *const names[] = {"kind", "started", "user", "org",
	    "sandbox", "login_user", "from", "command"};
	unsigned int number = 1;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const json_t *value = json_object_get(header, names[i]);

		if (value == NULL)
			continue;
		fprintf(out, "%-*s", TEXT_INDENT, names[i]);
		print_value(out, value);
		putc('\n', out);
	}
	while (!is_interrupted) {
		auto_json json_t *event = next_line(in, &number, err);

		if (event == NULL)
			break;
		if (!json_is_object(event))
			return err_set(err, EINVAL,
			    "line %u: not an event", number);
		print_event(out, event);
	}
	fflush(out);
	return is_interrupted ? -EINTR : -err->code;
}

int
player_play(FILE *in, FILE *out, const struct player_options *options,
    struct err *err)
{
	struct sigaction action = {.sa_handler = on_interrupt}, before;
	struct player player = {.out = out, .options = options};
	unsigned int number = 0;
	auto_json json_t *header = NULL;
	int r;

	err->code = 0;
	header = next_line(in, &number, err);
	(void)sigaction(SIGINT, &action, &before);
	if (api_number(header, "version") == 2 &&
	    api_number(header, "width") > 0)
		r = play_cast(&player, in, err);
	else if (api_number(header, "version") == 1 &&
	    *api_string(header, "kind") != '\0')
		r = print_lines(in, out, header, err);
	else
		r = err_set(err, EINVAL, "not a recording");
	(void)sigaction(SIGINT, &before, NULL);
	return r;
}
