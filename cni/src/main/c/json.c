/* As much of JSON (RFC 8259) as a program needs that hands it on. */
#include "manul-cni.h"

#include <string.h>

enum { JSON_DEPTH = 64 };

/* A text being read, and where the value of its member "cniVersion" goes. */
struct json {
	const char *at, *end;
	char *version;
};

static void skip_blanks(struct json *j)
{
	while (j->at < j->end && memchr(" \t\r\n", *j->at, 4))
		j->at++;
}

static bool take(struct json *j, char c)
{
	if (j->at == j->end || *j->at != c)
		return false;
	j->at++;
	return true;
}

static bool take_string(struct json *j)
{
	if (!take(j, '"'))
		return false;
	while (j->at < j->end && *j->at != '"') {
		if ((unsigned char)*j->at < ' ')
			return false;
		if (*j->at++ != '\\')
			continue;
		if (j->at == j->end || !memchr("\"\\/bfnrtu", *j->at, 9))
			return false;
		if (*j->at++ != 'u')
			continue;
		for (int i = 0; i < 4; i++, j->at++)
			if (j->at == j->end || !memchr("0123456789abcdefABCDEF", *j->at, 22))
				return false;
	}
	return take(j, '"');
}

static bool take_digits(struct json *j)
{
	const char *start = j->at;

	while (j->at < j->end && *j->at >= '0' && *j->at <= '9')
		j->at++;
	return j->at > start;
}

static bool take_number(struct json *j)
{
	take(j, '-');
	if (!take(j, '0') && !take_digits(j))
		return false;
	if (take(j, '.') && !take_digits(j))
		return false;
	if (!take(j, 'e') && !take(j, 'E'))
		return true;
	if (!take(j, '+'))
		take(j, '-');
	return take_digits(j);
}

static bool take_word(struct json *j, const char *word)
{
	size_t length = strlen(word);

	if ((size_t)(j->end - j->at) < length || memcmp(j->at, word, length))
		return false;
	j->at += length;
	return true;
}

static bool take_value(struct json *j, int depth);

/* Takes the value of "cniVersion" if it looks like a version, as it goes into answers unescaped. */
static void note_version(struct json *j, const char *key, const char *value, const char *end)
{
	size_t size = end - value - 2;

	if (memcmp(key, "\"cniVersion\"", 12) || *value != '"' || size == 0 || size >= VERSION_SIZE)
		return;
	for (const char *c = value + 1; c < end - 1; c++)
		if (!strchr("0123456789.", *c))
			return;
	memcpy(j->version, value + 1, size);
	j->version[size] = 0;
}

/* Members of an object or an array up to the bracket that closes it. */
static bool take_members(struct json *j, bool object, int depth)
{
	char close = object ? '}' : ']';

	skip_blanks(j);
	if (take(j, close))
		return true;
	do {
		const char *key, *key_end, *value;

		skip_blanks(j);
		key = key_end = j->at;
		if (object) {
			if (!take_string(j))
				return false;
			key_end = j->at;
			skip_blanks(j);
			if (!take(j, ':'))
				return false;
			skip_blanks(j);
		}
		value = j->at;
		if (!take_value(j, depth + 1))
			return false;
		if (depth == 0 && key_end - key == 12 && j->at - value > 2)
			note_version(j, key, value, j->at);
		skip_blanks(j);
	} while (take(j, ','));
	return take(j, close);
}

static bool take_value(struct json *j, int depth)
{
	if (j->at == j->end || depth > JSON_DEPTH)
		return false;
	switch (*j->at) {
	case '{':
	case '[':
		return take_members(j, *j->at++ == '{', depth);
	case '"':
		return take_string(j);
	case 't':
		return take_word(j, "true");
	case 'f':
		return take_word(j, "false");
	case 'n':
		return take_word(j, "null");
	default:
		return take_number(j);
	}
}

bool json_read(const char *text, size_t size, char version[VERSION_SIZE])
{
	struct json j = { text, text + size, version };
	bool valid;

	skip_blanks(&j);
	valid = take_value(&j, 0);
	skip_blanks(&j);
	return valid && j.at == j.end;
}
