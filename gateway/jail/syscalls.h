// SPDX-License-Identifier: Apache-2.0
/* How the rows of a table of system calls (struct jail_call) are written. */
#pragma once

#include <sched.h>
#include <seccomp.h>
#include <stdint.h>

#include "gateway/jail/jail.h"

/* Every flag of clone(2) that makes a namespace. */
#define NAMESPACES                                                             \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |         \
	    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

/* ONLY where the argument is the value, WITHOUT where it has no such bit. */
#define ALLOW(name)	    {SCMP_SYS(name), JAIL_ALLOW, 0, 0, 0}
#define REFUSE(name, error) {SCMP_SYS(name), JAIL_REFUSE, 0, 0, error}
#define ONLY(name, argument, value)                                            \
	{SCMP_SYS(name), JAIL_ALLOW_MASKED, argument, UINT64_MAX, value}
#define WITHOUT(name, argument, bits)                                          \
	{SCMP_SYS(name), JAIL_ALLOW_MASKED, argument, bits, 0}
