// SPDX-License-Identifier: Apache-2.0
/*
 * An SSH client that sends a signal to the command it started, which OpenSSH's
 * cannot, and says how it ended:
 *
 *	signal-client PORT USER KEY-FILE SIGNAL COMMAND
 *
 * The host key is not checked: loopback only.
 */
#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLIENT_TIMEOUT_S 20

/* Told last, wherever between the output it came. */
static char how_it_ended[64] = "";

static void
say_exit_signal(ssh_session session, ssh_channel channel, const char *name,
    int is_core, const char *words, const char *language, void *data)
{
	(void)session, (void)channel, (void)is_core, (void)words,
	    (void)language, (void)data;
	snprintf(how_it_ended, sizeof how_it_ended, "signal %s", name);
}

static void
say_exit_status(ssh_session session, ssh_channel channel, int status,
    void *data)
{
	(void)session, (void)channel, (void)data;
	snprintf(how_it_ended, sizeof how_it_ended, "exit %d", status);
}

static void
check(ssh_session session, int result, const char *what)
{
	if (result == SSH_OK)
		return;
	fprintf(stderr, "signal-client: %s: %s\n", what,
	    ssh_get_error(session));
	exit(1);
}

static ssh_session
log_in(char **argv)
{
	ssh_session session = ssh_new();
	bool is_config_read = false;
	long timeout_s = CLIENT_TIMEOUT_S;
	ssh_key key;

	ssh_options_set(session, SSH_OPTIONS_HOST, "127.0.0.1");
	ssh_options_set(session, SSH_OPTIONS_PORT_STR, argv[1]);
	ssh_options_set(session, SSH_OPTIONS_USER, argv[2]);
	ssh_options_set(session, SSH_OPTIONS_TIMEOUT, &timeout_s);
	ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &is_config_read);
	check(session, ssh_connect(session), "connect");
	check(session, ssh_pki_import_privkey_file(argv[3], NULL, NULL, NULL,
	    &key), "key file");
	check(session, ssh_userauth_publickey(session, NULL, key), "log in");
	ssh_key_free(key);
	return session;
}

/* The end may be told after the end of the output. */
static void
wait_closed(ssh_session session, ssh_channel channel)
{
	ssh_event event = ssh_event_new();

	ssh_event_add_session(event, session);
	for (int i = 0; i < CLIENT_TIMEOUT_S * 10 &&
	    *how_it_ended == '\0' && !ssh_channel_is_closed(channel); i++)
		ssh_event_dopoll(event, 100);
	ssh_event_remove_session(event, session);
	ssh_event_free(event);
}

int
main(int argc, char **argv)
{
	struct ssh_channel_callbacks_struct callbacks = {
	    .channel_exit_signal_function = say_exit_signal,
	    .channel_exit_status_function = say_exit_status,
	};
	char buffer[4096];
	int n;

	if (argc != 6) {
		fprintf(stderr, "usage: signal-client PORT USER KEY-FILE "
		    "SIGNAL COMMAND\n");
		return 2;
	}
	ssh_session session = log_in(argv);
	ssh_channel channel = ssh_channel_new(session);
	ssh_callbacks_init(&callbacks);
	ssh_set_channel_callbacks(channel, &callbacks);
	check(session, ssh_channel_open_session(channel), "channel");
	check(session, ssh_channel_request_exec(channel, argv[5]), "command");
	/* The command says that it is ready by its first output. */
	n = ssh_channel_read_timeout(channel, buffer, sizeof buffer, 0,
	    CLIENT_TIMEOUT_S * 1000);
	if (n > 0)
		check(session, ssh_channel_request_send_signal(channel,
		    argv[4]), "signal");
	/* In short steps: libssh waits on for what has come already. */
	for (int i = 0; i < CLIENT_TIMEOUT_S * 20 && n >= 0; i++) {
		fwrite(buffer, 1, (size_t)n, stdout);
		if (n == 0 && ssh_channel_is_eof(channel))
			break;
		n = ssh_channel_read_timeout(channel, buffer, sizeof buffer, 0,
		    50);
	}
	wait_closed(session, channel);
	puts(*how_it_ended != '\0' ? how_it_ended : "no end");
	ssh_channel_free(channel);
	ssh_disconnect(session);
	ssh_free(session);
	return 0;
}
