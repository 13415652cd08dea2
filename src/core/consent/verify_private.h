/*
 * Shared by verify*.c and suspend.c alone, each above the one before: verify_plan.c,
 * suspend.c, verify_proof.c, verify_read.c and verify_ask.c, verify.c.
 */
#ifndef PP_CORE_CONSENT_VERIFY_PRIVATE_H
#define PP_CORE_CONSENT_VERIFY_PRIVATE_H

#include "core/consent/state.h"

/* Evidence takes force after this, and is confirmed then. */
#define FORCE_MS 60000

/* A roster that could not be had is asked for again after this. */
#define READ_AGAIN_MS 30000

/* What is read ever more slowly: at first, and at last. */
#define AGAIN_MIN_MS 60000
#define AGAIN_MAX_MS (60 * 60 * 1000)

/* The judgements of a primary whose roster can't be read, when their time has come. */
void verify_judge_probe(struct consent *consent, struct user *u);
void verify_judge_request(struct consent *consent, struct user *u);

/* A repeated request to U that may still be there stood for nothing: whoever comes next must not find it. */
void verify_take_back(struct consent *consent, struct user *u);

/* Probe the account of K, out of turn; or in it, after those who have not been probed at all. */
void verify_probe(struct consent *consent, struct claim *k);
void verify_probe_soon(struct consent *consent, struct claim *k);

/* It is to be read in turn. */
void verify_read(struct consent *consent, struct claim *k);

/* What was asked for at ASKED_AT speaks against K; REASON for the log. */
void verify_refuted(struct consent *consent, struct claim *k, uint64_t asked_at, const char *reason);

/* How long until it is read the next time: longer each time. */
uint64_t verify_backoff(struct claim *k);

/* The earliest of what is planned for U and her devices. */
void verify_plan(struct consent *consent, struct user *u);

/* The last probe for the sake of K. */
struct asking *verify_probe_of(struct claim *k);

/* Of what can't be verified everything counts, and so does what was heard before that was known. */
void verify_believe(struct consent *consent, struct claim *k);

/* Look at K again in MS; prove K; note that its account's roster lacks the bridge, or doesn't. */
void verify_again(struct consent *consent, struct claim *k, uint64_t ms);
void verify_prove(struct consent *consent, struct claim *k);
void verify_lacks(struct consent *consent, struct claim *k, bool lacks);

#endif
