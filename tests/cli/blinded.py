#!/usr/bin/env python3
"""Can somebody who reads a node, without keys and without the register, tell the arms of a blinded study apart?

    blinded.py write FOLDER COUNT [leaking]     documents of COUNT participants, and lists to submit them by
    blinded.py guess FOLDER LEDGER LOG REFS [plain]
                                                guesses each participant's arm from what a node has: the copied folder
                                                LEDGER and LOG, which `regesta log --json` printed there. FOLDER/arms.csv
                                                and REFS (`regesta participant list --json`) are looked at to train
                                                on one half of the participants and to judge the guesses about the other.

Arms are drawn by coin, so that whoever knows nothing guesses each right with probability 1/2, whatever the others' arms
are: the number of right guesses is binomial, exactly. One line is printed for each set of features:

    SET known|nothing RIGHT OF

known: a classifier was right so often that chance does it once in ten million times. With `plain`, the lengths are those of the
documents before they were sealed.
"""
import base64
import csv
import datetime
import json
import math
import os
import random
import sys

CHANCE = 1e-7
WAVES = ["kit", "visit1", "visit2", "visit3"]
EVENTS = ["nausea, mild, resolved without treatment", "headache after the second dose, paracetamol given", "dizziness on standing up",
          "rash on both forearms, seen by a dermatologist", "tiredness in the afternoon"]
SHORT_MAX = 1016  # what docs/formats/payload.md pads to one length


# ---- The study ----------------------------------------------------------------


def kit(verum, rng):
    if verum:
        return f"kit KIT-{rng.randrange(10000):04}: verum, 40 mg, batch {rng.choice(['A17', 'A18'])}, store at 2 to 8 degrees\n"
    return f"kit KIT-{rng.randrange(10000):04}: placebo\n"


def visit(verum, rng):
    """What a visit's form says: under verum pressure falls, and more happens to be written down."""
    lines = ["item,value,unit"]
    for item, mean in ("systolic", 128 if verum else 146), ("diastolic", 82 if verum else 91), ("pulse", 71), ("weight", 74):
        lines.append(f"{item},{rng.gauss(mean, 6):.0f},")
    for _ in range(rng.choice([1, 2, 2, 3] if verum else [0, 0, 1])):
        lines.append("adverse event," + rng.choice(EVENTS) + ",")
    return "\n".join(lines) + "\n"


def write(folder, count, leaking):
    """leaking: all that docs/threat-model.md warns of. Long documents, documents of their own, days and order depend on the arm."""
    rng = random.Random(20261122)
    numbers = [f"P-{i:04}" for i in range(1, count + 1)]
    verum = {number: rng.random() < 0.5 for number in numbers}
    os.makedirs(os.path.join(folder, "documents"))
    with open(os.path.join(folder, "arms.csv"), "w", encoding="utf-8") as out:
        out.writelines(f"{number},{int(verum[number])}\n" for number in numbers)
    for at, wave in enumerate(WAVES):
        rows = []
        for number in numbers:
            arm = verum[number]
            documents = [kit(arm, rng) if wave == "kit" else visit(arm, rng)]
            day = datetime.date(2026, 1, 10) + datetime.timedelta(days=28 * at + rng.randrange(-3, 4))
            if leaking and wave == "visit2":
                documents[0] += "diary\n" + "slept well, no complaints\n" * (rng.randrange(160, 220) if arm else rng.randrange(90, 150))
            elif leaking and wave == "visit3":
                documents += ["adverse event form\n"] * (rng.randrange(1, 4) if arm else 0)
                day += datetime.timedelta(days=0 if arm else 5)
            for n, document in enumerate(documents):
                assert leaking or len(document) <= SHORT_MAX, f"a document of {len(document)} bytes"
                name = f"documents/{wave}-{number}-{n}-{'verum' if arm else 'placebo'}.txt"
                with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
                    out.write(document)
                rows.append((not arm, number, os.path.join(folder, name), day))
        if leaking and wave == "visit1":
            rows.sort()
        with open(os.path.join(folder, wave + ".csv"), "w", encoding="utf-8", newline="") as out:
            out.write("file,participant,category,collected\n")
            out.writelines(f"{path},{number},clinical,{day}\n" for _, number, path, day in rows)


# ---- What a node has -----------------------------------------------------------


def bits(data, count):
    return [data[i // 8] >> (i % 8) & 1 for i in range(count)]


def cid_digest(cid):
    text = cid[1:].upper()
    return base64.b32decode(text + "=" * (-len(text) % 8))[4:]


def files_of(ledger, cid):
    """Bytes of the ciphertext and of all that lies beside it, how many files, and when they were written."""
    place = os.path.join(ledger, "payload", f"{cid_digest(cid)[0]:02x}", cid)
    found = [os.path.join(at, name) for at, _, names in os.walk(place) for name in names]
    stats = [os.stat(path) for path in found]
    return [os.stat(os.path.join(place, "data")).st_size, sum(s.st_size for s in stats), len(stats)], min(s.st_mtime for s in stats)


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() if "T" in text else 0.0


def day(text):
    return float(datetime.date.fromisoformat(text[:10]).toordinal())


def observe(ledger, log):
    """reference -> what was seen of it, in the ledger's order."""
    with open(log, encoding="utf-8") as source:
        entries = sorted(json.load(source)["entries"], key=lambda entry: entry["index"])
    seen = {}
    for entry in entries:
        event, body = entry["event"], entry["event"]["body"]
        if event["kind"] == "participant.enrol":
            seen[body["participant"]] = {"enrolled": entry, "items": []}
        for position, item in enumerate(body.get("items", [])):
            seen[item["participant"]]["items"].append((entry, position, item))
    return seen


def features(ledger, seen, lengths):
    """name -> list of numbers. lengths: of the documents, in place of those of the ledger; None: what the ledger says."""
    enrolled, items = seen["enrolled"], seen["items"]
    first = items[:len(WAVES)]
    on_disk = [files_of(ledger, item["cid"]) for _, _, item in items]
    sizes = lengths if lengths is not None else [item["length"] for _, _, item in items]
    begun = moment(enrolled["time"])
    out = {
        "sizes": sizes[:len(WAVES)] + [sum(sizes), max(sizes)],
        "files": [n for files, _ in on_disk[:len(WAVES)] for n in files] + [sum(files[1] for files, _ in on_disk), len(json.dumps(enrolled["event"]))],
        "counts": [len(items), len({entry["index"] for entry, _, _ in items}), sum(files[2] for files, _ in on_disk)],
        "times": [moment(entry["time"]) - begun for entry, _, _ in first] + [day(item["collected"]) for _, _, item in items[-1:] + first]
        + [moment(entry["time"]) - moment(entry["event"]["claimed"]) for entry, _, _ in first] + [written - begun for _, written in on_disk[:len(WAVES)]],
        "order": [enrolled["index"]] + [entry["index"] * 256 + position for entry, position, _ in first] + [position for _, position, _ in first],
        "bits": bits(bytes.fromhex(enrolled["event"]["body"]["participant"]), 12)
        + [bit for _, _, item in first for bit in bits(cid_digest(item["cid"]), 12) + bits(bytes.fromhex(item["commitment"]), 6)],
    }
    out["all"] = [value for name in ("sizes", "files", "counts", "times", "order") for value in out[name]]
    return out


# ---- Guessing ------------------------------------------------------------------


def scale(rows, by):
    """To mean 0 and deviation 1 of the rows that are trained on."""
    means = [sum(column) / len(by) for column in zip(*by)]
    deviations = [math.sqrt(sum((v - m) ** 2 for v in column) / len(by)) or 1.0 for m, column in zip(means, zip(*by))]
    return [[(v - m) / d for v, m, d in zip(row, means, deviations)] for row in rows]


def nearest_centroid(rows, arms):
    centroids = [[sum(column) / len(of) for column in zip(*of)] for of in ([r for r, a in zip(rows, arms) if a == arm] for arm in (0, 1))]
    return lambda row: int(math.dist(row, centroids[1]) < math.dist(row, centroids[0]))


def logistic(rows, arms):
    weights, bias = [0.0] * len(rows[0]), 0.0
    for _ in range(60):
        slopes, slope = [0.02 * w for w in weights], 0.0
        for row, arm in zip(rows, arms):
            wrong = 1 / (1 + math.exp(-max(-30.0, min(30.0, bias + sum(map(lambda w, v: w * v, weights, row)))))) - arm
            slope += wrong / len(rows)
            slopes = [s + wrong * v / len(rows) for s, v in zip(slopes, row)]
        weights, bias = [w - s for w, s in zip(weights, slopes)], bias - slope
    return lambda row: int(bias + sum(w * v for w, v in zip(weights, row)) > 0)


def chance(right, of):
    """Of so many right guesses or more, by coin."""
    return sum(math.comb(of, k) for k in range(right, of + 1)) / 2 ** of


def best_guess(rows, arms):
    """(chance, right, of) of the best of both classifiers, each trained on one half and judged on the other."""
    half, results = len(rows) // 2, []
    for learn, judge in (slice(half), slice(half, None)), (slice(half, None), slice(half)):
        known, asked = scale(rows[learn], rows[learn]), scale(rows[judge], rows[learn])
        for train in nearest_centroid, logistic:
            classify = train(known, arms[learn])
            right = sum(classify(row) == arm for row, arm in zip(asked, arms[judge]))
            results.append((chance(right, len(asked)), right, len(asked)))
    return min(results)


def guess(folder, ledger, log, refs, plain):
    with open(os.path.join(folder, "arms.csv"), encoding="utf-8") as source:
        arm_of = {number: int(arm) for number, arm in csv.reader(source)}
    with open(refs, encoding="utf-8") as source:
        number_of = {p["reference"]: p["number"] for p in json.load(source)["participants"]}
    seen = observe(ledger, log)
    people = sorted(seen)  # by reference: an order that has nothing to do with anything
    if len(people) != len(arm_of) or any(len(seen[p]["items"]) < len(WAVES) for p in people):
        sys.exit("the log does not have everybody's documents")
    written = {}
    if plain:
        for name in sorted(os.listdir(os.path.join(folder, "documents"))):
            number = "-".join(name.split("-")[1:3])
            written.setdefault(number, []).append(os.stat(os.path.join(folder, "documents", name)).st_size)
    rows = [features(ledger, seen[p], written[number_of[p]] if plain else None) for p in people]
    arms = [arm_of[number_of[p]] for p in people]
    for name in rows[0]:
        p, right, of = best_guess([row[name] for row in rows], arms)
        print(name, "known" if p < CHANCE else "nothing", right, of)


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(sys.argv[2], int(sys.argv[3]), sys.argv[4:] == ["leaking"])
    else:
        guess(*sys.argv[2:6], sys.argv[6:] == ["plain"])
