// SPDX-License-Identifier: Apache-2.0
/* What every verb of `sandgate` is given, and how verbs are listed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/err.h"

#define CLI_WORD_SIZE 64 /* by which a sandbox is called: its id or name */

/* Exit statuses; ssh's own, 255 included, is passed through. */
enum cli_exit { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

struct cli {
	bool is_json;	    /* print the API's objects */
	const char *socket; /* the API's Unix socket; NULL: over TCP */
	const char *url;    /* the API's URL; "http://localhost" for a socket */
	const char *token;  /* NULL: none */
	const char *org, *user; /* for whom to act; NULL: for oneself */
	const char *context; /* by name, of config.ini; NULL: its current */
	const char *request_key; /* Idempotency-Key of requests; or NULL */
	bool shows_progress; /* of files, on standard error */

	/*
	 * The control lobby runs the verbs where there is no file, no program
	 * and no socket but those this opens to the API: a new descriptor each
	 * time, or -1.
	 */
	bool is_lobby;
	int (*open_connection)(void);
};

struct cli_verb {
	const char *name;
	const char *arguments;
	const char *help;
	/* argv[0] is the verb. Returns the exit status. */
	int (*run)(struct cli *cli, int argc, char **argv);
	/* For a verb that needs the user's own files or programs: what to
	 * use in its place in the lobby. NULL: it runs there too. */
	const char *instead;
};

extern const struct cli_verb cli_verbs[];
extern const size_t n_cli_verbs;

/*
 * Runs a whole command line, argv[0] being ignored, from the global options
 * on. `cli` is zeroed, or for the lobby has its fields below is_lobby, url and
 * token set. libcurl must have been initialised. Returns the exit status;
 * stdout is flushed.
 */
int cli_run(struct cli *cli, int argc, char **argv);

/* The verb, or NULL. */
const struct cli_verb *cli_find_verb(const char *name);

/* The verb that looks most like name, or NULL where none does. */
const struct cli_verb *cli_suggest_verb(const char *name);

/* Prints "sandgate: words" on stderr. Returns CLI_FAILED. */
int cli_fail(const struct err *err);

/* The same for wrong usage, with how the verb is used. Returns CLI_USAGE. */
int cli_usage(const char *verb, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

int run_create(struct cli *cli, int argc, char **argv);
int run_run(struct cli *cli, int argc, char **argv);
int run_port_forward(struct cli *cli, int argc, char **argv);
int run_list(struct cli *cli, int argc, char **argv);
int run_get(struct cli *cli, int argc, char **argv);
int run_connect(struct cli *cli, int argc, char **argv);
int run_exec(struct cli *cli, int argc, char **argv);
int run_ps(struct cli *cli, int argc, char **argv);
int run_logs(struct cli *cli, int argc, char **argv);
int run_attach(struct cli *cli, int argc, char **argv);
int run_signal(struct cli *cli, int argc, char **argv);
int run_run_python(struct cli *cli, int argc, char **argv);
int run_wait(struct cli *cli, int argc, char **argv);
int run_cp(struct cli *cli, int argc, char **argv);
int run_kill(struct cli *cli, int argc, char **argv);
int run_set(struct cli *cli, int argc, char **argv);
int run_refresh(struct cli *cli, int argc, char **argv);
int run_pause(struct cli *cli, int argc, char **argv);
int run_resume(struct cli *cli, int argc, char **argv);
int run_stop(struct cli *cli, int argc, char **argv);
int run_wake(struct cli *cli, int argc, char **argv);
int run_fork(struct cli *cli, int argc, char **argv);
int run_snapshot(struct cli *cli, int argc, char **argv);
int run_restore(struct cli *cli, int argc, char **argv);
int run_destroy(struct cli *cli, int argc, char **argv);
int run_key(struct cli *cli, int argc, char **argv);
int run_token(struct cli *cli, int argc, char **argv);
int run_disk(struct cli *cli, int argc, char **argv);
int run_file(struct cli *cli, int argc, char **argv);
int run_webhook(struct cli *cli, int argc, char **argv);
int run_ca(struct cli *cli, int argc, char **argv);
int run_revoke(struct cli *cli, int argc, char **argv);
int run_ssh_config(struct cli *cli, int argc, char **argv);
int run_ssh_token(struct cli *cli, int argc, char **argv);
int run_events(struct cli *cli, int argc, char **argv);
int run_expose(struct cli *cli, int argc, char **argv);
int run_services(struct cli *cli, int argc, char **argv);
int run_unexpose(struct cli *cli, int argc, char **argv);
int run_preview(struct cli *cli, int argc, char **argv);
int run_egress(struct cli *cli, int argc, char **argv);
int run_org(struct cli *cli, int argc, char **argv);
int run_quota(struct cli *cli, int argc, char **argv);
int run_usage(struct cli *cli, int argc, char **argv);
int run_user(struct cli *cli, int argc, char **argv);
int run_recordings(struct cli *cli, int argc, char **argv);
int run_replay(struct cli *cli, int argc, char **argv);
int run_pool(struct cli *cli, int argc, char **argv);
int run_template(struct cli *cli, int argc, char **argv);
int run_context(struct cli *cli, int argc, char **argv);
int run_mcp(struct cli *cli, int argc, char **argv);
int run_top(struct cli *cli, int argc, char **argv);
int run_metrics(struct cli *cli, int argc, char **argv);
int run_status(struct cli *cli, int argc, char **argv);
int run_completion(struct cli *cli, int argc, char **argv);
int run_version(struct cli *cli, int argc, char **argv);
int run_help(struct cli *cli, int argc, char **argv);
