# Makes of polypresence.pot what src/wire/catalogue.c includes: [TEXT_ID] = "English", a line each.
# Strings of .po files are written as those of C are.

function quoted(line) {
	sub(/^[^"]*"/, "", line)
	sub(/"[^"]*$/, "", line)
	return line
}

function entry() {
	if (id != "")
		printf "[TEXT_%s] = \"%s\",\n", id, text
	id = text = part = ""
}

BEGIN { print "/* Made by po/catalogue.awk of po/polypresence.pot. */" }
/^msgctxt / { entry(); id = quoted($0); part = "id" }
/^msgid / { if (part == "") entry(); text = quoted($0); part = "text" }
/^msgstr / { part = "other" }
/^"/ { if (part == "text") text = text quoted($0) }
END { entry() }
