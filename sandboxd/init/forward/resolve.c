// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/init/forward/resolve.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <netinet/in.h>
#include <resolv.h>
#include <signal.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/fd.h"
#include "sandboxd/init/file.h"

#define CHILD_TIMEOUT_S 15
#define CHILD_UID	65534 /* nobody */
#define REPLY_SIZE	4096

static int
parse_numeric(const char *text, struct resolve_address *ret)
{
	memset(ret, 0, sizeof *ret);
	ret->family = AF_INET;
	if (inet_pton(AF_INET, text, ret->bytes) == 1)
		return 1;
	ret->family = AF_INET6;
	return inet_pton(AF_INET6, text, ret->bytes) == 1;
}

/* Whether one of the words of a line's rest is the host. */
static int
names_host(char *rest, const char *host)
{
	char *word, *next = rest;

	while ((word = strsep(&next, " \t\r")) != NULL)
		if (strcasecmp(word, host) == 0)
			return 1;
	return 0;
}

size_t
resolve_hosts(const char *text, const char *host,
    struct resolve_address ret[RESOLVE_ADDRESSES_MAX])
{
	struct resolve_address address;
	size_t n = 0, size, skip;
	char line[512];

	for (; *text != '\0'; text += size + (text[size] == '\n')) {
		size = strcspn(text, "\n");
		if (size >= sizeof line)
			continue;
		memcpy(line, text, size);
		line[size] = '\0';
		line[strcspn(line, "#")] = '\0';
		skip = strcspn(line, " \t");
		if (line[skip] == '\0')
			continue;
		line[skip] = '\0';
		if (n < RESOLVE_ADDRESSES_MAX &&
		    parse_numeric(line, &address) &&
		    names_host(line + skip + 1, host))
			ret[n++] = address;
	}
	return n;
}

/* 127.1, 0x7f000001 and what else getaddrinfo takes for an address. */
static int
parse_short(const char *text, struct resolve_address *ret)
{
	memset(ret, 0, sizeof *ret);
	ret->family = AF_INET;
	return strpbrk(text, " \t\n\v\f\r") == NULL &&
	    inet_aton(text, (struct in_addr *)(void *)ret->bytes) == 1;
}

size_t
resolve_local(const char *host,
    struct resolve_address ret[RESOLVE_ADDRESSES_MAX])
{
	auto_free char *text = NULL;
	size_t n = 0;

	if (parse_numeric(host, &ret[0]) || parse_short(host, &ret[0]))
		return 1;
	/* Before the file: forwards to localhost work whatever it says. */
	if (strcasecmp(host, "localhost") == 0)
		return (size_t)parse_numeric("127.0.0.1", &ret[0]) +
		    (size_t)parse_numeric("::1", &ret[1]);
	if (file_read_text("/etc/hosts", &text, NULL) == 0)
		n = resolve_hosts(text, host, ret);
	return n;
}

/* Adds the addresses of one type that the DNS knows. */
static size_t
ask(const char *host, ns_type type, struct resolve_address *addresses,
    size_t max)
{
	size_t n = 0, size = type == ns_t_a ? 4 : 16;
	unsigned char reply[REPLY_SIZE];
	ns_msg message;
	ns_rr record;
	int length = res_search(host, ns_c_in, (int)type, reply, sizeof reply);

	if (length < 0 || length > (int)sizeof reply ||
	    ns_initparse(reply, length, &message) < 0)
		return 0;
	for (int i = 0; i < ns_msg_count(message, ns_s_an) && n < max; i++) {
		if (ns_parserr(&message, ns_s_an, i, &record) < 0 ||
		    ns_rr_type(record) != type || ns_rr_rdlen(record) != size)
			continue;
		memset(&addresses[n], 0, sizeof *addresses);
		addresses[n].family = type == ns_t_a ? AF_INET : AF_INET6;
		memcpy(addresses[n].bytes, ns_rr_rdata(record), size);
		n++;
	}
	return n;
}

__attribute__((noreturn)) static void
child(const char *host, int fd)
{
	struct resolve_address found[RESOLVE_ADDRESSES_MAX];
	sigset_t none;
	size_t n;

	if (dup2(fd, 0) < 0)
		_exit(1);
	(void)syscall(SYS_close_range, 1U, ~0U, 0U);
	if (setgroups(0, NULL) < 0 ||
	    setresgid(CHILD_UID, CHILD_UID, CHILD_UID) < 0 ||
	    setresuid(CHILD_UID, CHILD_UID, CHILD_UID) < 0)
		_exit(1);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)alarm(CHILD_TIMEOUT_S);
	n = ask(host, ns_t_a, found, RESOLVE_ADDRESSES_MAX - 2);
	n += ask(host, ns_t_aaaa, found + n, RESOLVE_ADDRESSES_MAX - n);
	(void)fd_write_all(0, found, n * sizeof *found);
	_exit(0);
}

int
resolve_start(const char *host, int *ret_fd)
{
	auto_close int in_fd = -1, out_fd = -1;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	in_fd = ends[0];
	out_fd = ends[1];
	pid = fork();
	if (pid == 0)
		child(host, out_fd);
	if (pid < 0)
		return -errno;
	(void)fd_set_nonblocking(in_fd);
	*ret_fd = take_fd(&in_fd);
	return 0;
}

size_t
resolve_read(int fd, struct resolve_address ret[RESOLVE_ADDRESSES_MAX])
{
	/* One write of less than PIPE_BUF: it is here whole, or not at all. */
	ssize_t n = read(fd, ret, RESOLVE_ADDRESSES_MAX * sizeof *ret);

	return n < 0 ? 0 : (size_t)n / sizeof *ret;
}
