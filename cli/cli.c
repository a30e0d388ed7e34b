// SPDX-License-Identifier: Apache-2.0
#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/plain.h"

#define WORD_MAX	   32
#define SUGGEST_DISTANCE_MAX 2

const struct cli_verb cli_verbs[] = {
    {"create", "[--template T | --snapshot S] [--name N] [--size S] "
	"[--memory 512M] [--cpus 1] [--disk 5G] [--pids N] [--env K=V]... "
	"[--metadata K=V]... [--label K=V]... [--egress POLICY] "
	"[--egress-rate SIZE] [--egress-limit NAME=N]... "
	"[--mode ephemeral|persistent] [--ephemeral] [--private] "
	"[--nesting] "
	"[--ttl 5m] [--timeout 5m] [--hard-ttl 1h] [--idle-timeout 10m] "
	"[--on-expiry pause|suspend|clean|destroy] [--no-auto-resume]",
	"make a sandbox", run_create},
    {"list", "[--destroyed] [--status WORD] [--template T] [--name N] "
	"[--metadata K=V]... [--label K=V]... [--limit N] [--after ID]",
	"list sandboxes", run_list},
    {"get", "ID", "show one sandbox", run_get},
    {"connect", "ID [--root] [-- SSH-OPTION...]", "open a shell",
	run_connect, "ssh ID@HOST"},
    {"exec", "ID [--root] [-w DIR] [-e K=V]... [-it] [-d [--tag T] "
	"[--timeout 5m]] -- COMMAND...",
	"run a command, or with -d start it and leave it",
	run_exec, "ssh ID@HOST COMMAND"},
    {"run", "[TEMPLATE] [-it] [--root] [--keep] [--memory 512M] [--cpus 1] "
	"[--disk 5G] [--env K=V]... [--egress POLICY] [--timeout 5m] "
	"[OPTION]... [-- COMMAND...]",
	"make a sandbox for one command, and destroy it with that", run_run,
	"ssh new@HOST COMMAND"},
    {"port-forward", "ID [[ADDRESS:]LOCAL:]REMOTE...",
	"have ports here lead to ports of it, until this ends",
	run_port_forward, "ssh -N -L LOCAL:127.0.0.1:REMOTE ID@HOST"},
    {"ps", "ID [--tag T]", "list the processes that live on in it", run_ps},
    {"logs", "ID [PROCESS] [OPTION]...", "print what one wrote, or all did",
	run_logs},
    {"attach", "ID PROCESS [--from N]",
	"print what one writes, and type to it", run_attach,
	"sandgate attach ID PROCESS"},
    {"signal", "ID PROCESS [SIGNAL | --tree]",
	"send one a signal, or end it with all that it started", run_signal},
    {"run-python", "ID FILE|- [--context C | --keep] [--language L] "
	"[--timeout 5m]", "run code, in a state that may stay",
	run_run_python},
    {"wait", "ID PROCESS", "wait for its end, and end as it did", run_wait},
    {"cp", "[-r] [--root] SOURCE DESTINATION",
	"copy files; ID:PATH is in a sandbox", run_cp,
	"scp FILE ID@HOST:PATH"},
    {"kill", "ID...", "end every process in it; it goes on", run_kill},
    {"set", "ID [--size S] [--memory 1G] [--cpus 2] [--disk 10G] [--pids N] "
	"[--ttl 5m] [--timeout 5m] [--hard-ttl 1h] "
	"[--idle-timeout 10m] [--on-expiry pause|suspend|clean|destroy] "
	"[--auto-resume on|off] [--metadata K=V]...",
	"change its limits, its notes and its time", run_set},
    {"refresh", "ID [DURATION]", "begin its time anew", run_refresh},
    {"pause", "ID...", "stop all its processes where they are", run_pause},
    {"resume", "ID...", "let them go on", run_resume},
    {"stop", "ID...", "end all its processes; its disk stays", run_stop},
    {"wake", "ID...", "start it on its disk", run_wake},
    {"fork", "ID [--count N] [--name N]",
	"make others that begin with a copy of its disk", run_fork},
    {"snapshot", "create ID [--name N] [--description TEXT] [--ttl 7d] | "
	"list [ID] | show SNAPSHOT | rm SNAPSHOT...",
	"keep a disk as it is; create makes sandboxes from it",
	run_snapshot},
    {"restore", "ID SNAPSHOT",
	"give it the disk of a snapshot in place of its own", run_restore},
    {"destroy", "ID...", "remove sandboxes and their disks", run_destroy},
    {"template", "list | show NAME | log NAME | rm NAME... | "
	"create NAME --from ID [--default-user U] [--workdir DIR] "
	"[--env K=V]... [--shared] | build NAME [--recipe FILE] [--own] | "
	"import NAME SOURCE [--parent NAME] [--own]",
	"manage what sandboxes are made from", run_template},
    {"pool", "list | set TEMPLATE NUMBER | drain TEMPLATE | reset TEMPLATE",
	"how many sandboxes of each template are made ahead", run_pool},
    {"expose", "ID PORT [options]",
	"serve a port of it to those outside, and print the URL", run_expose},
    {"services", "ID", "what of it is served to those outside",
	run_services},
    {"unexpose", "ID NAME", "serve it no more", run_unexpose},
    {"preview", "ID PORT [--ttl TIME]",
	"a URL that opens one port of it to whoever has it, for a time",
	run_preview},
    {"egress", "show ID | set ID POLICY | reset ID | allow ID DEST... | "
	"deny ID DEST... | limit ID out=SIZE|in=SIZE|packets=N|connects=N|"
	"connections=N... | check ID HOST [PORT] [--protocol udp] | "
	"log ID [-f] [--since ID|TIME|10m] [--limit N]",
	"what a sandbox may reach; POLICY is allow, deny, allow:DEST,..., "
	"deny:DEST,... or a file", run_egress},
    {"events", "[ID] [-f] [--since ID|TIME|10m] [--limit N] "
	"[--kind KIND,...]", "what befell sandboxes, and befalls them",
	run_events},
    {"webhook", "create URL [--secret TEXT] [--sandbox ID] "
	"[--event KIND,...] | list | show WEBHOOK | rm WEBHOOK... | "
	"test WEBHOOK | deliveries WEBHOOK", "have events posted to a URL",
	run_webhook},
    {"disk", "create [NAME] [--for USER] | list | rm DISK... | "
	"rm DISK PATH... | put DISK FILE|-|ID:PATH PATH "
	"[--metadata JSON] | get DISK PATH [FILE|-|ID:PATH] | "
	"ls DISK [FOLDER] | grep DISK WORDS | glob DISK PATTERN",
	"keep files that outlive sandboxes", run_disk},
    {"file", "ls ID [FOLDER] | find ID FOLDER PATTERN | "
	"grep ID FOLDER WORDS [-E] [-i] [--name PATTERN] | "
	"watch ID [FOLDER] [-R] | "
	"chmod ID MODE PATH [-R] [--owner USER] | mkdir ID PATH | "
	"mv ID PATH PATH | rm ID PATH [-R] | pack ID FOLDER [FILE|-] [-z] | "
	"unpack ID FOLDER [FILE|-]",
	"look at files in a sandbox, and change them, by the API; folders go "
	"out and in as tar archives", run_file},
    {"key", "add FILE|- [--name N] | list | rm KEY...",
	"manage your SSH keys", run_key},
    {"token", "create NAME [--ttl 30d] [--scope read,exec] "
	"[--sandbox ID] [--max-body 10M] [--max-request-time 30s] "
	"[--max-rate N] | list | show TOKEN | revoke TOKEN...",
	"manage your API tokens", run_token},
    {"ca", "add FILE|- [--name N] | list | rm CA...",
	"manage whose certificates let users in", run_ca},
    {"revoke", "--serial N --ca CA | --key-id TEXT | --fingerprint F | "
	"list | undo N...", "let a certificate or key in no more",
	run_revoke},
    {"ssh-token", "ID [--ttl 1h] [--sftp-only] [--read-only] [--no-forward] "
	"[--name N]", "let somebody into one sandbox, for a while",
	run_ssh_token},
    {"ssh-config", "[ID...] [--write] [--identity FILE] [--host HOST] "
	"[--known-hosts | --sshfp]", "sandboxes as hosts of your ssh",
	run_ssh_config},
    {"org", "create NAME | list | show [NAME] | set [NAME] "
	"[--recording on|off] [--member-reach shared|own] "
	"[--max-sandboxes N] [--max-memory 64G] [--max-...] | "
	"egress show|set POLICY|reset|allow DEST...|deny DEST...|"
	"limit NAME=N... | "
	"rm NAME [--force]", "manage organisations", run_org},
    {"quota", "", "show what the organisation may have, and has", run_quota},
    {"usage", "", "show how long sandboxes ran, and with how much memory",
	run_usage},
    {"user", "add NAME [--role admin|member|viewer] | list | "
	"set NAME --role R | rm NAME...",
	"manage the users of an organisation", run_user},
    {"recordings", "[--all]", "list what was recorded", run_recordings},
    {"replay", "RECORDING|FILE [--speed N] [--idle-limit SECONDS]",
	"play a recording", run_replay, "sandgate replay RECORDING"},
    {"context", "[list] | use [NAME] | set NAME [--api URL | --socket PATH] "
	"[--token-file FILE|-] [--org ORG] [--user USER] | rm NAME",
	"name APIs, and who to be there", run_context, "sandgate context"},
    {"mcp", "", "serve a model's client on standard input and output",
	run_mcp},
    {"top", "[--sort cpu|memory|disk|processes] [--every 2s] [--once]",
	"who uses most, again and again on a terminal", run_top},
    {"metrics", "[ID] [--since 10m] [--step 1m]",
	"show what sandboxes use, and what one has used", run_metrics},
    {"status", "", "show the service's state", run_status},
    {"completion", "[bash|zsh|fish]",
	"print what has that shell complete command lines",
	run_completion, "sandgate completion"},
    {"version", "", "print the version", run_version},
    {"help", "[VERB]", "explain a verb", run_help},
};
const size_t n_cli_verbs = sizeof cli_verbs / sizeof *cli_verbs;

const struct cli_verb *
cli_find_verb(const char *name)
{
	for (size_t i = 0; i < n_cli_verbs; i++)
		if (strcmp(cli_verbs[i].name, name) == 0)
			return &cli_verbs[i];
	return NULL;
}

static unsigned int
smallest(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int least = a < b ? a : b;

	return least < c ? least : c;
}

/* Levenshtein distance, of words up to WORD_MAX. */
static unsigned int
distance(const char *a, const char *b)
{
	size_t n_a = strlen(a), n_b = strlen(b);
	unsigned int row[WORD_MAX + 1], diagonal, above;

	if (n_a > WORD_MAX || n_b > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= n_b; j++)
		row[j] = (unsigned int)j;
	for (size_t i = 1; i <= n_a; i++) {
		diagonal = row[0];
		row[0] = (unsigned int)i;
		for (size_t j = 1; j <= n_b; j++) {
			above = row[j];
			row[j] = smallest(above + 1, row[j - 1] + 1,
			    diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[n_b];
}

const struct cli_verb *
cli_suggest_verb(const char *name)
{
	const struct cli_verb *best = NULL;
	unsigned int least = SUGGEST_DISTANCE_MAX + 1;

	for (size_t i = 0; i < n_cli_verbs; i++) {
		unsigned int d = distance(name, cli_verbs[i].name);

		if (d < least && d < strlen(cli_verbs[i].name)) {
			least = d;
			best = &cli_verbs[i];
		}
	}
	return best;
}

int
cli_fail(const struct err *err)
{
	char words[ERR_TEXT_SIZE * 4];

	/* The API's, where what it quotes was given by somebody else. */
	plain_copy(words, sizeof words, err->text);
	fprintf(stderr, "sandgate: %s\n", words);
	return CLI_FAILED;
}

int
cli_usage(const char *verb, const char *fmt, ...)
{
	const struct cli_verb *row = cli_find_verb(verb);
	va_list ap;

	fprintf(stderr, "sandgate: %s: ", verb);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\nusage: sandgate %s %s\n", verb,
	    row != NULL ? row->arguments : "");
	return CLI_USAGE;
}
