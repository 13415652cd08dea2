#include "wire/encode_frame.h"

#include <string.h>

#include "base/err.h"
#include "base/jid.h"
#include "base/limits.h"
#include "wire/catalogue.h"
#include "wire/ns.h"

/* Ours come from our domain; ejabberd closes the stream over one without a `to'. */
int
encode_addresses(struct encoding *e, const struct address *to)
{
	const struct address *from = &e->act->from;

	if (to->bare == NULL)
		return ERR_INVALID;
	write_attr_jid(&e->w, "to", to->bare, to->resource);
	if (from->bare != NULL)
		write_attr_jid(&e->w, "from", from->bare, from->resource);
	else
		write_attr(&e->w, "from", e->id->domain);
	return 0;
}

int
encode_iq(struct encoding *e, const char *type)
{
	if (e->act->id == NULL)
		return ERR_INVALID;
	write_open(&e->w, "iq");
	write_attr(&e->w, "type", type);
	write_attr(&e->w, "id", e->act->id);
	return encode_addresses(e, &e->act->to);
}

/* BARE with its domain in capitals, as far as it is ASCII. */
static int
capital_domain(const char *bare, char out[JID_MAX + 1])
{
	size_t len = strlen(bare);
	char *at;

	if (len > JID_MAX)
		return ERR_INVALID;
	memcpy(out, bare, len + 1);
	for (at = out + (jid_domain(bare) - bare); *at != '\0'; at++)
		if (*at >= 'a' && *at <= 'z')
			*at = (char)(*at - 'a' + 'A');
	return 0;
}

int
encode_pep(struct encoding *e, const char *type)
{
	const struct action *act = e->act;
	const char *owner = act->owner != NULL ? act->owner : act->to.bare;
	const struct address to = {owner, NULL};
	char capitals[JID_MAX + 1];

	if (owner == NULL || act->id == NULL)
		return ERR_INVALID;
	write_open(&e->w, "iq");
	write_attr(&e->w, "type", type);
	write_attr(&e->w, "id", act->id);
	if (act->way == WAY_ORDINARY)
		return encode_addresses(e, &to);
	if (act->way == WAY_PRIVILEGED_CAPS) {
		if (capital_domain(owner, capitals) != 0)
			return ERR_INVALID;
		write_attr(&e->w, "to", capitals);
	} else {
		write_attr(&e->w, "to", owner);
	}
	/* ejabberd sends the answer to the bare domain whoever asked: so that asks. */
	write_attr(&e->w, "from", e->id->domain);
	write_open_ns(&e->w, "privileged_iq", NS_PRIVILEGE_2);
	write_open_ns(&e->w, "iq", NS_CLIENT);
	write_attr(&e->w, "type", type);
	write_attr(&e->w, "id", act->id);
	write_attr(&e->w, "to", owner);
	return 0;
}

const char *
encode_text(struct encoding *e, const struct text *t)
{
	return catalogue_render(t, &e->text);
}

void
encode_end(struct encoding *e)
{
	while (e->w.depth > 0 && !e->w.misused)
		write_close(&e->w);
}

void
encode_field(struct writer *w, const char *var, const char *type, const char *value)
{
	write_open(w, "field");
	write_attr(w, "var", var);
	write_attr(w, "type", type);
	write_element(w, "value", value);
	write_close(w);
}
