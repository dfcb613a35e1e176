from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.integration import browser

from insights.report import page

HOSTILE = '<script>document.title = "taken"</script><img src=x onerror="document.title=\'taken\'">{{ 7 * 7 }} {c1}'
HEADINGS = ["Insights", "Estimated 1RM", "Weekly volume", "What counted, and what did not"]
MONDAY = date(2025, 1, 6)
LIFTS = ("Squat (Barbell)", HOSTILE, "A name that is far too long for any panel of any chart on any screen")


def own_chart(mark: str) -> dict[str, Any]:
    weeks = [{"week": (MONDAY + timedelta(weeks=i)).isoformat(), "sets": 10 + i % 7} for i in range(12)]
    x = {"field": "week", "type": "ordinal", "axis": {"labelAngle": 0, "labelOverlap": True}}
    return {
        "data": {"values": weeks},
        "mark": mark,
        "encoding": {"x": x, "y": {"field": "sets", "type": "quantitative"}},
    }


def long_names() -> dict[str, Any]:
    names = ("anterior deltoids", "latissimus dorsi", "rectus abdominis", "gastrocnemius and soleus")
    y = {"field": "muscle", "type": "nominal", "title": "Muscle"}
    return {
        "data": {"values": [{"muscle": name, "sets": 9 + i} for i, name in enumerate(names)]},
        "mark": "bar",
        "encoding": {"y": y, "x": {"field": "sets", "type": "quantitative", "title": "Hard sets a week"}},
    }


def insight(title: str, chart: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": title,
        "description": f"{HOSTILE} and {'longword' * 30}",
        "chart_data": chart,
        "insight_category": "progress",
        "confidence_score": 0.5,
        "supporting_data_ids": [1, 2],
        "generator": "rules",
        "model": None,
    }


def contents(weeks: int = 60) -> page.Contents:
    days = [MONDAY + timedelta(weeks=i) for i in range(weeks)]
    summary = {
        "sets": 1_234_567,
        "sessions": 335,
        "tonnage": 1_960_667.25,
        "logged_tonnage": 1_964_741.75,
        "verdicts": {"tonnage": {"counted": 4703, "warmup": 3}},
        "unmatched_sets": 3,
        "unmatched_exercises": {HOSTILE: 3},
    }
    return page.Contents(
        title=f"Training report: {HOSTILE}",
        as_of=days[-1],
        units="lb",
        insights=[
            insight("A record in the Squat", own_chart("bar")),
            insight(HOSTILE, own_chart("line")),
            insight("What each muscle did", long_names()),
        ],
        lifts=[
            {"lift": lift, "day": day, "estimate_kg": 80 + i, "confidence": 0.5}
            for lift in LIFTS
            for i, day in enumerate(days)
        ],
        weeks=[{"week": day, "tonnage_kg": 20_000.0, "hard_sets": 60} for day in days if day.day > 7],
        summary=summary,
        verdicts_glossary={"warmup": "warm-ups prepare"},
    )


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[browser.Page, Path]]:
    chromium = browser.program()
    if chromium is None:
        pytest.skip("there is no Chromium on this machine: the page is not looked at")
    folder = tmp_path_factory.mktemp("browser")
    file = folder / "report.html"
    file.write_text(page.render(contents()), encoding="utf-8")
    with browser.browsing(chromium, folder / "profile") as opened:
        yield opened, file


@pytest.mark.parametrize("width", [900, 390])
def test_a_browser_shows_every_chart_inside_the_screen(shown: tuple[browser.Page, Path], width: int) -> None:
    opened, file = shown
    opened.open(file, width=width)
    assert opened.ask("[...document.querySelectorAll('h2')].map(h => h.textContent)") == HEADINGS
    boxes = opened.ask(
        "[...document.querySelectorAll('svg')].map(s => s.getBoundingClientRect())"
        ".filter(b => b.width).map(b => [b.left, b.right, b.height, b.width])"
    )
    assert len(boxes) == 3 + 2
    for left, right, height, wide in boxes:
        assert left >= 0 and right <= width
        assert height > 100 and wide > 250
    assert opened.ask("document.documentElement.scrollWidth") <= width
    smallest = opened.ask(
        "Math.min(...[...document.querySelectorAll('svg')].filter(s => s.getBoundingClientRect().width)"
        ".map(s => s.getBoundingClientRect().width / s.viewBox.baseVal.width))"
    )
    assert smallest > 0.8  # a drawing that is shrunk further has letters that nobody can read


OVERLAPS = """
    [...document.querySelectorAll('svg')].filter(s => s.getBoundingClientRect().width).flatMap(s => {
        const words = [...s.querySelectorAll('text')].filter(t => t.textContent && t.getAttribute('opacity') !== '0')
        const boxes = words.map(t => t.getBoundingClientRect())
        return words.flatMap((t, i) => words.slice(0, i).filter((_, j) =>
            boxes[i].left < boxes[j].right - 1 && boxes[j].left < boxes[i].right - 1 &&
            boxes[i].top < boxes[j].bottom - 1 && boxes[j].top < boxes[i].bottom - 1
        ).map(other => `${t.textContent} / ${other.textContent}`))
    })
"""


@pytest.mark.parametrize("width", [900, 390])
def test_no_word_of_a_chart_lies_over_another(shown: tuple[browser.Page, Path], width: int) -> None:
    opened, file = shown
    opened.open(file, width=width)
    assert opened.ask(OVERLAPS) == []


@pytest.mark.parametrize("width", [900, 390])
def test_what_users_wrote_stays_text_and_nothing_is_fetched(shown: tuple[browser.Page, Path], width: int) -> None:
    opened, file = shown
    opened.open(file, width=width)
    assert opened.ask("document.title") == f"Training report: {HOSTILE}"
    assert opened.ask("document.querySelectorAll('script, img, iframe, link').length") == 0
    assert opened.ask("[...document.querySelectorAll('h3')].map(h => h.textContent)")[1] == HOSTILE
    assert opened.complaints == []


def test_a_week_without_training_is_drawn_as_none() -> None:
    weeks = [{"week": MONDAY + timedelta(weeks=i), "tonnage_kg": 1000.0, "hard_sets": 9} for i in (0, 1, 3)]
    drawn = page.volume_chart(weeks, "kg")
    rows = next(iter(drawn["datasets"].values()))
    assert [row["hard_sets"] for row in rows] == [9, 9, 0, 9]


@pytest.mark.parametrize("weeks", [1, 2, 520])
def test_any_length_of_a_log_can_be_drawn(weeks: int) -> None:
    assert page.render(contents(weeks)).count("<svg") == 10 - (weeks == 1) * 2
