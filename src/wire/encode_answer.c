#include "wire/encode_answer.h"

#include "base/err.h"
#include "wire/catalogue.h"
#include "wire/datetime.h"
#include "wire/encode_frame.h"
#include "wire/ns.h"

static void
info(struct encoding *e, const struct request_answer *a)
{
	struct writer *w = &e->w;
	size_t i;

	write_open_ns(w, "query", NS_DISCO_INFO);
	write_attr(w, "node", a->node);
	if (a->category != NULL && a->type != NULL) {
		write_open(w, "identity");
		write_attr(w, "category", a->category);
		write_attr(w, "type", a->type);
		write_attr(w, "name", encode_text(e, &a->name));
		write_close(w);
	}
	for (i = 0; i < a->nfeatures; i++) {
		write_open(w, "feature");
		write_attr(w, "var", a->features[i]);
		write_close(w);
	}
}

static void
items(struct writer *w, const struct request_answer *a)
{
	size_t i;

	write_open_ns(w, "query", NS_DISCO_ITEMS);
	write_attr(w, "node", a->node);
	for (i = 0; i < a->nitems; i++) {
		write_open(w, "item");
		write_attr(w, "jid", a->items[i].jid);
		write_attr(w, "node", a->items[i].node);
		write_attr(w, "name", catalogue_text(a->items[i].name));
		write_close(w);
	}
}

int
encode_request_answer(struct encoding *e)
{
	const struct request_answer *a = &e->act->answer;
	char utc[DATETIME_SIZE];
	struct writer *w = &e->w;
	int status = encode_iq(e, "result");

	if (status != 0)
		return status;
	switch (a->kind) {
	case REQUEST_INFO:
		info(e, a);
		break;
	case REQUEST_ITEMS:
		items(w, a);
		break;
	case REQUEST_VERSION:
		write_open_ns(w, "query", NS_VERSION);
		write_element(w, "name", e->id->name);
		write_element(w, "version", e->id->version);
		write_element(w, "os", e->id->os);
		break;
	case REQUEST_TIME:
		datetime_print(a->wall_ms, utc);
		write_open_ns(w, "time", NS_TIME);
		write_element(w, "tzo", "Z");
		write_element(w, "utc", utc);
		break;
	case REQUEST_LAST:
		write_open_ns(w, "query", NS_LAST);
		write_attr_u(w, "seconds", a->seconds);
		break;
	case REQUEST_PING:
		break;
	case REQUEST_OTHER:
	case REQUEST_MALFORMED:
		return ERR_INVALID; /* what is not understood is not answered as if it were */
	}
	encode_end(e);
	return 0;
}

static const char *
error_type(enum error_type type)
{
	switch (type) {
	case ERROR_MODIFY:
		return "modify";
	case ERROR_AUTH:
		return "auth";
	case ERROR_WAIT:
		return "wait";
	case ERROR_CANCEL:
		break;
	}
	return "cancel";
}

int
encode_error(struct encoding *e)
{
	const struct error_answer *a = &e->act->error;
	enum condition condition = a->condition != COND_NONE ? a->condition : COND_UNDEFINED;
	struct writer *w = &e->w;
	int status = encode_iq(e, "error");

	if (status != 0)
		return status;
	write_open(w, "error");
	write_attr(w, "type", error_type(a->type));
	write_open_ns(w, condition_name(condition), NS_STANZA_ERRORS);
	write_close(w);
	if (a->text != TEXT_NONE) {
		write_open_ns(w, "text", NS_STANZA_ERRORS);
		write_attr(w, "xml:lang", "en");
		write_text(w, catalogue_text(a->text));
		write_close(w);
	}
	if (a->app != APP_NONE) {
		write_open_ns(w, app_condition_name(a->app), NS_COMMANDS);
		write_close(w);
	}
	encode_end(e);
	return 0;
}
