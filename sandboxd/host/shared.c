// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/host/shared.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SYS "/proc/sys/"

/* More of them a sandbox has no use for, however many there are. */
#define TERMINALS_MAX 256
#define FLOWS_MAX     16384

/* Entries of a sandbox and of its host's end, fixed, which no limit counts. */
#define NEIGHBOURS 2

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* What there is of pseudo-terminals for others than the host itself. */
static uint64_t
terminals(void)
{
	uint64_t max = host_number(SYS "kernel/pty/max", 0);
	uint64_t reserve = host_number(SYS "kernel/pty/reserve", 0);

	return max > reserve ? max - reserve : 0;
}

uint32_t
shared_terminals(void)
{
	return (uint32_t)least(TERMINALS_MAX, terminals() / CEILING_PARTS);
}

static uint64_t
flows(void)
{
	return host_number(SYS "net/netfilter/nf_conntrack_max", 0);
}

uint32_t
shared_flows(void)
{
	/* No number yet: nothing has been tracked since the host started. */
	return flows() == 0 ? FLOWS_MAX :
	    (uint32_t)least(FLOWS_MAX, flows() / CEILING_PARTS);
}

/* The number behind `word` in a file of words and numbers, such as "mem" in the
 * line that begins with "TCP:". */
static uint64_t
number_behind(const char *path, const char *line_begins, const char *word)
{
	FILE *file = fopen(path, "re");
	char line[256];
	const char *at;
	uint64_t number = 0;

	if (file == NULL)
		return 0;
	while (fgets(line, sizeof line, file) != NULL)
		if (strncmp(line, line_begins, strlen(line_begins)) == 0 &&
		    (at = strstr(line, word)) != NULL)
			number = strtoull(at + strlen(word), NULL, 10);
	fclose(file);
	return number;
}

uint64_t
shared_memory_available_bytes(void)
{
	return number_behind("/proc/meminfo", "MemAvailable:", ":") * 1024;
}

static uint64_t
memory_used(uint64_t total_bytes)
{
	return total_bytes -
	    least(total_bytes, shared_memory_available_bytes());
}

/* "0.00 0.01 0.05 2/345 6789": threads are behind the slash. */
static uint64_t
processes(void)
{
	return number_behind("/proc/loadavg", "", "/");
}

static uint64_t
socket_bytes(void)
{
	static const char path[] = "/proc/net/sockstat";

	return (number_behind(path, "TCP:", "mem ") +
	    number_behind(path, "UDP:", "mem ")) *
	    (uint64_t)sysconf(_SC_PAGESIZE);
}

/* A number in hexadecimal, in the second line of the file. */
static uint64_t
neighbours(void)
{
	FILE *file = fopen("/proc/net/stat/arp_cache", "re");
	unsigned long long n = 0;

	if (file == NULL)
		return 0;
	if (fscanf(file, "%*[^\n] %llx", &n) != 1)
		n = 0;
	fclose(file);
	return n;
}

/* "uid: usage nkeys/nikeys ...", of all users. */
static uint64_t
keys(void)
{
	FILE *file = fopen("/proc/key-users", "re");
	unsigned long long sum = 0, n;

	if (file == NULL)
		return 0;
	while (fscanf(file, "%*u: %*u %llu%*[^\n]", &n) == 1)
		sum += n;
	fclose(file);
	return sum;
}

static uint64_t
loop_devices(void)
{
	DIR *dir = opendir("/sys/block");
	struct dirent *entry;
	uint64_t n = 0;

	if (dir == NULL)
		return 0;
	while ((entry = readdir(dir)) != NULL) {
		char path[300];

		snprintf(path, sizeof path, "/sys/block/%s/loop/backing_file",
		    entry->d_name);
		n += access(path, F_OK) == 0;
	}
	closedir(dir);
	return n;
}

size_t
shared_read(const struct ceilings *ceilings, struct shared ret[SHARED_MAX])
{
	const uint64_t memory = ceilings->memory_bytes.value;
	const uint64_t sockets = host_number(SYS "net/ipv4/tcp_mem", 2) *
	    (uint64_t)sysconf(_SC_PAGESIZE);
	const struct shared rows[] = {
	    {"memory", "bytes", ceilings->host.memory_bytes,
		memory_used(ceilings->host.memory_bytes), memory},
	    {"processes", "", ceilings->host.pids, processes(),
		ceilings->pids.value},
	    {"terminals", "", terminals(),
		host_number(SYS "kernel/pty/nr", 0), shared_terminals()},
	    {"socket buffers", "bytes", sockets, socket_bytes(),
		least(memory, sockets) / CEILING_PARTS},
	    {"connections", "", flows(),
		host_number(SYS "net/netfilter/nf_conntrack_count", 0),
		shared_flows()},
	    {"neighbours", "",
		host_number(SYS "net/ipv4/neigh/default/gc_thresh3", 0),
		neighbours(), NEIGHBOURS},
	    {"open files", "", host_number(SYS "fs/file-max", 0),
		host_number(SYS "fs/file-nr", 0), memory / SHARED_FILE_BYTES},
	    /* Each sandbox is a user of its own. */
	    {"inotify instances", "", 0, 0,
		host_number(SYS "fs/inotify/max_user_instances", 0)},
	    {"inotify watches", "", 0, 0,
		host_number(SYS "fs/inotify/max_user_watches", 0)},
	    /* One keyring, which stays empty: keyctl is refused. */
	    {"keys", "", host_number(SYS "kernel/keys/root_maxkeys", 0),
		keys(), 1},
	    {"asynchronous requests", "", host_number(SYS "fs/aio-max-nr", 0),
		host_number(SYS "fs/aio-nr", 0), 0},
	    {"loop devices", "", 0, loop_devices(), 0},
	};

	_Static_assert(sizeof rows / sizeof *rows <= SHARED_MAX,
	    "there is room for all rows");
	memcpy(ret, rows, sizeof rows);
	return sizeof rows / sizeof *rows;
}
