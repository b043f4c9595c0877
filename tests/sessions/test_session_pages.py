"""Agenda, draw, presentations, cards and retrospective of a small book, used mostly from the keyboard."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Locator, Page, expect

from tests.browser.conftest import SITE
from tests.browser.test_interaction import FORBIDDEN, FULL
from tests.browser.test_pages import COLOR_RULES, PHONE, Visit
from tests.site import session_book
from tools.browser import serve

MONDAY, WEDNESDAY, FRIDAY, BANK, RETROSPECTIVE = (
    f"peer-sessions/{name}.html"
    for name in ("monday", "wednesday", "friday", "interview-questions", "retrospective")
)
TOOLS = (WEDNESDAY, FRIDAY, BANK, RETROSPECTIVE)
NAMES = ["Kim", "이지은", "Ana María", "Müller"]
KEPT = "cannot save what you do"
REFUSED = ("refused", "full")
BROKEN = "cannot be read, and is ignored"
COUNT_TONES = """
window.tones = 0;
const play = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function () { window.tones++; play.call(this); };
"""


@pytest.fixture(scope="session")
def book(tmp_path_factory) -> Iterator[str]:
    """Build the small book in the site's own theme, and serve it."""
    folder = session_book.write_book(tmp_path_factory.mktemp("sessions"))
    run = session_book.build(folder, **session_book.THEME)
    assert run.returncode == 0, run.stdout
    with serve(folder / "_build") as address:
        yield address


@pytest.fixture
def page(browser: Browser, book: str) -> Iterator[Page]:
    with browser.new_context(base_url=book, reduced_motion="reduce") as context:
        page = context.new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(error))
        yield page
        # The theme's own scripts do not expect a storage that refuses.
        assert [error for error in errors if error.message not in REFUSED] == []


@pytest.fixture
def other(browser: Browser, book: str) -> Iterator[Page]:
    """Yield a page in somebody else's browser."""
    with browser.new_context(base_url=book, reduced_motion="reduce") as context:
        yield context.new_page()


def press(place: Page | Locator, name: str) -> None:
    place.get_by_role("button", name=name, exact=True).press("Enter")


def answer(page: Page, yes: bool) -> list[str]:
    """Answer all questions the page asks from now on; return the list that collects them."""
    asked = []

    def reply(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept() if yes else dialog.dismiss()

    page.on("dialog", reply)
    return asked


def save(page: Page, button: str) -> str:
    """Press a button that saves a file; return the file's text."""
    with page.expect_download() as download:
        press(page, button)
    return Path(download.value.path()).read_bytes().decode()


def load(page: Page, label: str, *texts: str, name: str = "x") -> None:
    """Choose files with these texts."""
    files = [
        {"name": f"{name}{i}", "mimeType": "text/plain", "buffer": text.encode()}
        for i, text in enumerate(texts)
    ]
    page.get_by_label(label).set_input_files(files)


# The quiz


def test_what_was_answered_wrong_at_first_makes_a_line(page: Page):
    page.goto("chapters/one.html")
    first, second = page.locator(".question").all()
    first.get_by_label("No").check()
    press(first, "Check")
    first.get_by_label("Yes").check()
    press(first, "Check")  # right at last: it counts as wrong all the same
    second.get_by_label("2").check()
    press(second, "Check")
    page.goto(MONDAY)
    line = page.get_by_label("Your line")
    expect(line).to_have_value("one 1")
    ticks = page.get_by_label("I got it wrong")
    expect(ticks).to_have_count(3)
    ticks.nth(2).press("Space")
    ticks.nth(1).press("Space")
    expect(line).to_have_value("one 1, 2; two 1")
    assert save(page, "Save line as a file") == "one 1, 2; two 1\n"
    page.reload()
    ticks.nth(0).uncheck()
    expect(line).to_have_value("one 2; two 1")


def test_what_most_got_wrong_comes_first(page: Page):
    page.goto(MONDAY)
    lines = page.get_by_label("The lines of all")
    lines.fill("Kim: one 1, 2; two 1\n이지은: two 1\n\nOne 2 two 1, three 4\nnone")
    first = page.locator(".quiz ol li")
    expect(first).to_have_text(["two 1, wrong: 3 of 4", "one 2, wrong: 2 of 4", "one 1, wrong: 1 of 4"])
    expect(page.locator(".quiz .message:not(:empty)")).to_have_text("Not questions of this page: three 4.")
    expect(page.locator(".missed:not(:empty)")).to_have_text(
        ["wrong: 1 of 4", "wrong: 2 of 4", "wrong: 3 of 4"]
    )
    first.first.get_by_role("link").press("Enter")
    expect(page).to_have_url(re.compile("#quiz-two-1$"))
    lines.fill("")
    expect(first).to_have_count(0)
    load(page, "Import files", "one 2\n", "one 2; one 1\r\n", name="of.txt")
    expect(first).to_have_text(["one 2, wrong: 2 of 2", "one 1, wrong: 1 of 2"])


# The timer


@pytest.fixture
def timer(page: Page) -> Locator:
    """Return Monday's timer, with a clock that stands still."""
    page.clock.install(time="2030-01-07 09:00")
    page.goto(MONDAY)
    page.clock.pause_at("2030-01-07 09:01")
    return page.locator(".timer")


def line(timer: Locator) -> Locator:
    return timer.get_by_role("timer")


def status(place: Page | Locator) -> Locator:
    return place.locator("[role=status].status")


def test_the_timer_counts_down_and_announces_the_next_part(page: Page, timer: Locator):
    title = page.title()
    expect(status(timer)).to_have_text("Not started. First: Arrive, 5 min.")
    expect(line(timer)).to_have_text("5:00 left in this part, 60:00 in all")
    press(timer, "Start")
    page.clock.run_for(61_000)
    expect(status(timer)).to_have_text("Part 1 of 3: Arrive, 5 min. Next: Talk, 25 min.")
    expect(line(timer)).to_have_text("3:59 left in this part, 58:59 in all")
    expect(page).to_have_title(f"3:59 · {title}")
    expect(page.locator(".agenda li[aria-current=step]")).to_contain_text("Arrive.")
    page.clock.run_for(239_000)
    expect(status(timer)).to_have_text("Time is up for part 1 of 3. Next: Talk, 25 min.")
    expect(page).to_have_title(f"Time is up · {title}")
    expect(timer).to_have_class(re.compile("over"))
    page.clock.run_for(90_000)
    expect(line(timer)).to_have_text(
        "1:30 too long in this part, 55:00 left in all, 1 min later than planned"
    )
    press(timer, "Next part")
    expect(line(timer)).to_have_text("25:00 left in this part, 55:00 in all, 1 min later than planned")
    expect(page.locator(".agenda li[aria-current=step]")).to_contain_text("Talk.")
    press(timer, "Next part")
    page.clock.run_for(30 * 60_000)
    expect(status(timer)).to_have_text("Time is up for part 3 of 3. That was the last part.")
    expect(timer.get_by_role("button", name="Next part")).to_be_disabled()


def test_the_timer_pauses_goes_back_and_starts_anew(page: Page, timer: Locator):
    title = page.title()
    press(timer, "Start")
    page.clock.run_for(120_000)
    press(timer, "Pause")
    page.clock.run_for(600_000)
    expect(status(timer)).to_contain_text("Paused. Part 1 of 3")
    expect(line(timer)).to_contain_text("3:00 left in this part")
    expect(page).to_have_title(title)
    press(timer, "Next part")
    expect(line(timer)).to_contain_text("25:00 left in this part")
    press(timer, "Start")
    page.clock.run_for(60_000)
    press(timer, "Back")  # the minute spent on the second part still counts
    expect(line(timer)).to_have_text("3:00 left in this part, 57:00 in all")
    asked = answer(page, True)
    press(timer, "Reset")
    expect(line(timer)).to_have_text("5:00 left in this part, 60:00 in all")
    assert asked == ["Set the timer back to the start?"]


def test_the_timer_runs_on_while_the_page_is_hidden_or_loaded_anew(page: Page, timer: Locator):
    press(timer, "Start")
    page.clock.fast_forward(7 * 60_000)  # a hidden page gets one tick, not 840
    expect(line(timer)).to_contain_text("2:00 too long in this part")
    press(timer, "Next part")
    page.clock.run_for(60_000)
    page.reload()
    expect(line(timer)).to_contain_text("24:00 left in this part")
    second = page.context.new_page()
    second.goto(MONDAY)
    press(timer, "Next part")
    expect(status(second)).to_contain_text("Part 3 of 3")


def test_a_tone_is_played_only_if_it_is_wanted(page: Page):
    page.add_init_script(COUNT_TONES)
    page.clock.install(time="2030-01-07 09:00")
    page.goto(MONDAY)
    page.clock.pause_at("2030-01-07 09:01")
    sound = page.get_by_label("Play a tone")
    expect(sound).not_to_be_checked()
    press(page, "Start")
    page.clock.run_for(301_000)
    assert page.evaluate("tones") == 0
    sound.press(" ")
    press(page, "Next part")
    page.clock.run_for(26 * 60_000)
    assert page.evaluate("tones") == 1
    page.reload()
    expect(status(page)).to_contain_text("Time is up")
    assert page.evaluate("tones") == 0


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "null",
        '{"part": 9, "started": null, "spent": [0, 0, 0]}',
        '{"part": "length", "started": null, "spent": [0, 0, 0]}',
        '{"part": 0, "started": "x", "spent": [0, 0, 0]}',
        '{"part": 0, "started": null, "spent": "abc"}',
    ],
)
def test_a_timer_that_was_kept_badly_starts_anew(page: Page, text: str):
    page.goto(MONDAY)
    key = "week-of-deep-learning/agenda/peer-sessions/monday"
    page.evaluate("([key, text]) => localStorage.setItem(key, text)", [key, text])
    page.reload()
    expect(page.locator(".timer .message")).to_contain_text(BROKEN)
    press(page, "Start")
    expect(status(page)).to_contain_text("Part 1 of 3")
    page.reload()
    expect(page.locator(".timer .message")).to_have_text("")
    expect(status(page)).to_contain_text("Part 1 of 3")


# The draw


def draw(page: Page, names: str = "\n".join(NAMES)) -> None:
    page.goto(WEDNESDAY)
    page.get_by_label("Names, one").fill(names)
    press(page, "Draw")


def drawn(page: Page) -> list[str]:
    return page.locator(".drawn li").all_inner_texts()


def said(page: Page) -> Locator:
    """Return the messages of a page's box, outside the timer."""
    return page.locator(".tool:not(.timer) > .message:not(:empty)")


def test_everyone_gets_a_question_of_their_own_and_the_link_shows_the_same(page: Page, other: Page):
    draw(page, "Kim, 이지은\nAna   María;Müller\n\n")
    rows = drawn(page)
    assert [page.locator(".drawn strong").nth(i).inner_text() for i in range(4)] == NAMES
    addresses = [link.get_attribute("href") for link in page.locator(".drawn a").all()]
    assert len(set(addresses)) == 4
    expect(said(page)).to_have_text("4 questions are drawn.")
    link = page.get_by_label("Link to this draw").input_value()
    assert link == page.url
    page.reload()
    assert drawn(page) == rows
    page.goto(WEDNESDAY)  # stored in this browser
    assert drawn(page) == rows
    other.goto(link)
    assert drawn(other) == rows
    expect(said(other)).to_have_text("4 questions are drawn.")
    other.evaluate("location.hash = 'draw'")  # a link inside the page
    expect(other).to_have_url(re.compile("#draw$"))
    assert drawn(other) == rows


def test_the_link_is_sent_to_no_server(page: Page):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    draw(page)
    page.reload()
    assert asked
    assert not [url for url in asked if "Kim" in url.split("#")[0]]


def test_a_draw_is_replaced_only_after_a_question(page: Page):
    draw(page, ",".join(f"N{i}" for i in range(7)))
    before = page.url
    asked = answer(page, False)
    press(page, "Draw")
    assert page.url == before
    assert len(asked) == 1
    page.goto("about:blank")
    page.goto(WEDNESDAY + "#draw=cut")  # the stored draw is not shown
    page.get_by_label("Names, one").fill("Kim")
    press(page, "Draw")
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("", "Type a name first."),
        (" ,\n", "Type a name first."),
        ("Kim, Ana, Kim", "Two names are the same: Kim."),
        (",".join(map(str, range(31))), "more than 30 names"),
        (",".join(map(str, range(8))), "only 7 questions"),
    ],
)
def test_names_that_cannot_be_drawn_for(page: Page, names: str, message: str):
    draw(page, names)
    expect(said(page)).to_contain_text(message)
    expect(page.locator(".drawn")).to_be_hidden()


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ("#draw=x&name=Kim", "no complete draw"),
        ("#draw=&name=Kim&question=vision-1", "no complete draw"),
        ("#draw=x&name=Kim&question=vision-1&name=Kim&question=vision-2", "no complete"),
        ("#draw=x&name=Kim&question=old", "The seed no longer gives this draw"),
        ("#draw=x&name=%3Cb%3E&question=%3Cb%3E", "The seed no longer gives this draw"),
    ],
)
def test_links_that_are_old_or_cut_off(page: Page, link: str, message: str):
    page.goto(WEDNESDAY + link)
    expect(said(page)).to_contain_text(message)
    if "seed" in message:
        expect(page.locator(".drawn li")).to_contain_text("no longer in the book")
        expect(page.locator(".drawn b")).to_have_count(0)


def test_the_draw_is_fair_and_the_same_for_ever(page: Page):
    page.goto(WEDNESDAY)
    orders = page.evaluate(
        """() => Array.from({ length: 12000 }, (_, seed) =>
            course.draws.shuffle([0, 1, 2, 3], String(seed)).join(""))"""
    )
    counts = Counter(orders)
    assert len(counts) == 24
    chi_squared = sum((n - 500) ** 2 / 500 for n in counts.values())
    assert chi_squared < 50  # 23 degrees of freedom: fewer than one in a thousand exceed this
    found = page.evaluate("course.draws.shuffle([...'abcdefgh'], 'seed').join('')")
    assert found == "dbgheafc"


def test_the_link_is_copied_or_selected(page: Page):
    page.add_init_script("navigator.clipboard.writeText = async (text) => { window.copied = text; };")
    draw(page)
    press(page, "Copy link")
    expect(said(page)).to_have_text("It is copied.")
    assert page.evaluate("copied") == page.url
    page.evaluate("() => { navigator.clipboard.writeText = async () => { throw Error('no') } }")
    press(page, "Copy link")
    expect(said(page)).to_contain_text("It is selected.")
    assert page.evaluate("getSelection().toString()") == page.url


# The presentations


@pytest.fixture
def link(page: Page) -> str:
    """Return the link of Wednesday's draw."""
    draw(page)
    return page.url


def presenters(page: Page) -> list[str]:
    texts = page.locator(".presenter summary strong").all_inner_texts()
    return [text.partition(". ")[2] for text in texts]


def give(page: Page, number: int, *scores: str, note: str = "") -> None:
    """Give scores to a presenter."""
    box = page.locator(".presenter").nth(number)
    box.evaluate("fold => fold.open = true")
    for field, score in zip(box.get_by_role("combobox").all(), scores, strict=True):
        field.select_option(score)
    box.get_by_label("Note").fill(note)


def test_all_see_the_same_order(page: Page, other: Page, link: str):
    page.get_by_role("link", name="Open this draw on Friday's page").press("Enter")
    expect(page.locator(".presenter")).to_have_count(4)
    order = presenters(page)
    assert sorted(order) == sorted(NAMES)
    other.goto(FRIDAY)
    expect(other.locator(".presenter")).to_have_count(0)
    other.get_by_label("Link to Wednesday's draw").fill("https://example.org/")
    press(other, "Show")
    expect(said(other)).to_contain_text("This is not a link to a draw.")
    other.get_by_label("Link to Wednesday's draw").fill(f" {link} ")
    other.keyboard.press("Enter")
    expect(said(other)).to_contain_text("4 presentations")
    assert presenters(other) == order
    expect(other.get_by_text("no longer in the book")).to_have_count(0)
    other.get_by_label("Link to Wednesday's draw").fill("x")
    press(other, "Show")
    expect(said(other)).to_contain_text("This is not a link to a draw.")
    other.get_by_label("Link to Wednesday's draw").fill(link)
    press(other, "Show")  # the message about the other link is gone
    expect(said(other)).to_contain_text("4 presentations")


def test_the_order_is_drawn(page: Page):
    pairs = [f"name=N{i}&question=vision-{i}" for i in (1, 2, 3)]
    orders = set()
    for seed in range(12):
        page.goto("about:blank")
        page.goto(f"{FRIDAY}#draw={seed}&{'&'.join(pairs)}")
        expect(page.locator(".presenter")).to_have_count(3)
        orders.add(tuple(presenters(page)))
    assert len(orders) > 2


def test_everyone_has_time_in_turn(page: Page, link: str):
    page.clock.install(time="2030-01-11 09:00")
    page.goto(FRIDAY)
    page.clock.pause_at("2030-01-11 09:01")
    minutes = page.get_by_label("Minutes each")
    expect(minutes).to_have_value("5")
    minutes.fill("4")
    minutes.press("Tab")
    timer = page.locator(".presentations .timer")
    first, second, *_ = presenters(page)
    press(timer, "Start")
    expect(page).to_have_title(re.compile("^4:00 · "))
    minutes.fill("6")
    minutes.press("Tab")
    expect(page).to_have_title(re.compile("^6:00 · "))
    minutes.fill("4")
    minutes.press("Tab")
    expect(status(timer)).to_have_text(f"Part 1 of 4: {first}, 4 min. Next: {second}, 4 min.")
    folds = page.locator(".presenter")
    expect(folds.nth(0).get_by_label("Clear")).to_be_visible()
    page.clock.run_for(5 * 60_000)
    expect(status(timer)).to_contain_text("Time is up for part 1 of 4.")
    press(timer, "Next part")
    expect(folds.nth(0).get_by_label("Clear")).to_be_hidden()
    expect(folds.nth(1).get_by_label("Clear")).to_be_visible()
    folds.nth(1).get_by_text("Rubric", exact=True).press("Enter")
    expect(folds.nth(1).get_by_text("Strong", exact=True).first).to_be_visible()
    expect(folds.nth(1).locator("p > a")).to_have_attribute(
        "href", re.compile(r"interview-questions\.html#\w+")
    )


def test_scores_are_kept_and_exported(page: Page, link: str):
    page.goto(FRIDAY)
    note = 'A "good" answer, with\ntwo lines; 정확함'
    give(page, 0, "2", "3", "1", "", "2", note=note)
    page.reload()
    box = page.locator(".presenter").first
    box.evaluate("fold => fold.open = true")
    expect(box.get_by_label("Level in the rubric")).to_have_value("2")
    expect(box.get_by_label("Note")).to_have_value(note)
    press(page, "Export my scores")
    expect(said(page).last).to_contain_text("Type your name first")
    page.get_by_label("Your name, for your score file").fill("Bo")
    text = save(page, "Export my scores")
    assert text.startswith("\ufeff")
    head, first, *more = csv.reader(io.StringIO(text[1:], newline=""))
    assert head[:3] == ["listener", "presenter", "question"]
    order = presenters(page)
    assert first[:2] == ["Bo", order[0]]
    assert first[3:] == ["2", "3", "1", "", "2", note]
    assert [row[1] for row in more] == order[1:]


def test_no_cell_is_a_formula(page: Page):
    draw(page, "=1+1\n'-Ana")
    page.goto(FRIDAY)
    page.get_by_label("Your name, for your score file").fill("@Bo")
    for i in range(2):
        give(page, i, *"12312", note="- clear; but late")
    text = save(page, "Export my scores")
    rows = list(csv.reader(io.StringIO(text[1:], newline="")))[1:]
    assert {row[0] for row in rows} == {"'@Bo"}
    assert {row[1] for row in rows} == {"'=1+1", "''-Ana"}
    assert {row[-1] for row in rows} == {"'- clear; but late"}
    load(page, "Import all listeners' files", text)
    cells = page.locator(".means tr td:first-child")
    expect(cells).to_have_text(presenters(page))
    assert "'=1+1," in save(page, "Export the means")


def test_the_files_of_listeners_become_means(page: Page, link: str):
    page.goto(FRIDAY)
    files = []
    for name, scores in {"Bo": "33333", "Cy": "11233"}.items():
        page.get_by_label("Your name, for your score file").fill(name)
        give(page, 1, *scores, note='a, b\n"c"')
        files.append(save(page, "Export my scores"))
    order = presenters(page)
    label = "Import all listeners' files"
    load(page, label, *files, "no,scores\n", name="file")
    expect(said(page).last).to_have_text(
        "file2 has no scores from this course, and was ignored. The means of 2 listeners."
    )
    rows = page.locator(".means tr")
    assert rows.nth(2).locator("td").all_inner_texts() == [
        order[1], "2", "2.00", "2.00", "2.50", "3.00", "3.00", "2.50",
    ]  # fmt: skip
    assert rows.nth(1).locator("td").all_inner_texts()[1] == "0"
    load(page, label, files[0])  # a second time changes nothing
    expect(said(page).last).to_have_text("The means of 2 listeners.")
    expect(rows.nth(2)).to_contain_text("2.50")
    means = list(csv.reader(io.StringIO(save(page, "Export the means")[1:])))
    assert means[2][-1] == "2.50"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00\x01",
        '"',
        "listener,presenter,question\nBo,Kim,x\n",
        "listener,presenter,question,level,right,clear,measured,followups,note\nBo,Kim,x,4,,,,,\n",
        "listener,presenter,question,level,right,clear,measured,followups,note\nBo,Kim,x,1,1\n",
        "listener,presenter,question,level,right,clear,measured,followups,note\n",
        'listener,presenter,question,level,right,clear,measured,followups,note\nBo,Kim,x,1,,,,,\n"Cy,Kim',
    ],
)
def test_a_file_without_scores_is_refused(page: Page, link: str, text: str):
    page.goto(FRIDAY)
    load(page, "Import all listeners' files", text)
    expect(said(page).last).to_contain_text("x0 has no scores from this course")
    expect(page.locator(".means")).to_be_hidden()


def test_scores_are_cleared_only_after_a_question(page: Page, link: str):
    page.goto(FRIDAY)
    give(page, 0, "2", "3", "1", "1", "2", note="A note")
    replies = iter([False, True])
    page.on("dialog", lambda d: d.accept() if next(replies) else d.dismiss())
    note = page.locator(".presenter").first.get_by_label("Note")
    press(page, "Clear all scores")
    expect(note).to_have_value("A note")
    press(page, "Clear all scores")
    expect(note).to_have_value("")
    page.reload()
    expect(page.locator(".presenter").first.get_by_label("Note")).to_have_value("")


# The interview questions


def shown(page: Page) -> list[str]:
    boxes = page.locator(".interview:visible").all()
    return [box.get_attribute("id") for box in boxes]


def test_questions_are_filtered_by_topic_and_words(page: Page):
    page.goto(BANK)
    count = page.locator(".interview-tools [role=status]").first
    expect(count).to_contain_text("7 of 7 questions are shown. Of their cards, 0 are due and 7 are new.")
    page.get_by_label("Topic").select_option("Transformers")
    assert shown(page) == [f"transformers-{i}" for i in range(1, 5)]
    expect(page.get_by_role("heading", name="Vision", exact=True)).to_be_hidden()
    page.get_by_label("Words in the question").fill("OF transformers-3")
    expect(count).to_contain_text("1 of 7 questions are shown.")
    assert shown(page) == ["transformers-3"]
    page.get_by_label("Words in the question").fill("nothing like it")
    expect(count).to_contain_text("0 of 7 questions are shown.")
    press(page, "Revise with cards")
    expect(said(page).last).to_contain_text("None of these cards is due now.")
    page.evaluate("location.hash = 'vision-2'")  # a link to a question shows it
    expect(page.locator("#vision-2")).to_be_in_viewport()
    expect(count).to_contain_text("7 of 7 questions are shown.")


def turn(page: Page, rating: str) -> str:
    """Turn over the current card, rate it, and return its name."""
    dialog = page.get_by_role("dialog")
    name = dialog.locator(".interview").get_attribute("id")
    expect(dialog.get_by_text("Model answer")).to_be_hidden()
    show = dialog.get_by_role("button", name="Show answer")
    expect(show).to_be_focused()
    expect(show).to_have_accessible_description(re.compile(f"^What is {name} of"))
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("word99")).to_be_visible()
    expect(dialog.get_by_text("Strong", exact=True)).to_be_visible()
    dialog.get_by_role("button", name=rating).press("Enter")
    return name


def test_cards_come_again_when_they_are_due(page: Page):
    page.clock.install(time="2030-01-07 20:00")
    page.goto(BANK)
    page.clock.pause_at("2030-01-07 20:01")
    count = page.locator(".interview-tools [role=status]").first
    page.get_by_label("Topic").select_option("Vision")
    press(page, "Revise with cards")
    assert [turn(page, rating) for rating in ("Again", "Good", "Easy", "Good")] == [
        "vision-1",
        "vision-2",
        "vision-3",
        "vision-1",  # again, after the others
    ]
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(said(page).last).to_have_text("That was the last card for now.")
    assert shown(page) == ["vision-1", "vision-2", "vision-3"]  # back in their places
    expect(page.get_by_text("word99").first).to_be_hidden()
    expect(count).to_contain_text("0 are due and 0 are new")
    page.clock.pause_at("2030-01-08 06:00")
    page.reload()
    expect(count).to_contain_text("2 are due and 4 are new")
    page.get_by_label("Topic").select_option("Vision")
    press(page, "Revise with cards")
    expect(page.get_by_role("dialog").get_by_text("2 cards to go")).to_be_visible()
    assert turn(page, "Good") == "vision-1"
    page.keyboard.press("Escape")
    expect(page.locator(".interview:visible")).to_have_count(3)  # when it has closed
    expect(count).to_contain_text("1 are due and 0 are new")
    assert shown(page) == ["vision-1", "vision-2", "vision-3"]
    page.clock.pause_at("2030-01-09 06:00")
    page.reload()
    expect(count).to_contain_text("2 are due and 4 are new")


def cards(**rated: int) -> str:
    """Return a file of cards that were rated at some time."""
    kept = {name.replace("_", "-"): {"box": 1, "due": time, "rated": time} for name, time in rated.items()}
    return json.dumps({"course": "week-of-deep-learning", "cards": kept})


def test_cards_go_to_another_browser_and_the_newer_ones_are_kept(page: Page):
    page.goto(BANK)
    load(page, "Import cards", cards(vision_1=1000, vision_2=1000))
    expect(said(page).last).to_contain_text("2 newer cards imported")
    load(page, "Import cards", cards(vision_1=500, vision_2=2000, vision_3=1))
    expect(said(page).last).to_contain_text("2 newer cards imported")
    found = json.loads(save(page, "Export cards"))["cards"]
    assert {name: card["rated"] for name, card in found.items()} == {
        "vision-1": 1000,
        "vision-2": 2000,
        "vision-3": 1,
    }
    page.reload()
    replies = iter([False, True])
    page.on("dialog", lambda d: d.accept() if next(replies) else d.dismiss())
    count = page.locator(".interview-tools [role=status]").first
    press(page, "Reset all cards")
    expect(count).to_contain_text("3 are due and 4 are new")
    press(page, "Reset all cards")
    expect(count).to_contain_text("0 are due and 7 are new")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"course": "week-of-deep-learning"}',
        '{"course": "week-of-deep-learning", "done": {}}',
        '{"course": "week-of-deep-learning", "cards": {"vision-1": 3}}',
        '{"course": "week-of-deep-learning", "cards": {"vision-1": {"box": 99, "due": 1, "rated": 1}}}',
        '{"course": "week-of-deep-learning", "cards": {"vision-1": {"box": 1, "due": "1", "rated": 1}}}',
    ],
)
def test_a_file_without_cards_changes_nothing(page: Page, text: str):
    page.goto(BANK)
    load(page, "Import cards", cards(vision_1=1000))
    load(page, "Import cards", text)
    expect(said(page).last).to_have_text("This file has no cards from this course. Nothing has changed.")
    assert json.loads(save(page, "Export cards")) == json.loads(cards(vision_1=1000))


# The retrospective

FIELDS = [
    "Keep",
    "Problem",
    "Try",
    "What I did well",
    "What to improve, and how",
    "What to attempt next",
    "Keywords",
    "My week, from 0 to 100",
    "Why this number",
]
NASTY = [
    "# Retrospective\n\n## Keep\n\ntext\n## Try",
    "\n\n  leading and trailing \n\n\n",
    "\\## one\n\\\\# two\n#\n\\",
    "",
    "- Name: X\n- Day: Monday\u2028## no line\n",
    "\n",
    "끝 <b>&amp;",
    "72",
    "one\n\n# two",
]
PLAIN = [*"abcdefg", "8", "i"]


def write(page: Page, texts: list[str], name: str = "Kim") -> None:
    page.get_by_label("Your name").fill(name)
    for label, text in zip(FIELDS, texts, strict=True):
        page.get_by_label(label, exact=True).fill(text)


def written(page: Page) -> list[str]:
    return [page.get_by_label(label, exact=True).input_value() for label in FIELDS]


def test_what_is_written_is_kept_for_each_day(page: Page):
    page.goto(RETROSPECTIVE)
    write(page, NASTY)
    page.get_by_role("combobox", name="Day").select_option("Monday")
    assert written(page) == [""] * 9
    page.get_by_label("Keep").fill("of Monday")
    page.reload()
    expect(page.get_by_role("combobox", name="Day")).to_have_value("Monday")
    expect(page.get_by_label("Keep")).to_have_value("of Monday")
    expect(page.get_by_label("Your name")).to_have_value("Kim")
    page.get_by_role("combobox", name="Day").select_option("Friday")
    assert written(page) == NASTY


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_retrospective_comes_back_from_its_file_as_it_was(page: Page, other: Page, end: str):
    page.goto(RETROSPECTIVE)
    write(page, NASTY)
    text = save(page, "Export this day")
    assert re.findall("^#+ .*", text.replace("\u2028", ""), re.MULTILINE) == [
        "# Retrospective",
        *[f"## {label}" for label in FIELDS],
    ]
    other.goto(RETROSPECTIVE)
    other.get_by_role("combobox", name="Day").select_option("Tuesday")
    other.get_by_label("Keep").fill("of Tuesday")
    load(other, "Import a day", text.replace("\n", end))
    expect(other.get_by_role("combobox", name="Day")).to_have_value("Friday")
    assert written(other) == NASTY
    expect(other.get_by_label("Your name")).to_have_value("Kim")
    assert save(other, "Export this day") == text
    other.get_by_role("combobox", name="Day").select_option("Tuesday")
    expect(other.get_by_label("Keep")).to_have_value("of Tuesday")


def test_an_import_replaces_text_only_after_a_question(page: Page):
    page.goto(RETROSPECTIVE)
    write(page, PLAIN)
    text = save(page, "Export this day")
    asked = answer(page, False)
    load(page, "Import a day", text)  # the same text: nothing to ask
    expect(said(page)).to_have_text("Friday was imported.")
    assert asked == []
    page.get_by_label("Try").fill("mine")
    load(page, "Import a day", text)
    expect(said(page)).to_have_text("Nothing has changed.")
    expect(page.get_by_label("Try")).to_have_value("mine")
    assert len(asked) == 1
    press(page, "Clear this day")
    expect(page.get_by_label("Try")).to_have_value("mine")


@pytest.mark.parametrize("way", ["empty", "cut", "other", "renamed", "more"])
def test_a_file_that_is_no_retrospective_changes_nothing(page: Page, way: str):
    page.goto(RETROSPECTIVE)
    write(page, PLAIN)
    text = save(page, "Export this day")
    faulty = {
        "empty": "",
        "cut": text[: text.index("## Keywords")],
        "other": "# Another file\n\n## Keep\n",
        "renamed": text.replace("## Try", "## Tried"),
        "more": text + "## More\n",
    }[way]
    asked = answer(page, True)
    page.get_by_label("Keep").fill("mine")
    load(page, "Import a day", faulty)
    expect(said(page)).to_contain_text("x0 is not a retrospective from this course")
    assert written(page) == ["mine", *PLAIN[1:]]
    assert asked == []


def test_the_group_sees_all_by_field(page: Page):
    page.goto(RETROSPECTIVE)
    files = []
    for name, texts in {"Kim": NASTY, "Ana": ["of Ana", *[""] * 5, "one, two", "", ""]}.items():
        write(page, texts, name)
        files.append(save(page, "Export this day"))
    load(page, "Import the group's files", *files, "no", name="f")
    message = page.locator(".retrospective > .message:not(:empty)")
    expect(message).to_contain_text("f2 is not a retrospective")
    expect(message).to_contain_text("2 files are in the view.")
    merged = page.locator(".merged")
    expect(merged.get_by_role("heading")).to_have_text(
        [label for label, text in zip(FIELDS, NASTY, strict=True) if text.strip()]
    )
    keep = merged.locator("dl").first
    expect(keep.locator("dt")).to_have_text(["Kim (Friday)", "Ana (Friday)"])
    expect(keep.locator("dd").last).to_have_text("of Ana")
    text = save(page, "Export the group view")
    assert text.startswith("# Retrospective of the group\n\n## Keep\n\n### Kim (Friday)\n")
    assert "### Ana (Friday)\n\nof Ana\n" in text
    assert "\\## Keep" in text
    assert written(page) == ["of Ana", *[""] * 5, "one, two", "", ""]  # the form is as it was


def test_scores_are_a_range_without_names(page: Page):
    page.goto(RETROSPECTIVE)
    files = []
    for name, score, why in [("Kim", "40", "zeal"), ("Ana", "85", "luck"), ("Lee", "60", "")]:
        write(page, ["k", *[""] * 6, score, why], name)
        files.append(save(page, "Export this day"))
    shown = page.locator(".merged ul")
    load(page, "Import the group's files", *files[:2])
    expect(shown.first).to_have_text("Shown as a range, once there are three.")
    load(page, "Import the group's files", *files)
    expect(shown).to_have_text(["From 40 to 85", "luckzeal"])
    text = save(page, "Export the group view")
    assert text.endswith("## My week, from 0 to 100\n\nFrom 40 to 85\n\n## Why this number\n\nluck\n\nzeal\n")
    page.get_by_label("My week").fill("101")
    expect(said(page).first).to_have_text("A whole number from 0 to 100, or nothing.")
    page.reload()
    expect(page.get_by_label("My week")).to_have_value("60")


def test_members_without_a_name_stay_apart(page: Page):
    page.goto(RETROSPECTIVE)
    files = []
    for text in ("one", "two"):
        write(page, [text, *[""] * 8], "")
        files.append(save(page, "Export this day"))
    load(page, "Import the group's files", *files, name="nameless-")
    expect(page.locator(".merged dt")).to_have_text(["nameless-0 (Friday)", "nameless-1 (Friday)"])
    expect(page.locator(".merged dd")).to_have_text(["one", "two"])


def test_two_tabs_lose_nothing_of_each_other(page: Page):
    page.goto(RETROSPECTIVE)
    second = page.context.new_page()
    second.goto(RETROSPECTIVE)
    page.get_by_label("Keep").fill("first tab")
    second.get_by_label("Problem").fill("second tab")
    expect(page.get_by_label("Problem")).to_have_value("second tab")
    second.reload()
    expect(second.get_by_label("Keep")).to_have_value("first tab")
    expect(second.get_by_label("Problem")).to_have_value("second tab")


# All pages


def use(page: Page, name: str) -> None:
    """Do everything there is to do on a page."""
    page.goto(name)
    if page.locator(".agenda").count():
        press(page.locator(".agenda .timer"), "Start")
    if name == MONDAY:
        page.get_by_label("I got it wrong").first.press("Space")
        page.get_by_label("The lines of all").fill("one 1\ntwo 1, three 9")
    if name == WEDNESDAY:
        draw(page)
    if name == FRIDAY:
        address = "#draw=x&name=Kim&question=vision-1&name=Ana&question=vision-2"
        page.goto(FRIDAY + address)
        give(page, 0, "1", "2", "3", "1", "2", note="A note")
    if name == BANK:
        press(page, "Revise with cards")
        turn(page, "Good")
        page.get_by_role("dialog").get_by_role("button", name="Show answer").press("Enter")
    if name == RETROSPECTIVE:
        write(page, PLAIN)
        load(page, "Import the group's files", save(page, "Export this day"))


@pytest.mark.parametrize("name", [MONDAY, *TOOLS])
@pytest.mark.parametrize("storage", [FORBIDDEN, FULL], ids=["forbidden", "full"])
def test_without_storage_a_page_says_so_and_works(page: Page, name: str, storage: str):
    page.add_init_script(storage)
    use(page, name)
    place = page.locator(".tool > .message", has_text=KEPT)
    expect(place.first).to_be_attached()
    if name == MONDAY:
        press(page, "Next part")
        expect(status(page)).to_contain_text("Part 2 of 3")
    if name == WEDNESDAY:
        expect(page.locator(".drawn li")).to_have_count(4)
    if name == FRIDAY:
        fields = page.locator(".presenter").first.get_by_role("combobox")
        assert [field.input_value() for field in fields.all()] == list("12312")
    if name == BANK:
        page.keyboard.press("Escape")
        expect(page.get_by_text("0 are due and 6 are new")).to_be_visible()
    if name == RETROSPECTIVE:
        assert written(page) == PLAIN
        expect(page.locator(".merged dd")).to_have_count(7)


def test_a_storage_that_becomes_full_loses_nothing_of_this_page(page: Page):
    page.goto(RETROSPECTIVE)
    page.get_by_label("Keep").fill("kept")
    page.evaluate(FULL + "0")
    page.get_by_label("Problem").fill("not kept")
    page.get_by_label("Try").fill("not kept either")
    assert written(page)[:3] == ["kept", "not kept", "not kept either"]
    expect(page.locator(".retrospective > .message").first).to_contain_text(KEPT)
    assert "not kept either" in save(page, "Export this day")


@pytest.mark.parametrize(
    ("name", "key"),
    [(WEDNESDAY, "draw"), (FRIDAY, "presentations"), (BANK, "cards"), (RETROSPECTIVE, "retrospective")],
)
@pytest.mark.parametrize("text", ["{", "[]", '{"hash": 1, "scores": 1, "days": 1}'])
def test_what_was_kept_badly_is_left_out(page: Page, name: str, key: str, text: str):
    page.goto(name)
    key = f"week-of-deep-learning/{key}"
    page.evaluate("([key, text]) => localStorage.setItem(key, text)", [key, text])
    page.reload()
    expect(page.get_by_text(BROKEN)).to_be_visible()
    use(page, name)


@pytest.mark.parametrize("name", [MONDAY, *TOOLS])
def test_used_pages_hinder_nobody(browser: Browser, book: str, name: str):
    with browser.new_context(
        base_url=book, viewport={"width": PHONE, "height": 800}, reduced_motion="reduce"
    ) as context:
        visit = Visit(context.new_page(), book, name)
        use(visit.page, name)
        visit.look()
        visit.audit("light")
        visit.audit("dark", **COLOR_RULES)
        assert visit.faults == []


@pytest.mark.parametrize("name", TOOLS)
def test_without_scripts_there_is_text_in_place_of_controls(browser: Browser, book: str, name: str):
    with browser.new_context(base_url=book, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(name)
        expect(page.locator(".no-script")).to_be_visible()
        expect(page.locator("article :is(button, input, select):visible")).to_have_count(0)
        if name == BANK:
            page.locator("summary", has_text="Model answer").first.click()
            expect(page.get_by_text("word99").first).to_be_visible()


def n_pages(page: Page) -> int:
    """Print a page, and return the number of sheets."""
    content = page.pdf(prefer_css_page_size=True)
    return len(re.findall(rb"/Type\s*/Page\b", content))


@pytest.mark.parametrize("name", [MONDAY, WEDNESDAY, FRIDAY, RETROSPECTIVE])
def test_a_used_session_is_printed_on_two_pages_without_controls(page: Page, name: str):
    use(page, name)
    assert 0 < n_pages(page) <= 2
    page.emulate_media(media="print")
    expect(page.locator("article button:visible")).to_have_count(0)
    if name == WEDNESDAY:
        expect(page.locator(".drawn")).to_be_visible()
    if name == FRIDAY:
        expect(page.get_by_label("Note").first).to_be_visible()


SESSIONS = [
    path.relative_to(SITE).as_posix()
    for path in sorted(SITE.glob("peer-sessions/*.html"))
    if path.name != "interview-questions.html"
]


@pytest.mark.parametrize(
    "name", SESSIONS or [pytest.param("", marks=pytest.mark.skip(reason="no site in _build/html"))]
)
def test_the_books_own_sessions_are_printed_on_two_pages(browser: Browser, site: str, name: str):
    with browser.new_context(base_url=site) as context:
        page = context.new_page()
        page.goto(name)
        assert 0 < n_pages(page) <= 2
