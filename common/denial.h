// SPDX-License-Identifier: Apache-2.0
/*
 * What a sandbox was refused, as one line: the cause of its `denied` event
 * (docs/EGRESS.md). sandboxd writes it, who tells of it in members reads it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/egress.h"
#include "common/event.h"

#define DENIAL_PROTOCOL_SIZE 8
#define DENIAL_ADDRESS_SIZE  48
#define DENIAL_NAME_SIZE     96 /* a longer one is not told */
#define DENIAL_WHY_SIZE	     64

/* The protocol of a name that was not resolved, which has no address. */
#define DENIAL_NAME "name"

struct denial {
	char protocol[DENIAL_PROTOCOL_SIZE]; /* tcp, udp, icmp, name */
	char address[DENIAL_ADDRESS_SIZE];   /* no brackets */
	uint32_t port;			     /* of tcp, udp; else 0 */
	char name[DENIAL_NAME_SIZE];	     /* that led there, or "" */
	char rule[EGRESS_NAME_SIZE];	     /* a rule's name, or as `check` */
	char why[DENIAL_WHY_SIZE];	     /* more of it, or "" */
};

/* Whether it is of a name that was asked for. */
bool denial_is_name(const struct denial *denial);

/* Writes `tcp 192.0.2.1:443 (x.org) by rule "default": why`, or `name x.org by
 * rule "default"`. */
void denial_format(const struct denial *denial, char ret[EVENT_CAUSE_SIZE]);

/* Reads that. 0, or -EINVAL for what denial_format has not written. */
int denial_parse(const char *text, struct denial *ret);
