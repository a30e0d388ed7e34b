// SPDX-License-Identifier: Apache-2.0
/* The path an SFTP client is told for one it named. */
#pragma once

/*
 * Resolves path (absolute, or from the working directory) into
 * ret_path[PATH_MAX]: no ".", no "..", no link, no doubled slash. As OpenSSH's
 * server does it, and unlike realpath(3): the last part need not exist, nor
 * what a link there leads to, and "FILE/" and "FILE/.." are not complained of.
 * 0, or -errno: -ENOENT, -ENOTDIR, -ELOOP, -ENAMETOOLONG, -EACCES.
 */
int sftp_realpath(const char *path, char *ret_path);
