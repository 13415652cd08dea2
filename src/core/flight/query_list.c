/* Answers that bring lists: which are waited for, which may be large, and come in portions. */
#include "base/jid.h"
#include "core/flight/query.h"
#include "core/model/contacts.h"
#include "core/model/silence.h"

bool
query_is_roster(const struct query *q)
{
	return q->ask == ASK_ROSTER || q->ask == ASK_CLAIM;
}

void
query_goes_on(struct flight *flight, struct query *q)
{
	struct domain *d = domain_find(flight->model, jid_domain(q->peer));

	if (d != NULL)
		silence_heard(flight->model, d);
	query_lives(flight, q, QUERY_LIFE_MS);
}

bool
query_reads(struct flight *flight, struct query *q)
{
	if (q->reading == NULL)
		q->reading = reading_new(flight->model, q->user, true);
	return q->reading != NULL;
}

bool
query_awaits(const struct flight *flight, const struct event *ev)
{
	const struct query *q = query_find(flight, ev);

	if (q == NULL)
		return false;
	if (ev->answer.payload == PAYLOAD_ROSTER)
		return query_is_roster(q);
	return ev->answer.payload == PAYLOAD_BLOCKLIST && q->ask == ASK_BLOCKLIST;
}

bool
query_admits(struct flight *flight, const struct event *ev)
{
	const struct answer_event *a = &ev->answer;
	struct query *q = query_find(flight, ev);

	if (q == NULL || !query_is_roster(q) || a->extent != EXTENT_TOO_LARGE || a->payload != PAYLOAD_ROSTER)
		return false;
	query_goes_on(flight, q);
	return true;
}
