import re
import string
import tomllib
from pathlib import Path

import pytest
from tests.unit.narrative_fixture import AS_OF, LEXICON, LOCALE, PROMPTS, told
from tests.unit.narrative_fixture import points as all_points

from insights.errors import BadSettings
from insights.narrative import Lexicon, Locale
from insights.narrative.claims import make
from insights.narrative.clauses import fill, phrasings
from insights.narrative.figures import Voice
from insights.narrative.lexicon import PLACES
from insights.narrative.pieces import tokens

# Every word of the lexicon by what it is. A word that is not here has not been judged, and fails.
CLASSES = {
    "article": "a an the",
    "preposition": "alongside as at behind beside by for from in next of off on to with",
    "conjunction": "and while",
    "pronoun": "here it that these things this where your own",
    "log": "chart data detail entries entry figures insight log picture points source text training",
    "telling": (
        "background caution caveat context footnote interest look mention moment note notes point reference side stage "
        "summary time view way word words"
    ),
    "verb": (
        "add are be begin come holds is keep keeping keeps listed noting put read round say says show shows stand "
        "stands start taken"
    ),
    "adverb": "also now plain plainly together",
    "adjective": "brief main short worth",
    "record": "fresh latest mark new newest record",
    "praise": "celebrating done fine good news nice proud solid strong welcome work",
    "idiom": "same well",  # "at the same time", "as well", "well done"
}
CLASS_OF = {word: name for name, words in CLASSES.items() for word in words.split()}
WORDS = {entry.phrase: re.findall(r"[^\W\d_]+", entry.phrase.lower()) for entry in LEXICON.entries}

# What no entry may say. Best effort; the classes above are what holds.
DENIED = {
    "negation": "no not never none nothing neither nor without hardly barely cannot isn't don't",
    "modal": "can could may might must shall should will would ought need",
    "hedge": "maybe perhaps possibly probably likely about around roughly almost nearly seems appears somewhat rather",
    "quantifier": "all any both each every few half least less many more most much several some whole",
    "number": "one two three four five six seven eight nine ten first second third once twice double single pair dozen",
    "unit": "kg lb kilo kilos kilogram pound pounds percent rep reps set sets week weeks day days month months session",
    "direction": "up down rise rising rose fall falling fell gained lost increase decrease grow grew drop soared",
    "comparison": "than better best worse worst above below beyond higher lower faster stronger compared versus",
    "cause": "because so since thus therefore hence due thanks why cause caused leads led reason result",
    "condition": "if unless when whether provided assuming suppose",
    "question": "who what which how does did do",
    "belief": "hope wish think believe expect feel guess suggest suggests predict future soon",
    "health": "pain injury injured rest recover sleep sick doctor protein creatine diet medicine",
}


def test_the_list_is_of_the_agreed_size_and_holds_nothing_twice() -> None:
    assert 200 <= len(LEXICON.entries) <= 300
    assert len({(entry.place, entry.phrase) for entry in LEXICON.entries}) == len(LEXICON.entries)
    assert {entry.place for entry in LEXICON.entries} == set(PLACES)


@pytest.mark.parametrize("phrase", WORDS)
def test_every_word_is_classified_and_denied_nowhere(phrase: str) -> None:
    for word in WORDS[phrase]:
        assert word in CLASS_OF, f"{word!r} of {phrase!r} is not classified"
        assert not [name for name, words in DENIED.items() if word in words.split()]
    assert set(phrase) <= set(string.ascii_letters + " ,;:.")


def test_classes_are_used_and_no_word_has_two() -> None:
    used = {word for words in WORDS.values() for word in words}
    listed = [word for words in CLASSES.values() for word in words.split()]
    assert len(listed) == len(set(listed))
    assert {CLASS_OF[word] for word in used} == set(CLASSES)


@pytest.mark.parametrize("entry", LEXICON.entries, ids=lambda e: f"{e.place}-{e.phrase}")
def test_entries_have_the_shape_of_their_place_and_the_flags_of_their_words(entry) -> None:  # type: ignore[no-untyped-def]
    classes = {CLASS_OF[word] for word in WORDS[entry.phrase]}
    match entry.place:
        case "opener":
            assert entry.phrase[-1] in ",:" and entry.phrase[0].islower()
        case "noun_opener":
            assert entry.phrase[-1] == ":" or re.search(r" (is|shows?|holds)$|^here is$", entry.phrase)
        case "closing":
            assert entry.phrase[-1] == "." and entry.phrase[0].isupper()
        case _:
            assert entry.phrase[-1] not in ".:,"
    if "praise" in classes:
        assert entry.needs == "positive"
    if "record" in classes and entry.needs != "positive":
        assert entry.needs in {"record", "newest", "latest"}
    if {"latest", "newest"} & set(WORDS[entry.phrase]):
        assert entry.needs in {"newest", "latest"}
    if "same" in WORDS[entry.phrase]:
        assert entry.phrase == "at the same time,"


def test_no_word_is_the_name_of_an_exercise() -> None:
    folder = Path(__file__).parents[2] / "sql" / "catalogue"
    lifts = [lift for file in sorted(folder.glob("*.toml")) for lift in tomllib.loads(file.read_text()).get("lift", [])]
    names = {name.lower() for lift in lifts for name in (lift["name"], *lift.get("aliases", []))}
    assert len(names) > 200
    for phrase in WORDS:
        assert phrase.lower().strip(" .,:;") not in names
    assert not {word for words in WORDS.values() for word in words} & names


@pytest.mark.parametrize(
    "line", ["opener", "opener | a | b | c", "verse | for now,", "opener |  ", "opener | x, | maybe"]
)
def test_a_line_that_is_no_entry_is_named(line: str) -> None:
    with pytest.raises(BadSettings, match="line 2"):
        Lexicon.parse(f"# a comment\n{line}\n")


def test_the_rule_narrator_says_only_what_is_listed() -> None:
    for key, options in LOCALE.plans.items():
        for text in options:
            if key.startswith("joiner"):
                assert LEXICON.find("joiner", text)
            else:
                assert not text or (LEXICON.find("opener", text) and text[0].isupper())
    for closing in LOCALE.closings:
        assert LEXICON.find("closing", closing)


# The roles that claims give, as the locale may name them.
ROLES = {role for insight in told(all_points()) for claim in insight.claims for role, _ in claim.facts}


@pytest.mark.parametrize(("metric", "direction"), LOCALE.clauses)
def test_a_clause_holds_words_and_slots_and_no_figure_of_its_own(metric: str, direction: str) -> None:
    clause = LOCALE.clauses[metric, direction]
    for form in (clause.named, clause.again, clause.it, clause.noun):
        for text in form:
            literal = re.sub(r"\{[a-z]+(\.[a-z]+)?\}", "", text)
            assert not re.search(r"[\d{}<>]|1RM", literal)
            assert not tokens(text)
            assert not literal.rstrip().endswith(".")
            assert text[0].islower() or text[0] == "{"
            assert not text.startswith("{lift}")
            assert set(re.findall(r"\{([a-z]+)", text)) <= ROLES | {"lift", "entity"}
            assert all(text.count("{" + slot + "}") <= 1 for slot in ("value", "change", "ratio", "one"))
            assert not {"change", "ratio"} & set(re.findall(r"\{([a-z]+)(?:\}|\.size)", text)) or "{value" not in text


def test_every_claim_of_a_full_log_can_be_written_in_every_phrasing() -> None:
    written = 0
    for insight in told(all_points()):
        for claim in insight.claims:
            clause = LOCALE.clauses[claim.metric, claim.direction]
            for again in (True, False):
                for form in ("sentence", "it", "noun"):
                    for text in phrasings(clause, form, again=again):
                        assert "{" not in fill(text, claim, insight.voice, capital=True).text.replace("{c1}", "")
                        written += 1
    assert written > 100


def test_an_unknown_slot_is_an_error() -> None:
    claim = told(all_points())[0].claims[0]
    with pytest.raises(KeyError):
        fill("{luck}", claim, Voice(LOCALE, "kg", AS_OF), capital=False)
    with pytest.raises(KeyError):
        fill("{value.colour}", claim, Voice(LOCALE, "kg", AS_OF), capital=False)
    assert make("compare", "x", "up", []).confidence == 1.0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('code = "en"', ""),
        ('"December"]', "]"),
        ("[clauses.", "[clauses"),
        ("named = [", "names = ["),
        ("[units]", "[unit]"),
    ],
)
def test_a_locale_that_lacks_something_is_refused(old: str, new: str) -> None:
    text = (PROMPTS / "locale" / "en.toml").read_text()
    assert old in text
    with pytest.raises(BadSettings):
        Locale.parse(text.replace(old, new))
