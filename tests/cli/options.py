"""Every option of every command, given wrong values: tests/cli/options.sh. The commands, their options and the examples that they are
tried in come from `regesta help --json`, so that a new command is covered by its own example.
   options.py IDS    IDS: a JSON object, which id stands for each that examples have
Prints a line "ok …" for each command, or what went wrong; the last line is of all."""
import json, os, re, shlex, subprocess, sys

ids = json.load(open(sys.argv[1]))
# By what an option's value is called in the help. Where nothing is said here, the value may be any text.
WRONG = {
	"CODE": ["no-such-code", "Ä ß"], "CODE,...": ["no-such-code"], "USE,...": ["no-such-use"], "ROLE": ["no-such-role"], "ROLE,...": ["no-such-role"],
	"CC": ["XYZ"], "COUNTRY": ["XYZ"], "STUDY": ["no-such-study", "NO STUDY"], "SITE": ["NO SITE"], "SITE=ORG": ["NO SITE=charite", "berlin"],
	"ORGANISATION": ["NO ONE"], "WHO": ["NO ONE"], "WHO,...": ["NO ONE"], "ACTOR": ["nobody"], "VERSION": ["NO VERSION"],
	"TIME": ["yesterday", "2026-02-31", "2026-03-01T09:30", "0000-01-01", "10000-01-01"], "DAY": ["yesterday", "2026-02-31", "0000-01-01"],
	"MONTH": ["soon", "2026-13"], "TIME|HEIGHT": ["yesterday", "2026-02-31", "-1"],
	"FILE": ["no/such/file"], "FILE.csv": ["no/such/file"], "FILE.car": ["no/such/file"], "FOLDER": ["no/such/folder/at/all"], "REQUEST": ["no/such/file"],
	"FILE|FOLDER": ["no/such/folder/at/all"],
	"FILE:VERSION:LANG:AUDIENCE": ["form.pdf", "no/such/file:1:de:adult", "form.pdf:1:de:no-such-audience"],
	"NUMBER": ["P-999"], "N": ["many", "-1", "99999999999999999999"], "HEX": ["xyz", "ab"], "BURST:REFILL": ["5", "0:1", "x:y", "5:-1"],
	"ID": ["zz", "0123456789abcdef"], "EVENT": ["zz", "0123456789abcdef"], "ITEM": ["zz", "0123456789abcdef#0"],
	"WHO[:MEANS[:DAY]]": ["nobody", "self:no-such-means", "self:paper:2026-02-31"], "WHO:DAY:MEANWHILE:AFTERWARDS": ["x", "adults:2026-02-31:continue:continue"],
	"KIND": ["no.such"], "REFERENCE=WHO": ["x"], "limits|exception": ["neither"],
}
# What is right although it looks wrong, with the reason.
RIGHT = {
	("*", "system"): "any token names a system",
	("*", "committee"): "any token names a committee",
	("*", "disease"): "any text names a disease",
	("participant link", "other-study"): "it may be another ledger's",
	("organisation request", "organisation"): "any code may be a newcomer's",
	("contract propose", "study"): "the contract is compiled first",
	("prove consent", "output"): "the answer comes first",
	("recover", "last-checkpoint"): "that the keys are in use comes first",
	("recover", "receipt"): "that the keys are in use comes first",
}
# Words of examples that mean something else here.
OTHER = {
	"participant enrol": {"P-001": "P-101", "P-002": "P-102"}, "key new": {"charite/dm1": "charite/new1"}, "key request": {"charite/dm1": "charite/new1"},
	"participant link": {"5f1d...": "5f" * 32}, "dataset freeze": {"9c1e…#2": "3f2a91c07d11#0"},
	"data hold": {"lyon/dm1": "charite/admin"}, "audit": {"copy-of-ledger/": "ledger"}, "restore": {"ledger/": "restored"},
}
OUTPUTS = {"output", "receipt", "request", "svg"}
# Options of many commands: all values once, and then one value a command, in turn.
COMMON = ["when", "capacity", "on-behalf-of", "meaning", "reason", "reason-text", "receipt"]
CODES = {2, 3, 4, 6, 8}

def run(arguments):
	done = subprocess.run(["regesta"] + arguments, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
	return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")

def entries():
	return json.loads(run(["show", "ledger", "--json"])[1])["size"]

def example_of(command):
	"""The first example's words without `regesta COMMAND`, with ids that are there; None if there is none."""
	for line in command["examples"]:
		if not line.startswith("regesta " + command["command"]) or "|" in line or "$(" in line or "<(" in line:
			continue
		words = shlex.split(re.sub(r"\s+#\s.*$", "", line))[1 + len(command["command"].split()):]
		if ">" in words:
			words = words[:words.index(">")]
		words = [OTHER.get(command["command"], {}).get(word, word) for word in words]
		for before, word in zip([""] + words, words):
			if re.fullmatch(r"[a-z0-9-]+\.[a-z]+", word.split(":")[0]) and before.lstrip("-") not in OUTPUTS and not os.path.exists(word.split(":")[0]):
				open(word.split(":")[0], "w").write(word)
		return [re.sub(r"^[0-9a-f]{12}(?=$|#)", lambda m: ids.get(command["command"], ids["item"]), word) for word in words]
	return None

def without(words, options, name):
	out, skip = [], False
	for word in words:
		if skip:
			skip = False
			continue
		if word == "--" + name:
			skip = options[name].get("value") is not None
			continue
		out.append(word)
	return out

def names(text, option, value):
	"""The sentence says which option, or which member, or what was given."""
	spellings = [option, option.replace("-", "_"), option.replace("-", " ")]
	return any(spelling in text for spelling in spellings) or (value != "" and value.split("#")[0].split("/")[0] in text)

help = json.loads(run(["help", "--json"])[1])
size, tried, faults, turn = entries(), 0, [], 0
all_common = True
for command in help["commands"]:
	name = command["command"]
	if name in ("help", "init"):
		continue
	options = {option["option"]: option for option in command["options"]}
	base, mine = example_of(command), 0
	for option, about in options.items():
		meta = about.get("value")
		if meta is None:
			cases = [[f"--{option}=yes"]]
		else:
			values = (["form.pdf/below-a-file"] if option in OUTPUTS else WRONG.get(meta, [])) + [""]
			if option in COMMON:
				values = values if all_common else [values[turn % len(values)]]
				turn += 1
			cases = [[f"--{option}", value] for value in values]
		if ("*", option) in RIGHT or (name, option) in RIGHT:
			cases = [case for case in cases if case[-1] == ""]
		for case in cases:
			words = name.split() + without(base or [], options, option) + case
			code, out, err = run(words)
			tried, mine = tried + 1, mine + 1
			sentences = [line for line in err.splitlines() if re.match(r"regesta[ :]", line)]
			shown = " ".join(shlex.quote(word) for word in words)
			if code not in CODES and not (option in OUTPUTS and code in {7, 9}):
				faults.append(f"exit code {code}: regesta {shown}\n    {err.strip()[-200:]}")
			elif len(sentences) != 1:
				faults.append(f"{len(sentences)} sentences: regesta {shown}\n    {err.strip()[-200:]}")
			elif base is not None and not names(sentences[0], option, case[-1]):
				faults.append(f"the option is not named: regesta {shown}\n    {sentences[0]}")
	if options and any(option in COMMON for option in options):
		all_common = False
	now = entries()
	if now != size:
		faults.append(f"{name}: something was recorded")
		size = now
	if mine:
		print(f"ok {name}: {mine} wrong values" + ("" if base is not None else " (it has no example: that an option is named is not looked at)"))
for fault in faults:
	print("FAILED " + fault)
print(f"{tried} wrong values, {len(faults)} faults")
sys.exit(1 if faults else 0)
