// SPDX-License-Identifier: Apache-2.0
#include "gateway/resolver/lookup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "common/log.h"
#include "gateway/resolver/check.h"
#include "gateway/resolver/link.h"
#include "gateway/resolver/message.h"
#include "gateway/resolver/unresolved.h"
#include "gateway/resolver/stream.h"
#include "gateway/resolver/upstream.h"

/* Tries, an upstream after the other, and how long each has. */
#define TRIES_MAX	4
#define TRY_TIMEOUT_MS	1500
#define UNSOLICITED_MAX 64

/* While sandboxd is at the sandbox's table. */
#define BUSY_WAIT_MS  5
#define BUSY_TRIES_MAX 400

struct lookup {
	LIST_ENTRY(lookup) entry;
	struct guest *guest;
	struct asker asker;
	struct question question;
	uint16_t covers[GUEST_COVERS_MAX];
	size_t n_covers;
	uint16_t id; /* of this try */
	unsigned n_tries, n_busy;
	struct upstream upstream;
	struct answer answer; /* once there is one */
	struct loop_timer timer;
};

static void dial(struct lookup *lookup, bool is_tcp);

static struct loop *
loop_of(const struct lookup *lookup)
{
	return &lookup->guest->resolver->loop;
}

static void
reply(const struct asker *asker, const uint8_t *data, size_t size)
{
	if (asker->check != NULL)
		check_answer(asker->check, asker->which, data, size);
	else if (asker->stream != NULL)
		stream_answer(asker->stream, size > 0 ? data : NULL, size);
	else if (size > 0)
		(void)sendto(asker->door->udp.fd, data, size, MSG_DONTWAIT,
		    (const struct sockaddr *)&asker->address,
		    asker->address_size);
}

static void
refuse(const struct asker *asker, const struct question *question,
    enum message_rcode rcode)
{
	uint8_t data[MESSAGE_UDP_MIN];

	reply(asker, data, message_write_refusal(question, rcode, data,
	    sizeof data));
}

static void
stop(struct lookup *lookup)
{
	link_forget(lookup->guest->resolver->link, lookup);
	loop_stop_timer(loop_of(lookup), &lookup->timer);
	upstream_close(&lookup->upstream);
}

void
lookup_free(struct lookup *lookup)
{
	stop(lookup);
	answer_fini(&lookup->answer);
	if (lookup->asker.stream != NULL)
		stream_forget(lookup->asker.stream);
	if (lookup->asker.check != NULL)
		check_answer(lookup->asker.check, lookup->asker.which, NULL,
		    0);
	LIST_REMOVE(lookup, entry);
	lookup->guest->n_lookups--;
	lookup->guest->resolver->n_lookups--;
	free(lookup);
}

static uint32_t
upstream_of(const struct lookup *lookup)
{
	const uint32_t n = lookup->guest->resolver->n_upstreams;

	return n == 0 ? 0 : lookup->n_tries % n;
}

/* The asker may be gone with its stream once it is answered. */
static void
end(struct lookup *lookup, const uint8_t *data, size_t size)
{
	struct resolver *resolver = lookup->guest->resolver;
	const uint32_t upstream = upstream_of(lookup);
	const struct asker asker = lookup->asker;

	lookup->asker.stream = NULL;
	lookup->asker.check = NULL;
	lookup_free(lookup);
	reply(&asker, data, size);
	/* Now that nobody waits. */
	if (upstream < resolver->n_upstreams)
		stock_fill(resolver, upstream);
}

static void
fail(struct lookup *lookup)
{
	uint8_t data[MESSAGE_UDP_MIN];
	const size_t n = message_write_refusal(&lookup->question,
	    MESSAGE_SERVER_FAILURE, data, sizeof data);

	end(lookup, data, n);
}

/* With the next upstream, or not at all. */
static void
try_again(struct lookup *lookup)
{
	stop(lookup);
	stock_drop(lookup->guest->resolver, upstream_of(lookup));
	if (++lookup->n_tries < TRIES_MAX)
		dial(lookup, false);
	else
		fail(lookup);
}

static void
tell(struct lookup *lookup, uint64_t told)
{
	static uint8_t data[MESSAGE_MAX];
	const bool is_udp = lookup->asker.stream == NULL &&
	    lookup->asker.check == NULL;
	const size_t room = is_udp ? lookup->question.room : MESSAGE_MAX;
	const size_t n = message_write_answer(&lookup->question,
	    &lookup->answer, told, data, room);

	if (n == 0)
		fail(lookup);
	else
		end(lookup, data, n);
}

static void enter(struct lookup *lookup);

static void
on_entered(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	const struct rpc_names_found_rep *found = data;
	struct lookup *lookup = arg;

	(void)message;
	if (found != NULL) {
		tell(lookup, found->told);
	} else if (err->code == EBUSY && ++lookup->n_busy < BUSY_TRIES_MAX) {
		loop_set_timer(loop_of(lookup), &lookup->timer, BUSY_WAIT_MS);
	} else {
		log_warn("not told id=%s name=%s: %s", lookup->guest->id,
		    lookup->question.name, err->text);
		fail(lookup);
	}
}

/* Before it is told where a name leads, the sandbox may go there. */
static void
enter(struct lookup *lookup)
{
	const struct answer *answer = &lookup->answer;
	uint8_t addresses[MESSAGE_ADDRESSES_MAX * 16];
	const struct rpc_names_found_req request = {.id = lookup->guest->id,
	    .serial = lookup->guest->serial,
	    .domains = {(const uint8_t *)lookup->covers,
		(uint32_t)(lookup->n_covers * sizeof *lookup->covers)},
	    .ttl_s = answer->ttl_s, .size = (uint32_t)answer->size,
	    .addresses = {addresses,
		(uint32_t)(answer->n_addresses * answer->size)}};
	struct err err = {0};

	for (size_t i = 0; i < answer->n_addresses; i++)
		memcpy(addresses + i * answer->size, answer->addresses[i],
		    answer->size);
	if (link_ask(lookup->guest->resolver->link, &rpc_call_names_found,
	    &request, on_entered, lookup, &err) < 0)
		fail(lookup);
}

static void
on_answer(struct lookup *lookup)
{
	const bool is_tcp = lookup->upstream.is_tcp;

	stop(lookup);
	if (lookup->answer.is_truncated && !is_tcp) {
		answer_fini(&lookup->answer);
		dial(lookup, true);
	} else if (lookup->n_covers > 0 && lookup->answer.n_addresses > 0) {
		enter(lookup);
	} else {
		tell(lookup, UINT64_MAX);
	}
}

static void
on_data(struct upstream *upstream, const uint8_t *data, size_t size)
{
	struct lookup *lookup = (struct lookup *)((char *)upstream -
	    offsetof(struct lookup, upstream));

	if (data == NULL)
		try_again(lookup);
	else if (message_read_answer(data, size, &lookup->question,
	    lookup->id, &lookup->answer) == 0)
		on_answer(lookup);
	/* Somebody else's answer, or a forged one: ours is still to come. */
	else if (upstream->is_tcp || ++upstream->n_strange > UNSOLICITED_MAX)
		try_again(lookup);
}

/* By a socket, which it takes over. The lookup may be gone after. */
static void
ask(struct lookup *lookup, int fd)
{
	uint8_t question[MESSAGE_UDP_MIN];
	size_t n;

	n = getrandom(&lookup->id, sizeof lookup->id, 0) < 0 ? 0 :
	    message_write_question(&lookup->question, lookup->id, question,
	    sizeof question);
	if (n == 0)
		fd_close(&fd);
	if (n == 0 || upstream_ask(&lookup->upstream, fd, question, n) < 0)
		try_again(lookup);
}

static void
on_dialled(void *arg, const void *data, struct rpc_message *message,
    const struct err *err)
{
	struct lookup *lookup = arg;

	if (data != NULL && message->n_fds == 1) {
		ask(lookup, take_fd(&message->fds[0]));
		return;
	}
	if (err != NULL)
		log_warn("%s", err->text);
	try_again(lookup);
}

static void
dial(struct lookup *lookup, bool is_tcp)
{
	struct resolver *resolver = lookup->guest->resolver;
	struct rpc_names_dial_req request = {.is_tcp = is_tcp};
	struct err err = {0};
	int fd = -1;

	if (resolver->n_upstreams == 0) {
		fail(lookup);
		return;
	}
	request.upstream = upstream_of(lookup);
	upstream_init(&lookup->upstream, &resolver->loop, is_tcp, on_data);
	loop_set_timer(&resolver->loop, &lookup->timer, TRY_TIMEOUT_MS);
	/* One that failed once is dialled anew. */
	if (!is_tcp && lookup->n_tries == 0)
		fd = stock_take(resolver, request.upstream);
	if (fd >= 0)
		ask(lookup, fd);
	else if (link_ask(resolver->link, &rpc_call_names_dial, &request,
	    on_dialled, lookup, &err) < 0)
		fail(lookup);
}

static void
on_due(struct loop_timer *timer)
{
	struct lookup *lookup = (struct lookup *)((char *)timer -
	    offsetof(struct lookup, timer));

	if (lookup->answer.packet != NULL)
		enter(lookup);
	else
		try_again(lookup);
}

void
lookups_renew(struct guest *guest)
{
	struct lookup *lookup, *next;

	for (lookup = LIST_FIRST(&guest->lookups); lookup != NULL;
	    lookup = next) {
		next = LIST_NEXT(lookup, entry);
		lookup->n_covers = guest_covers(guest, lookup->question.name, 0,
		    lookup->covers);
		if (!guest_resolves(guest, lookup->question.name,
		    lookup->n_covers)) {
			fail(lookup);
		} else if (lookup->answer.packet != NULL) {
			link_forget(guest->resolver->link, lookup);
			loop_set_timer(loop_of(lookup), &lookup->timer, 0);
		}
	}
}

static struct lookup *
add(struct guest *guest, const struct asker *asker,
    const struct question *question)
{
	struct lookup *lookup = NULL;

	if (guest->n_lookups < LOOKUPS_A_GUEST &&
	    guest->resolver->n_lookups < LOOKUPS_MAX)
		lookup = calloc(1, sizeof *lookup);
	if (lookup == NULL)
		return NULL;
	lookup->guest = guest;
	lookup->asker = *asker;
	lookup->question = *question;
	lookup->timer.due = on_due;
	lookup->upstream.watch.fd = -1;
	LIST_INSERT_HEAD(&guest->lookups, lookup, entry);
	guest->n_lookups++;
	guest->resolver->n_lookups++;
	return lookup;
}

/* What we know without asking anybody; false: nothing. */
static bool
decide(const struct guest *guest, const struct question *question,
    size_t n_covers, enum message_rcode *ret)
{
	*ret = MESSAGE_NO_NAME;
	if (!guest_resolves(guest, question->name, n_covers))
		return true;
	*ret = MESSAGE_NOT_ALLOWED;
	if (message_is_greedy(question->type))
		return true;
	*ret = MESSAGE_OK;
	return n_covers > 0 && message_is_shortcut(question->type);
}

void
lookup_begin(struct guest *guest, const struct asker *asker,
    const uint8_t *data, size_t size)
{
	enum message_verdict verdict;
	enum message_rcode rcode = MESSAGE_OK;
	uint16_t covers[GUEST_COVERS_MAX];
	struct question question;
	struct lookup *lookup;
	size_t n;

	if (!guest_may_ask(guest)) {
		reply(asker, NULL, 0);
		return;
	}
	verdict = message_read_question(data, size, &question, &rcode);
	n = guest_covers(guest, question.name, 0, covers);
	if (verdict == MESSAGE_IGNORED) {
		reply(asker, NULL, 0);
		return;
	}
	if (verdict == MESSAGE_REFUSED || decide(guest, &question, n,
	    &rcode)) {
		if (verdict != MESSAGE_REFUSED && rcode == MESSAGE_NO_NAME &&
		    asker->check == NULL)
			unresolved_tell(guest, question.name);
		refuse(asker, &question, rcode);
		return;
	}
	lookup = add(guest, asker, &question);
	if (lookup == NULL) {
		refuse(asker, &question, MESSAGE_SERVER_FAILURE);
		return;
	}
	memcpy(lookup->covers, covers, sizeof covers);
	lookup->n_covers = n;
	if (asker->stream != NULL)
		stream_expect(asker->stream, lookup);
	dial(lookup, false);
}
