// SPDX-License-Identifier: Apache-2.0
/* Sockets that no group is charged for, by the kernel's list of protocols. */
#include "sandboxd/host/uncharged.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char list[] =
    "protocol  size sockets  memory press maxhdr  slab module\n"
    "PACKET    1600      9      -1   NI       0   no   kernel\n"
    "PINGv6    1344      1      -1   NI       0   yes  kernel\n"
    "UNIX      1152    700      -1   NI       0   yes  kernel\n"
    "PING      1016     20      -1   NI       0   yes  kernel\n"
    "RAW       1152    300      -1   NI       0   yes  kernel\n"
    "TCP       2304   5000     403   no     192   yes  kernel\n"
    "NETLINK   1096   4000      -1   NI       0   no   kernel\n"
    "RAWv6     1344     -1      -1   NI       0   yes  kernel\n"
    "NETLINKS  1096      7\n"
    "NETLINK\n";

int
main(void)
{
	char path[] = "/tmp/test-uncharged-XXXXXX";
	int fd = mkstemp(path);
	uint64_t before;

	assert(fd >= 0 && write(fd, list, sizeof list - 1) ==
	    (ssize_t)sizeof list - 1);
	close(fd);
	assert(uncharged_read(path) == 4321);
	unlink(path);
	assert(uncharged_read(path) == 0);

	/* Of this process, others beside. */
	before = uncharged_of_process(getpid());
	for (int i = 0; i < 100; i++)
		assert(socket(AF_NETLINK, SOCK_RAW, 0) >= 0);
	assert(uncharged_of_process(getpid()) >= before + 50);
	return 0;
}
