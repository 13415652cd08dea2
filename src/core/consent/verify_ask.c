/* Where rosters can't be read: a repeated `subscribe', which servers confirm at once where it stands (verify.h). */
#include "core/consent/invite.h"
#include "core/consent/verify.h"
#include "core/consent/verify_private.h"
#include "core/flight/line.h"
#include "core/flight/probe.h"
#include "core/flight/query.h"
#include "core/model/claim.h"
#include "core/model/silence.h"
#include "core/tools/say.h"

/* What a probe, or a repeated request, has until its silence is judged (silence.h). */
#define PROBE_MS 10000
#define REQUEST_MS 10000

/*
 * To take a request back ends what stands, if its answer went to another
 * connection of ours: that is noticed within this time (line.h).
 */
#define WITHDRAW_MS 80000

/* A server that confirms our `unsubscribe' does so at once. */
#define ECHO_MS 30000

/* Many may want to know at the same time whether a host speaks. */
#define SOUND_EVERY_MS 1000

static void
request(struct consent *consent, struct user *u)
{
	u->claim.step = CLAIM_ASKED;
	u->requested = true;
	silence_asked(consent->model, &u->probe);
	invite_user(consent, u);
	verify_again(consent, &u->claim, REQUEST_MS);
}

/* A server that has not said anything since hasn't refused it; to take it back would end what stands. */
static void
withdraw(struct consent *consent, struct user *u)
{
	uint64_t asked_at = u->probe.since;

	verify_take_back(consent, u);
	verify_refuted(consent, &u->claim, asked_at, "no answer to a repeated request");
}

/* Something else is to be asked there, whose answer tells that the server has got so far. */
static void
sound(struct consent *consent, struct host *h)
{
	if (query_sounds(consent->flight, h, SOUND_EVERY_MS))
		query_alive(consent->flight, h);
}

/* Is the silence of U's primary to what was asked last that of the account? */
static bool
is_silent(struct consent *consent, struct user *u, uint64_t ms)
{
	uint64_t now = consent->env->now.mono_ms;

	if (u->probe.since + ms > now) {
		verify_again(consent, &u->claim, u->probe.since + ms - now);
		return false;
	}
	switch (silence_judge(consent->model, u->domain, ASKED_PROBE, u->by_primary.hash, &u->probe, ms)) {
	case SILENCE_COUNTS:
		return true;
	case SILENCE_WAIT_ASK:
		sound(consent, u->host);
		break;
	case SILENCE_WAIT:
		break;
	}
	verify_again(consent, &u->claim, u->probe.until - now);
	return false;
}

void
verify_judge_request(struct consent *consent, struct user *u)
{
	if (u->domain->heard_at <= u->probe.since || line_shared(consent->flight)) {
		sound(consent, u->host);
		verify_again(consent, &u->claim, verify_backoff(&u->claim));
		return;
	}
	if (u->probe.since + WITHDRAW_MS > consent->env->now.mono_ms) {
		verify_again(consent, &u->claim, u->probe.since + WITHDRAW_MS - consent->env->now.mono_ms);
		return;
	}
	if (is_silent(consent, u, REQUEST_MS))
		withdraw(consent, u);
}

void
verify_judge_probe(struct consent *consent, struct user *u)
{
	if (u->probe.order == 0 || u->claim.suspended_ms != 0) {
		verify_take_back(consent, u);
		verify_probe(consent, &u->claim);
		u->claim.step = CLAIM_PROBED;
		verify_again(consent, &u->claim, u->claim.suspended_ms != 0 ? verify_backoff(&u->claim) : PROBE_MS);
		return;
	}
	/* Asked too early it costs nothing: what stands is confirmed. */
	if (is_silent(consent, u, PROBE_MS) ||
	    (u->probe.since + 2 * PROBE_MS <= consent->env->now.mono_ms && u->domain->heard_at > u->probe.since))
		request(consent, u);
}

void
verify_ask(struct consent *consent, struct user *u)
{
	/* What is left of the last stream is met by a probe as if it had been refused (SERVERS 12). */
	if (u->requested)
		request(consent, u);
	else
		probe_send(consent->flight, u, NULL);
}

/* Servers answer at once where it stands; later it is a person who does, unless the server is late with everything. */
static bool
is_late(struct consent *consent, struct user *u)
{
	return u->probe.since + REQUEST_MS < consent->env->now.mono_ms &&
	    silence_judge(consent->model, u->domain, ASKED_PROBE, u->by_primary.hash, &u->probe, REQUEST_MS) ==
	    SILENCE_COUNTS;
}

bool
verify_subscribed(struct consent *consent, struct user *u)
{
	struct claim *k = &u->claim;

	if (!claim_is_made(k))
		return false;
	if (k->suspended_ms != 0 || (u->withdrew_at != 0 && !k->stands) ||
	    (k->step == CLAIM_ASKED && is_late(consent, u))) {
		return true;
	}
	if (k->step == CLAIM_ASKED) {
		silence_answered(consent->model, u->domain, ASKED_PROBE, u->by_primary.hash, &u->probe);
		silence_over(&u->probe);
		u->requested = false;
		verify_prove(consent, k);
		verify_probe_soon(consent, k);
	}
	return false;
}

bool
verify_is_echo(const struct consent *consent, const struct user *u)
{
	return u->withdrew_at != 0 && consent->env->now.mono_ms < u->withdrew_at + ECHO_MS;
}
