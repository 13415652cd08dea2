#include "core/model/silence.h"

#include <string.h>

#include "base/jid.h"
#include "base/mem.h"

/* A request that was never answered has waited for this many of its times at most. */
#define TIMES_MAX 10

/* Between two looks at whether what was asked later has been answered. */
#define LOOK_AGAIN_MS 500

struct domain *
domain_find(const struct model *model, const char *name)
{
	struct table_node *n = table_get(&model->domains, name, strlen(name));

	return n != NULL ? TABLE_OF(n, struct domain, node) : NULL;
}

static void
domain_free(struct domain *d)
{
	mem_free(d->name);
	mem_free(d->key);
	mem_free(d);
}

struct domain *
domain_get(struct model *model, const char *name)
{
	struct domain *d = domain_find(model, name);
	char work[JID_PART_MAX + 1];

	if (d == NULL) {
		d = mem_alloc(sizeof(*d));
		if (d == NULL)
			return NULL;
		d->name = mem_strdup(name);
		d->key = mem_strdup(jid_ascii_domain(name, work));
		if (d->name == NULL || d->key == NULL ||
		    table_put(&model->domains, &d->node, d->name, strlen(d->name)) != 0) {
			domain_free(d);
			return NULL;
		}
	}
	d->accounts++;
	return d;
}

void
domain_drop(struct model *model, struct domain *d)
{
	if (d == NULL || --d->accounts > 0)
		return;
	table_del(&model->domains, &d->node);
	domain_free(d);
}

void
silence_reset(struct model *model)
{
	struct table_node *n;
	struct domain *d;

	for (n = table_next(&model->domains, NULL); n != NULL; n = table_next(&model->domains, n)) {
		d = TABLE_OF(n, struct domain, node);
		d->heard_at = d->answered = 0;
		memset(d->last, 0, sizeof(d->last));
	}
}

void
silence_asked(struct model *model, struct asking *q)
{
	memset(q, 0, sizeof(*q));
	q->order = ++model->asked_order;
	q->since = model->env->now.mono_ms;
}

void
silence_asked_before(struct asking *q, const struct asking *first)
{
	*q = *first;
}

/* Of each of the accounts that answered last, the latest request. */
static void
note(struct domain *d, enum asked kind, uint64_t who, uint64_t order)
{
	struct heard *at = d->last[kind];
	size_t i, slot = 0;

	for (i = 0; i < SILENCE_KEPT; i++) {
		if (at[i].order != 0 && at[i].who == who) {
			slot = i;
			break;
		}
		if (at[i].order < at[slot].order)
			slot = i;
	}
	if (at[slot].order < order) {
		at[slot].who = who;
		at[slot].order = order;
	}
}

void
silence_answered(struct model *model, struct domain *d, enum asked kind, uint64_t who, const struct asking *asked)
{
	d->heard_at = model->env->now.mono_ms;
	if (model->answered_order < asked->order)
		model->answered_order = asked->order;
	if (d->answered < asked->order)
		d->answered = asked->order;
	note(d, kind, who, asked->order);
}

void
silence_heard(const struct model *model, struct domain *d)
{
	d->heard_at = model->env->now.mono_ms;
}

static unsigned
answered_later(const struct domain *d, enum asked kind, uint64_t who, uint64_t order)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < SILENCE_KEPT; i++)
		n += d->last[kind][i].order > order && d->last[kind][i].who != who;
	return n;
}

static bool
others_were_answered(const struct domain *d, enum asked kind, uint64_t who, uint64_t order)
{
	unsigned n = answered_later(d, kind, who, order);

	return n >= SILENCE_OTHERS;
}

bool
silence_followed(const struct domain *d, enum asked kind, uint64_t who, uint64_t order)
{
	return answered_later(d, kind, who, order) > 0;
}

static bool
was_ever_answered(const struct domain *d, enum asked kind)
{
	return d->last[kind][0].order != 0; /* note() takes it first, and never leaves it */
}

static enum silence
wait(const struct model *model, struct asking *asked, uint64_t ms, bool ask)
{
	asked->until = model->env->now.mono_ms + ms;
	return ask ? SILENCE_WAIT_ASK : SILENCE_WAIT;
}

enum silence
silence_judge(const struct model *model, const struct domain *d, enum asked kind, uint64_t who, struct asking *asked,
    uint64_t ms)
{
	return silence_judge_among(model, d, kind, who, asked, ms, d->accounts - 1);
}

enum silence
silence_judge_among(const struct model *model, const struct domain *d, enum asked kind, uint64_t who,
    struct asking *asked, uint64_t ms, size_t others)
{
	uint64_t now = model->env->now.mono_ms;
	/* Only probes are overtaken by what was asked later. */
	bool ordered = kind != ASKED_PROBE || others < SILENCE_OTHERS || !was_ever_answered(d, kind);

	if (others_were_answered(d, kind, who, asked->order) || d->heard_at + ms <= now ||
	    asked->since + TIMES_MAX * ms <= now)
		return SILENCE_COUNTS;
	if (!ordered)
		return wait(model, asked, ms, false);
	if (asked->times > 0 && d->answered <= asked->mark)
		return wait(model, asked, LOOK_AGAIN_MS, false);
	if (asked->times == 2)
		return SILENCE_COUNTS;
	asked->times++;
	asked->mark = model->asked_order;
	return wait(model, asked, asked->times == 1 ? ms : LOOK_AGAIN_MS, true);
}

void
silence_over(struct asking *q)
{
	q->order = 0;
}

uint64_t
silence_order(struct model *model)
{
	return ++model->asked_order;
}
