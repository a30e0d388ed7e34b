// SPDX-License-Identifier: Apache-2.0
#include "gateway/supervisor/doors.h"

#include <errno.h>
#include <limits.h>

#include "gateway/jail/privilege.h"

static int
open_tcp(const struct gateway_conf *settings,
    const struct proxy_conf *proxy_settings, struct doors *ret,
    struct err *err)
{
	int r = listener_open_tcp(settings->ssh_listen, "ssh_listen",
	    ret->ssh_fds, &ret->n_ssh_fds, err);

	if (r == 0 && *settings->api_listen != '\0')
		r = listener_open_tcp(settings->api_listen, "api_listen",
		    ret->api_tcp_fds, &ret->n_api_tcp_fds, err);
	if (r == 0 && ret->n_api_tcp_fds > 1)
		r = err_set(err, EINVAL, "api_listen: one address at most");
	if (r == 0 && *proxy_settings->listen != '\0')
		r = listener_open_tcp(proxy_settings->listen, "listen",
		    ret->proxy_fds, &ret->n_proxy_fds, err);
	if (r == 0 && ret->n_proxy_fds > 1)
		r = err_set(err, EINVAL, "[proxy] listen: one address at "
		    "most");
	return r;
}

int
doors_open(const struct gateway_conf *settings,
    const struct proxy_conf *proxy_settings, struct doors *ret,
    struct err *err)
{
	const char *run_dir = settings->paths.run_dir;
	char path[PATH_MAX];
	gid_t gid;
	int r = open_tcp(settings, proxy_settings, ret, err);

	if (r == 0)
		r = privilege_find_group(settings->admin_group, &gid, err);
	if (r == 0)
		r = path_join(path, sizeof path, run_dir, "api.sock", err);
	if (r == 0)
		r = listener_open_unix(path, gid, &ret->api_fd, err);
	if (r == 0)
		r = path_join(path, sizeof path, run_dir, "resolver.sock",
		    err);
	if (r == 0)
		r = listener_open_calls(path, &ret->names_fd, err);
	return r;
}
