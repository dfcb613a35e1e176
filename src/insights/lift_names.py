"""How lifters and apps spell a lift, brought to one form: "DB Bench-Press (flat)" and "Flat Dumbbell Bench Presses".

Two forms of a title. `plain` only evens out case, accents, punctuation and spaces; it identifies a lifter's own name.
`words` goes on to spellings, abbreviations and plurals, and forgets the order; it is what the catalogue matches on.
Nothing here is a guess: every rule maps spellings that always mean the same, so no word that changes a lift is lost.
"""

import re
import unicodedata

# Signs that stand inside a word and leave no gap: "farmer's", "pull-up" (hyphens become gaps, joined again below).
_SILENT = re.compile(r"['’`´]")
_GAPS = re.compile(r"[\W_]+")
_ACCENTS = re.compile("[\u0300-\u036f]")  # combining marks of Latin, Greek, Cyrillic; others carry meaning

# Compounds that are written as one word, with a hyphen, or apart.
_COMPOUNDS = {
    "push up": "pushup", "pull up": "pullup", "chin up": "chinup", "sit up": "situp", "step up": "stepup",
    "muscle up": "muscleup", "press up": "pressup", "warm up": "warmup", "warming up": "warmup",
    "cool down": "cooldown",
    "pull down": "pulldown", "push down": "pushdown", "press down": "pressdown", "pull over": "pullover",
    "pull through": "pullthrough", "pull apart": "pullapart", "cross over": "crossover", "kick back": "kickback",
    "dead lift": "deadlift", "skull crusher": "skullcrusher", "face pull": "facepull", "dumb bell": "dumbbell",
    "bar bell": "barbell", "kettle bell": "kettlebell", "pec deck": "pecdeck", "pec dec": "pecdeck",
    "peck deck": "pecdeck", "t bar": "tbar", "v bar": "vbar", "ez bar": "ezbar", "e z bar": "ezbar",
    "easy bar": "ezbar", "ez curl bar": "ezbar", "ez barbell": "ezbar", "iso lateral": "isolateral",
    "bent over": "bentover", "cross body": "crossbody", "stiff leg": "stiffleg", "straight leg": "straightleg",
    "straight arm": "straightarm", "wood chop": "woodchop", "wood chopper": "woodchopper", "get up": "getup",
    "jack knife": "jackknife", "med ball": "medicineball", "medicine ball": "medicineball", "body weight": "bodyweight",
    "ski erg": "skierg", "stair master": "stairmaster", "plate loaded": "plateloaded", "roll out": "rollout",
    "hand stand": "handstand", "good morning": "goodmorning", "benchpress": "bench press",
}  # fmt: skip

# Phrases and abbreviations with one meaning in a training log.
_SYNONYMS = {
    "smith machine": "smith", "cable machine": "cable", "trap bar": "trapbar", "hex bar": "trapbar",
    "safety squat bar": "safetybar", "safety bar": "safetybar", "ssb": "safetybar",
    "swiss ball": "swissball", "stability ball": "swissball", "exercise ball": "swissball", "gym ball": "swissball",
    "with band": "withband", "with resistance band": "withband",  # on top of the weight: not a lift against a band
    "resistance band": "band", "banded": "band", "trx": "suspension", "suspension trainer": "suspension",
    "db": "dumbbell", "dumbell": "dumbbell", "bb": "barbell", "kb": "kettlebell", "bw": "bodyweight", "ez": "ezbar",
    "one arm": "singlearm", "1 arm": "singlearm", "single arm": "singlearm", "single armed": "singlearm",
    "one armed": "singlearm", "single hand": "singlearm", "one handed": "singlearm", "single handed": "singlearm",
    "one leg": "singleleg", "1 leg": "singleleg", "single leg": "singleleg", "single legged": "singleleg",
    "one legged": "singleleg", "stiff legged": "stiffleg", "straight legged": "straightleg",
    "close grip": "closegrip", "narrow grip": "closegrip", "wide grip": "widegrip", "neutral grip": "neutralgrip",
    "medium grip": "mediumgrip", "reverse grip": "reversegrip", "underhand grip": "underhand",
    "overhand grip": "overhand", "pronated grip": "overhand", "supinated grip": "underhand", "supinated": "underhand",
    "ohp": "overhead press", "rdl": "romanian deadlift", "sldl": "stiffleg deadlift", "cgbp": "closegrip bench press",
    "bss": "bulgarian split squat", "alternate": "alternating", "alt": "alternating", "sitting": "seated",
    "laying": "lying", "flye": "fly", "calves": "calf", "abdominal": "ab",
}  # fmt: skip

# Words that say nothing about the lift. "to", "on", "from", "no" and "without" do and stay.
_FILLERS = frozenset({"a", "an", "the", "with", "w", "in", "of", "and", "using", "for", "at", "by"})

# "high to low" and "low to high" are two lifts: what stands around "to" keeps its order.
_TO = re.compile(r"(\w+) to (\w+)")

_PLURALS = re.compile(r"(?<=ss|ch|sh)es$|(?<=x)es$")


def plain(title: str) -> str:
    """The title in lower case without accents and punctuation, single-spaced: "Jalón  al-pecho" -> "jalon al pecho".

    A title of signs alone stays as it is, so that two different ones remain different. The ids of lifters' own lifts
    derive from this form: a change here would part them from their past.
    """
    text = unicodedata.normalize("NFKD", title).casefold()
    text = unicodedata.normalize("NFC", _ACCENTS.sub("", text))
    text = _GAPS.sub(" ", _SILENT.sub("", text)).strip()
    return text or title.strip()


def words(title: str) -> frozenset[str]:
    """The words that make the lift, in one spelling each, without order: "DB Flyes (Flat)" -> {dumbbell, fly, flat}."""
    text = " ".join(_singular(word) for word in plain(title).split())
    text = _replace(_SYNONYM_PATTERN, _SYNONYM_BY_PHRASE, _replace(_COMPOUND_PATTERN, _COMPOUND_BY_PHRASE, text))
    return frozenset(_TO.sub(r"\1-to-\2", text).split()) - _FILLERS


def _singular(word: str) -> str:
    if len(word) <= 2 or word in {"calves", "bss"}:
        return word
    if _PLURALS.search(word):
        return word[:-2]
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us")) else word


def _replace(pattern: re.Pattern[str], by_phrase: dict[str, str], text: str) -> str:
    return pattern.sub(lambda found: by_phrase[found.group()], text)


def _phrases(rules: dict[str, str]) -> tuple[re.Pattern[str], dict[str, str]]:
    """One pattern of whole words for all phrases of a table, longest first, with the table it looks up."""
    singular = {" ".join(_singular(word) for word in phrase.split()): form for phrase, form in rules.items()}
    longest_first = sorted(singular, key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(map(re.escape, longest_first)) + r")\b"), singular


_COMPOUND_PATTERN, _COMPOUND_BY_PHRASE = _phrases(_COMPOUNDS)
_SYNONYM_PATTERN, _SYNONYM_BY_PHRASE = _phrases(_SYNONYMS)
