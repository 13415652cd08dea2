/* What people and their clients say, as the target `command' has them say it. */
#ifndef PP_TESTS_FUZZ_COMMAND_WORDS_H
#define PP_TESTS_FUZZ_COMMAND_WORDS_H

#include <stddef.h>
#include <stdint.h>

struct speaker;

static const char *const nodes[] = { "enrol", "link", "devices", "edit", "unlink", "leave", "confirm", "none", "",
	"Link" };
static const char *const actions[] = {NULL, "execute", "complete", "cancel", "next", "prev", "other", ""};
static const char *const resources[] = {NULL, "phone", "line1", "a/b <c>"};
static const char *const bodies[] = { "yes", "no", " YES! ", "y.", "n", "maybe", "", "yes\nno", "help",
	"\xef\xbc\xb9" };
static const char *const types[] = {NULL, "chat", "normal", "error", "groupchat", "headline", "odd"};

static const char *const values[] = { "alice@work.test", "desk@work.test", "bob@home.test", "alice@home.test", "mobile",
	"fixed", "contacts", "self", "hidden", "1", "true", "false", "Desk", "", NULL, "carol@work.test",
	"dave@far.test", "DAVE@far.test/x", "x@presence.home.test", "</x><iq type='set'/>", "a\nb\t\"'&",
	"\xe2\x80\xae\xef\xbf\xbd", "\xd7\x90\xd7\xa1@home.test", "]]>" };

/* Up to three fields of a form, as the three bytes at V say; DEVICE is the id of one that there is, or NULL. */
void command_say_fields(struct speaker *speaker, const char *device, const uint8_t *v);

#endif
