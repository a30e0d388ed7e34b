// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/lifecycle/meter_ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void
meter_ring_fini(struct meter_ring *ring)
{
	free(ring->samples);
	*ring = (struct meter_ring){0};
}

static int
grow(struct meter_ring *ring, struct err *err)
{
	const uint32_t room = ring->room == 0 ? METER_SAMPLES_MIN :
	    ring->room * 2 < METER_SAMPLES_MAX ? ring->room * 2 :
	    METER_SAMPLES_MAX;
	struct meter_sample *samples = realloc(ring->samples,
	    room * sizeof *samples);

	if (samples == NULL)
		return err_set(err, ENOMEM, "no memory for what is used");
	ring->samples = samples;
	ring->room = room;
	return 0;
}

/* The oldest stays: it is where all began. */
static void
thin_out(struct meter_ring *ring)
{
	const uint32_t half = ring->n / 2;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < half; i += 2)
		ring->samples[kept++] = ring->samples[i];
	memmove(&ring->samples[kept], &ring->samples[half],
	    (ring->n - half) * sizeof *ring->samples);
	ring->n -= half - kept;
}

int
meter_ring_add(struct meter_ring *ring, const struct meter_sample *sample,
    struct err *err)
{
	if (ring->n == METER_SAMPLES_MAX)
		thin_out(ring);
	if (ring->n == ring->room && grow(ring, err) < 0)
		return -ENOMEM;
	ring->samples[ring->n] = *sample;
	ring->samples[ring->n++].until_ms = sample->at_ms;
	return 0;
}

bool
meter_ring_prolong(struct meter_ring *ring, uint64_t life, uint64_t now_ms)
{
	struct meter_sample *last = ring->n > 0 ? &ring->samples[ring->n - 1] :
	    NULL;

	if (last == NULL || last->life != life)
		return false;
	if (now_ms > last->until_ms)
		last->until_ms = now_ms;
	return true;
}

/* Since what was told before it; since its own beginning, where that was of
 * another life, nobody knows over how long. */
static uint32_t
cpu_since(const struct meter_reading *reading,
    const struct meter_sample *sample, uint64_t at_ms)
{
	const struct meter_sample *before = reading->before;
	uint64_t millis;

	if (before == NULL || before->life != sample->life ||
	    sample->cpu_us < before->cpu_us || at_ms <= reading->before_ms)
		return 0;
	millis = (sample->cpu_us - before->cpu_us) /
	    (at_ms - reading->before_ms);
	return millis < UINT32_MAX ? (uint32_t)millis : UINT32_MAX;
}

/* The next there is, told or not. */
static bool
advance(struct meter_reading *reading, const struct meter_sample **ret,
    uint64_t *ret_at_ms)
{
	const struct meter_ring *ring = reading->ring;

	if (reading->is_end_next) {
		*ret = &ring->samples[reading->next - 1];
		*ret_at_ms = (*ret)->until_ms;
		reading->is_end_next = false;
		return true;
	}
	if (reading->next == ring->n)
		return false;
	*ret = &ring->samples[reading->next++];
	*ret_at_ms = (*ret)->at_ms;
	reading->is_end_next = (*ret)->until_ms > (*ret)->at_ms;
	return true;
}

static bool
is_last(const struct meter_reading *reading)
{
	return !reading->is_end_next && reading->next == reading->ring->n;
}

int
meter_reading_next(struct meter_reading *reading, struct meter_point *ret)
{
	const struct meter_sample *sample;
	uint64_t at_ms;

	while (advance(reading, &sample, &at_ms)) {
		const bool is_told = at_ms >= reading->from_ms &&
		    (reading->told_ms == 0 || is_last(reading) ||
		    at_ms - reading->told_ms >= reading->step_ms);

		if (is_told) {
			*ret = (struct meter_point){sample, at_ms,
			    cpu_since(reading, sample, at_ms)};
			reading->told_ms = at_ms;
		}
		/* What is passed over within the time asked for counts to
		 * what is told next. */
		if (is_told || at_ms < reading->from_ms) {
			reading->before = sample;
			reading->before_ms = at_ms;
		}
		if (is_told)
			return 1;
	}
	return 0;
}
