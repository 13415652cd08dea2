#include "core/outlets/pep_way.h"

#include <string.h>

#include "core/flight/query.h"
#include "core/model/host.h"
#include "core/outlets/pep_step.h"
#include "core/sources/doubt.h"
#include "core/sources/grant.h"
#include "core/sources/verdict.h"
#include "core/tools/say.h"

#define TRIAL_AGAIN_MS 30000

/* May a privileged IQ be tried now?  One at a time until the first one has shown how. */
static enum trial
privileged(struct outlets *outlets, struct host *h)
{
	/* A verdict on all there were doesn't bind who has come since. */
	if (h->privileged == TRIAL_FAILED &&
	    (h->privileged_again <= outlets->env->now.mono_ms ||
		(h->refusals.n > 0 && !verdict_stands(&h->refusals, h))))
		h->privileged = TRIAL_UNKNOWN;
	return h->privileged;
}

enum trial
pep_privileged(struct outlets *outlets, const struct user *u)
{
	return u->pep.refused_until > outlets->env->now.mono_ms ? TRIAL_FAILED : privileged(outlets, u->host);
}

/* It works for nobody, as far as we know. */
static void
refuse_privilege(struct outlets *outlets, struct host *h, const struct answer_event *a)
{
	h->privileged = TRIAL_FAILED;
	h->privileged_again = pep_later(outlets, TRIAL_AGAIN_MS);
	h->form = WAY_PRIVILEGED;
	say_log(outlets->env, LOG_LEVEL_WARN, "privilege.refused", "host", h->name, "error",
	    a != NULL ? condition_name(a->error) : "no answer", "text",
	    "the advertised iq privilege can't be used; see `least privileges' in README", NULL);
}

static void
privilege_works(struct outlets *outlets, struct host *h)
{
	bool before = h->privileged == TRIAL_WORKS;
	struct user *u;

	if (h->privileged == TRIAL_RUNNING)
		say_log(outlets->env, LOG_LEVEL_INFO, "privilege.works", "host", h->name, NULL);
	h->privileged = TRIAL_WORKS;
	verdict_success(&h->refusals);
	doubt_served(outlets->sources, h);
	if (before)
		return;
	grant_wake(outlets->sources, h);
	/* Before anything else is made of this answer. */
	for (u = outlets->model->users; u != NULL; u = u->next) {
		if (u->host == h)
			pep_granted(outlets, u);
	}
}

void
pep_give_back_trial(const struct query_taken *t)
{
	if (!t->trial || t->handed_on)
		return;
	if (t->way != WAY_ORDINARY && t->host->privileged == TRIAL_RUNNING)
		t->host->privileged = TRIAL_UNKNOWN;
	if (t->way == WAY_ORDINARY && t->host->ordinary == TRIAL_RUNNING)
		t->host->ordinary = TRIAL_UNKNOWN;
}

/* U's privileged request was not executed, and the server has said so. */
static enum way_verdict
privilege_refused(struct outlets *outlets, const struct query_taken *t, const struct answer_event *a)
{
	struct user *u = t->user;
	struct host *h = u->host;

	verdict_failure(&h->refusals, u);
	if (verdict_stands(&h->refusals, h)) {
		refuse_privilege(outlets, h, a);
		return WAY_ANOTHER;
	}
	/* So answers an account that has blocked us (XEP-0191), or that isn't there any more. */
	if (h->privileged == TRIAL_RUNNING || u->pep.retries >= REFUSED_MAX)
		u->pep.refused_until = pep_later(outlets, BLOCKED_RETRY_MS);
	pep_give_back_trial(t); /* another one may tell of the host */
	return WAY_FOR_LATER;
}

static enum way_verdict
privilege_silent(struct outlets *outlets, const struct query_taken *t)
{
	struct user *u = t->user;
	struct host *h = u->host;
	/* It was one of the form that is in doubt, though another may have been sent to find out sooner. */
	bool trial = t->trial && h->privileged != TRIAL_WORKS && t->way == h->form;

	if (trial && h->form == WAY_PRIVILEGED) {
		h->form = WAY_PRIVILEGED_CAPS;
		h->privileged = TRIAL_UNKNOWN;
		return WAY_ANOTHER;
	}
	doubt_not_served(outlets->sources, h, u);
	if (h->anew_why != NULL || (trial && h->users < 2)) {
		refuse_privilege(outlets, h, NULL);
		return WAY_ANOTHER;
	}
	if (trial) {
		h->privileged = TRIAL_UNKNOWN;
		h->form = WAY_PRIVILEGED;
	}
	return WAY_FOR_LATER;
}

static enum way_verdict
judge_privileged(struct outlets *outlets, const struct query_taken *t, const struct answer_event *a)
{
	struct host *h = t->host;

	if (a == NULL)
		return privilege_silent(outlets, t);
	if (a->echo && h->form == WAY_PRIVILEGED) {
		h->form = WAY_PRIVILEGED_CAPS;
		h->privileged = TRIAL_UNKNOWN;
		say_log(outlets->env, LOG_LEVEL_WARN, "server.old", "host", h->name, "text",
		    "this server returns privileged requests instead of executing them (ejabberd 24.10 to 24.12); a way "
		    "around that is used, 25.03 or later is better",
		    NULL);
		return WAY_ANOTHER;
	}
	if (a->echo) {
		/* In either form: no account has a part in that. */
		refuse_privilege(outlets, h, a);
		return WAY_ANOTHER;
	}
	if (a->wrapped) {
		privilege_works(outlets, h);
		return WAY_EXECUTED;
	}
	return privilege_refused(outlets, t, a);
}

void
pep_no_ordinary(struct outlets *outlets, struct user *u, bool silent)
{
	struct host *h = u->host;

	u->pep.no_ordinary = true;
	verdict_failure(&h->no_ordinary, u);
	if (!verdict_stands(&h->no_ordinary, h)) {
		if (h->ordinary == TRIAL_RUNNING)
			h->ordinary = TRIAL_UNKNOWN;
		return;
	}
	h->ordinary = TRIAL_FAILED;
	if (silent)
		say_log(outlets->env, LOG_LEVEL_INFO, "ordinary.dropped", "host", h->name, "text",
		    "the server drops ordinary requests of components; every publish is privileged", NULL);
}

static enum way_verdict
judge_ordinary(struct outlets *outlets, struct user *u, const struct answer_event *a)
{
	struct host *h = u->host;

	if (a != NULL) {
		if (h->ordinary == TRIAL_RUNNING)
			h->ordinary = a->ok ? TRIAL_WORKS : TRIAL_UNKNOWN;
		if (a->ok)
			verdict_success(&h->no_ordinary);
		return WAY_EXECUTED;
	}
	if (!host_may_publish(h) || h->privileged == TRIAL_FAILED || u->pep.refused_until > outlets->env->now.mono_ms)
		return WAY_NONE_LEFT;
	pep_no_ordinary(outlets, u, true);
	return WAY_ANOTHER;
}

enum way_verdict
pep_judge_way(struct outlets *outlets, const struct query_taken *t, const struct answer_event *a)
{
	return t->way != WAY_ORDINARY ? judge_privileged(outlets, t, a) : judge_ordinary(outlets, t->user, a);
}

void
pep_way_granted(struct host *h)
{
	h->privileged = TRIAL_UNKNOWN;
	h->form = WAY_PRIVILEGED;
	h->privileged_again = 0;
}

void
pep_way_reset(struct host *h)
{
	pep_way_granted(h);
	h->ordinary = TRIAL_UNKNOWN;
	memset(&h->refusals, 0, sizeof(h->refusals));
	memset(&h->no_ordinary, 0, sizeof(h->no_ordinary));
}
