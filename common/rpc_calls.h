// SPDX-License-Identifier: Apache-2.0
/*
 * The calls of rpc.def, init.def, inside.def and names.def as C: for every
 * RPC_STRUCT a struct rpc_NAME and an rpc_layout rpc_layout_NAME; for every
 * call or event a row rpc_call_NAME; and for every call a blocking stub
 * rpc_NAME().
 */
#pragma once

#include "common/rpc.h"

/* Who speaks on a connection (the `who` column), by table. */
enum rpc_peer {
	RPC_PEER_ADMIN = 1 << 0,      /* rpc.def: sandboxd's own socket */
	RPC_PEER_CAPABILITY = 1 << 1, /* rpc.def: a capability */
	RPC_PEER_NEW = 1 << 2,        /* init.def: before init_hello */
	RPC_PEER_READY = 1 << 3,      /* init.def: after it */
	RPC_PEER_INSIDE = 1 << 4,     /* inside.def: the program */
	RPC_PEER_OUTSIDE = 1 << 5,    /* inside.def: gateway-http */
	RPC_PEER_SANDBOXD = 1 << 6,   /* names.def: sandboxd */
	RPC_PEER_RESOLVER = 1 << 7,   /* names.def: gateway-resolver */
};

/* What a capability may do; an init connection holds the same bits. */
enum rpc_right {
	RPC_RIGHT_LIST = 1 << 0,
	RPC_RIGHT_CREATE = 1 << 1,
	RPC_RIGHT_DESTROY = 1 << 2,
	RPC_RIGHT_ATTACH = 1 << 3,
	RPC_RIGHT_SPAWN = 1 << 4,   /* shell, exec, terminals, signals */
	RPC_RIGHT_FORWARD = 1 << 5, /* dial and listen inside */
	RPC_RIGHT_ROOT = 1 << 6,    /* spawn as a user other than the default */
	RPC_RIGHT_CONTROL = 1 << 7, /* sandboxd's own: init_setup */
	RPC_RIGHT_SFTP = 1 << 8,    /* sftp that changes nothing */
	RPC_RIGHT_SFTP_WRITE = 1 << 9, /* sftp that does */
	RPC_RIGHT_PTY = 1 << 10,
	RPC_RIGHT_AGENT = 1 << 11, /* forward the client's agent */
	RPC_RIGHT_X11 = 1 << 12,   /* forward its X display */
	RPC_RIGHT_TEMPLATES = 1 << 13, /* those that are everybody's */
	RPC_RIGHT_CEILING = 1 << 14,   /* what the organisation reaches */
};

/* What an SSH session gets, and what an API identity gets. */
#define RPC_RIGHTS_SSH                                                         \
	(RPC_RIGHT_LIST | RPC_RIGHT_ATTACH | RPC_RIGHT_SPAWN |                 \
	    RPC_RIGHT_FORWARD | RPC_RIGHT_ROOT | RPC_RIGHT_SFTP |              \
	    RPC_RIGHT_SFTP_WRITE | RPC_RIGHT_PTY | RPC_RIGHT_AGENT |           \
	    RPC_RIGHT_X11)
/* Seconds of a time that never comes. */
#define RPC_NEVER UINT64_MAX

#define RPC_RIGHTS_API                                                         \
	(RPC_RIGHTS_SSH | RPC_RIGHT_CREATE | RPC_RIGHT_DESTROY |               \
	    RPC_RIGHT_TEMPLATES | RPC_RIGHT_CEILING)

/* Which sandboxes of its organisation a capability is for. */
enum rpc_reach {
	RPC_REACH_ALL,	  /* every one */
	RPC_REACH_SHARED, /* its owner's, and those that are not private */
	RPC_REACH_OWN,	  /* its owner's alone */
	N_RPC_REACH
};

enum init_spawn {
	INIT_SPAWN_SHELL,
	INIT_SPAWN_COMMAND,
	INIT_SPAWN_SFTP,
	INIT_SPAWN_ARGV,
	INIT_SPAWN_SFTP_READ, /* sftp-server that changes nothing */
	INIT_SPAWN_QUIET_SHELL, /* a login shell without /etc/motd */
	N_INIT_SPAWN
};

/* Whether process_start attaches, and how process_attach and process_view do;
 * the last is process_view's alone. */
enum init_attach {
	INIT_ATTACH_NONE,
	INIT_ATTACH,
	INIT_ATTACH_PACED, /* the process waits for who is attached */
	INIT_ATTACH_QUIET, /* told of its own input and of the exit alone */
	N_INIT_ATTACH
};

/* Programs of ours that init runs. */
enum init_program {
	INIT_PROGRAM_FILES, /* works on files */
	/* The same, by one that knows file_send and file_take; an older init
	 * says EINVAL. */
	INIT_PROGRAM_STREAMS,
	INIT_PROGRAM_XATTRS, /* and these, and inflates */
	N_INIT_PROGRAM
};

/* What became of a file in a folder that is watched. */
enum inside_change {
	INSIDE_CHANGE_NONE, /* it is watched from now on */
	INSIDE_CHANGE_CREATED, /* or moved to here */
	INSIDE_CHANGE_WRITTEN,
	INSIDE_CHANGE_REMOVED,
	INSIDE_CHANGE_RENAMED, /* moved from here */
	INSIDE_CHANGE_MODE,    /* its mode, its owner or its times */
	N_INSIDE_CHANGE
};

/* How a search is done. */
enum inside_search {
	INSIDE_SEARCH_EXPRESSION = 1 << 0, /* text is one, of regex(7) */
	INSIDE_SEARCH_ANY_CASE = 1 << 1, /* of text and name */
};

#define RPC_TABLE "common/rpc.def"
#include "common/rpc_declare.h"
#define RPC_TABLE "common/init.def"
#include "common/rpc_declare.h"
#define RPC_TABLE "common/inside.def"
#include "common/rpc_declare.h"
#define RPC_TABLE "common/names.def"
#include "common/rpc_declare.h"

/* The row of a number, or NULL. */
const struct rpc_call *rpc_find_sandboxd_call(uint16_t number);
const struct rpc_call *rpc_find_init_call(uint16_t number);
const struct rpc_call *rpc_find_inside_call(uint16_t number);
