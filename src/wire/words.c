#include "wire/words.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static const char blanks[] = " \t\n\v\f\r";

/* WORD in whatever case, and behind it nothing but blanks, full stops and exclamation marks. */
static bool
says(const char *body, const char *word)
{
	body += strspn(body, blanks);
	for (; *word != '\0'; word++, body++) {
		if ((*body | 0x20) != *word)
			return false;
	}
	body += strspn(body, " \t\n\v\f\r.!");
	return *body == '\0';
}

enum word
words_read(const char *body)
{
	if (body == NULL)
		return WORD_NONE;
	if (says(body, "yes") || says(body, "y"))
		return WORD_YES;
	if (says(body, "no") || says(body, "n"))
		return WORD_NO;
	return WORD_OTHER;
}
