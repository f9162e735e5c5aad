#!/usr/bin/env python3
"""A language in which every message shows that it is one: each run of text between the conversions stands in «guillemets».

    pseudo.py catalogue TEMPLATE            the catalogue of that language, on standard output
    pseudo.py check TEMPLATE WORDS LOG ...  what a person was shown in it, outside the guillemets: exit 1 and the lines in which
                                            words of the messages' own vocabulary stand there; WORDS: words that are names and codes
"""
import re
import sys

CONVERSION = r"%(?:[-+0-9.*# ]|\d+\$)*(?:<PRI\w+>|(?:hh|h|ll|l|z)?[a-zA-Z%])"
# The C library's messages are in its own catalogues, REDCap's actions are data, and what the compiler of contracts says is in English, as contracts are.
FOREIGN = r"No such file or directory|\w+\.contract:\d+:\d+: .*|(?:Create|Update|Delete|Lock|Manage)[ /]\w+"
ENTRY = re.compile(r'^(msgid|msgid_plural|msgstr(?:\[\d\])?) (".*")$')


def entries(path):
    entry, last = {}, None
    for line in open(path, encoding="utf-8"):
        line = line.rstrip("\n")
        found = ENTRY.match(line)
        if found:
            if found[1] == "msgid" and entry:
                yield entry
                entry = {}
            last = found[1]
            entry[last] = found[2][1:-1]
        elif line.startswith('"'):
            entry[last] += line[1:-1]
    if entry:
        yield entry


def marked(text):
    """Blanks and line ends at the edges stay outside, as the columns of a page need them."""
    parts = re.split(f"({CONVERSION}|(?<!\\\\)\\\\n)", text)
    return "".join(part if i % 2 or not re.search("[A-Za-z]", part) else re.sub(r"^(\s*)(.*?)(\s*)$", r"\1«\2»\3", part) for i, part in enumerate(parts))


def catalogue(template):
    print('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"\n')
    for entry in entries(template):
        if entry["msgid"] == "":
            continue
        if entry["msgid"] == "en":
            print('msgid "en"\nmsgstr "qq"\n')
        elif "msgid_plural" in entry:
            print(f'#, c-format\nmsgid "{entry["msgid"]}"\nmsgid_plural "{entry["msgid_plural"]}"')
            print(f'msgstr[0] "{marked(entry["msgid"])}"\nmsgstr[1] "{marked(entry["msgid_plural"])}"\n')
        else:
            # Without the flag, msgfmt would not know %<PRIu64>.
            flag = "#, c-format\n" if re.search(CONVERSION, entry["msgid"]) else ""
            print(f'{flag}msgid "{entry["msgid"]}"\nmsgstr "{marked(entry["msgid"])}"\n')


def words_of(text):
    return re.findall(r"(?<![\w.:/#@=-])(?<!\w,)[A-Za-z]{2,}(?![A-Za-z])(?:'s)?(?![\w:/#@=-]|[.,]\w)", text)


def check(template, names, logs):
    vocabulary = set()
    for entry in entries(template):
        for text in entry["msgid"], entry.get("msgid_plural", ""):
            vocabulary.update(words_of(re.sub(CONVERSION, " ", text.replace("\\n", " "))))
    vocabulary -= set(open(names, encoding="utf-8").read().split())
    bad = set()
    for log in logs:
        for line in open(log, encoding="utf-8", errors="replace"):
            # Quoted, between backquotes, or after hyphens and the like: what somebody typed, or may type.
            shown = re.sub(r"^[^\t]*\t(?:regesta(?: [a-z-]+)*: )?", "", line)
            shown = re.sub(FOREIGN + r"|\"[^\"«]*«\"", "«", shown)
            shown = re.sub(r"(?:[\"`#/=-]|`[^»`]*)»[^«]*", "» ", shown)
            rest = re.sub(r"«[^»]*»|\x1b\[\d+m|`[^`]*`|\"[^\"]*\"", " ", shown)
            if any(word in vocabulary for word in words_of(rest)):
                bad.add(line.rstrip("\n"))
    for line in sorted(bad):
        print(line)
    return 1 if bad else 0


if __name__ == "__main__":
    if sys.argv[1] == "catalogue":
        catalogue(sys.argv[2])
    else:
        sys.exit(check(sys.argv[2], sys.argv[3], sys.argv[4:]))
