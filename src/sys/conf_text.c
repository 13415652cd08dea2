#include "sys/conf_text.h"

#include <stdbool.h>
#include <string.h>

/* Of sections within each other, which are unknown anyway. */
#define DEPTH_MAX 64

/* One without an end stays, for conf_text_unended() to say so; returns where it goes on. */
static size_t
blank_inline(char *s, size_t i, size_t len)
{
	size_t end = i + 2;

	while (end + 1 < len && (s[end] != '*' || s[end + 1] != '/'))
		end++;
	if (end + 1 >= len)
		return len;
	for (; i < end + 2; i++) {
		if (s[i] != '\n')
			s[i] = ' ';
	}
	return i;
}

/* Can't be part of a word, so that what begins behind it is a comment (libconfuse: an address may hold `//'). */
static bool
ends_word(char c)
{
	return strchr(" \t\n\"'={}()+,", c) != NULL;
}

void
conf_text_blank_comments(char *s, size_t len)
{
	char last = '\n', quote = '\0';
	size_t i = 0;

	while (i < len) {
		if (quote != '\0') {
			if (s[i] == '\\' && i + 1 < len)
				i++;
			else if (s[i] == quote)
				quote = '\0';
			last = s[i++];
		} else if (s[i] == '#' || (ends_word(last) && i + 1 < len && s[i] == '/' && s[i + 1] == '/')) {
			while (i < len && s[i] != '\n')
				s[i++] = ' ';
			last = ' ';
		} else if (ends_word(last) && i + 1 < len && s[i] == '/' && s[i + 1] == '*') {
			i = blank_inline(s, i, len);
			last = ' ';
		} else {
			if (s[i] == '"' || s[i] == '\'')
				quote = s[i];
			last = s[i++];
		}
	}
}

/* Where it goes on behind the string that is opened at S[I]; 0: it has no end in its line. */
static size_t
behind_string(const char *s, size_t i, size_t len, int *line)
{
	char quote = s[i];

	for (i++; i < len && s[i] != quote && s[i] != '\n'; i++) {
		if (s[i] != '\\' || i + 1 >= len)
			continue;
		i++;
		*line += s[i] == '\n';
	}
	return i < len && s[i] == quote ? i + 1 : 0;
}

const char *
conf_text_unended(const char *s, size_t len, size_t *at, int *line)
{
	int now = 1, before, braces[DEPTH_MAX];
	size_t depth = 0, i = 0, begin = 0, next;
	char last = '\n';

	while (i < len) {
		next = i + 1;
		before = now;
		if (s[i] == '"' || s[i] == '\'') {
			next = behind_string(s, i, len, &now);
			if (next == 0) {
				*at = begin;
				*line = before;
				return "the string that begins here has no end";
			}
		} else if (ends_word(last) && i + 1 < len && s[i] == '/' && s[i + 1] == '*') {
			*at = begin;
			*line = now;
			return "the comment that begins here has no end";
		} else if (s[i] == '{') {
			if (depth < DEPTH_MAX)
				braces[depth] = now;
			depth++;
		} else if (s[i] == '}') {
			depth -= depth > 0;
		} else if (s[i] == '\n') {
			now++;
			begin = next;
		}
		last = s[next - 1];
		i = next;
	}
	if (depth == 0)
		return NULL;
	*at = len;
	*line = braces[0];
	return "the brace that is opened here is not closed";
}

int
conf_text_line_of(const char *s, size_t len, const char *word, int last)
{
	size_t n = strlen(word), i;
	int line = 1, found = last;

	for (i = 0; i < len && line <= last; i++) {
		if (s[i] == '\n')
			line++;
		else if (i + n <= len && memcmp(s + i, word, n) == 0 && (i == 0 || ends_word(s[i - 1])) &&
		    (i + n == len || ends_word(s[i + n])))
			found = line;
	}
	return found;
}
