// SPDX-License-Identifier: Apache-2.0
/* sandgate replay: a recording of the API's, or a file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/api.h"
#include "cli/options.h"
#include "cli/player.h"

#define SPEED_MIN	  0.01
#define SPEED_MAX	  100000.0
#define IDLE_MAX_S	  86400.0
#define EXIT_INTERRUPTED  130 /* as a shell has it */
#define DOWNLOAD_PATH_MAX 256

static void
close_file(FILE **file)
{
	if (*file != NULL)
		(void)fclose(*file);
}

#define auto_file __attribute__((cleanup(close_file)))

/* A number from min to max; NULL leaves *ret as it is. */
static int
read_number(const char *name, const char *text, double min, double max,
    double *ret, struct err *err)
{
	char *end;
	double value;

	if (text == NULL)
		return 0;
	value = strtod(text, &end);
	if (end == text || *end != '\0' || !(value >= min && value <= max))
		return err_set(err, EINVAL,
		    "--%s: \"%s\" is not a number from %g to %g", name, text,
		    min, max);
	*ret = value;
	return 0;
}

/* Ids begin with a time; a file of such a name can be given as ./NAME. */
static bool
is_id(const char *word)
{
	static const char digits[] = "0123456789";
	static const char others[] = "0123456789abcdefghijklmnopqrstuvwxyz"
	    "_-.TZ";

	return strspn(word, digits) == 8 && word[8] == 'T' &&
	    word[strspn(word, others)] == '\0' && strchr(word, '-') != NULL &&
	    strstr(word, ".cast") == NULL && strstr(word, ".json") == NULL;
}

static FILE *
download(const struct cli *cli, const char *id, struct err *err)
{
	char path[DOWNLOAD_PATH_MAX];
	FILE *file = tmpfile();

	if (file == NULL) {
		(void)err_errno(err, "a temporary file");
		return NULL;
	}
	snprintf(path, sizeof path, "/v1/recordings/%s", id);
	if (api_download(cli, path, file, err) < 0) {
		(void)err_wrap(err, "%s", id);
		(void)fclose(file);
		return NULL;
	}
	rewind(file);
	return file;
}

static FILE *
open_recording(const struct cli *cli, const char *word, struct err *err)
{
	FILE *file;

	if (is_id(word))
		return download(cli, word, err);
	file = strcmp(word, "-") == 0 ? stdin : fopen(word, "re");
	if (file == NULL)
		(void)err_errno(err, "%s", word);
	return file;
}

/* --json: the recording as it is. */
static int
copy(FILE *file)
{
	char data[32768];
	size_t n;

	while ((n = fread(data, 1, sizeof data, file)) > 0)
		if (fwrite(data, 1, n, stdout) != n)
			return CLI_FAILED;
	return fflush(stdout) == 0 && !ferror(file) ? CLI_OK : CLI_FAILED;
}

int
run_replay(struct cli *cli, int argc, char **argv)
{
	const char *speed = NULL, *idle_limit = NULL;
	const struct option_row rows[] = {
	    {"speed", 's', OPTION_TEXT, &speed},
	    {"idle-limit", 'i', OPTION_TEXT, &idle_limit}};
	struct player_options options = {.speed = 1, .idle_limit_s = -1};
	struct err err = {0};
	auto_file FILE *file = NULL;
	int rest, r;

	argc = options_parse(cli, rows, 2, argc, argv, &rest, &err);
	if (argc < 0 || read_number("speed", speed, SPEED_MIN, SPEED_MAX,
	    &options.speed, &err) < 0 || read_number("idle-limit", idle_limit,
	    0, IDLE_MAX_S, &options.idle_limit_s, &err) < 0)
		return cli_usage("replay", "%s", err.text);
	if (argc != 2)
		return cli_usage("replay", "name one recording, or its file");
	file = open_recording(cli, argv[1], &err);
	if (file == NULL)
		return cli_fail(&err);
	if (cli->is_json)
		return copy(file);
	r = player_play(file, stdout, &options, &err);
	if (r == -EINTR)
		return EXIT_INTERRUPTED;
	return r < 0 ? cli_fail(&err) : CLI_OK;
}
