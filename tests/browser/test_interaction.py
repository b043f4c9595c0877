"""Questions, concepts, progress and search, used as a reader would, mostly from the keyboard."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.test_pages import COLOR_RULES, Visit

STYLE_GUIDE = "style-guide.html"
CHAPTER, ASSIGNMENT = "chapters/mlp.html", "assignments/mlp.html"
FORBIDDEN = """
const refuse = () => { throw new DOMException("refused", "SecurityError"); };
Storage.prototype.getItem = Storage.prototype.setItem = refuse;
"""
FULL = """
Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
"""


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    with browser.new_context(base_url=site, reduced_motion="reduce") as context:
        yield context.new_page()


def question(page: Page, kind: str) -> Locator:
    return page.locator(f".question[data-kind={kind}]").first


def check(box: Locator) -> Locator:
    """Press the button with the Enter key; return what the page says."""
    box.get_by_role("button", name="Check").press("Enter")
    return box.get_by_role("status")


def test_one_choice(page: Page):
    page.goto(STYLE_GUIDE)
    box = question(page, "one")
    expect(box.get_by_role("group", name="Which of these has no parameters?")).to_have_count(1)
    expect(check(box)).to_have_text("Choose an answer first.")
    box.get_by_role("radio").first.press(" ")
    expect(check(box)).to_contain_text("Not right.")
    expect(check(box)).to_contain_text("It has weights and a bias")
    box.get_by_role("radio").first.press("ArrowDown")
    expect(check(box)).to_contain_text("Right.")
    expect(check(box)).to_contain_text("one fixed function")
    expect(check(box)).not_to_contain_text("weights and a bias")


def test_several_choices(page: Page):
    page.goto(STYLE_GUIDE)
    box = question(page, "several")
    train, val, test = box.get_by_role("checkbox").all()
    train.press(" ")
    expect(check(box)).to_contain_text("Right so far, but not all.")
    test.press(" ")
    expect(check(box)).to_contain_text("Not right.")
    expect(check(box)).to_contain_text("no longer knows the error")
    test.press(" ")
    val.press(" ")
    expect(check(box).locator("> p")).to_have_text("Right.")


def test_a_number(page: Page):
    page.goto(STYLE_GUIDE)
    box = question(page, "number")
    field = box.get_by_label("Your number")
    said = {  # never the same twice in a row
        "650": "Right.",
        "640": "What else is there?",
        " 650,0 ": "Right.",
        "649": "Not right.",
        "many": "Type a number first",
        "1,650": "Not right.",
        "": "Type a number first",
    }
    for typed, words in said.items():
        field.fill(typed)
        field.press("Enter")
        expect(box.get_by_role("status")).to_contain_text(words)


def test_a_number_within_its_tolerance(page: Page):
    page.goto(STYLE_GUIDE)
    box = page.locator(".question[data-kind=number]").nth(1)
    for typed, said in {"1.41": "Right.", "1.414": "Right.", "1.42": "Not right."}.items():
        box.get_by_label("Your number").fill(typed)
        expect(check(box)).to_contain_text(said)


def test_order(page: Page):
    page.goto(STYLE_GUIDE)
    box = question(page, "order")
    rows = box.locator("fieldset li > span")
    expect(check(box)).to_contain_text("Not right.")
    wanted = ["One", "Ten", "A hundred", "A thousand"]
    for place, name in enumerate(wanted):
        up = box.get_by_role("button", name=f"Move up: {name}", exact=True)
        up.focus()
        while rows.all_inner_texts().index(name) > place:
            page.keyboard.press("Enter")  # the focus stays on the button
            expect(box.get_by_role("status")).to_contain_text("Now number")
    assert rows.all_inner_texts() == wanted
    expect(check(box)).to_contain_text("Right.")
    expect(check(box).locator("li")).to_have_count(4)


def test_a_link_opens_the_deeper_part_that_it_leads_to(page: Page):
    page.goto(STYLE_GUIDE)
    inside = page.get_by_text("A fair coin shows heads")
    expect(inside).to_be_hidden()
    page.get_by_role("link", name="this one").press("Enter")
    expect(inside).to_be_visible()
    page.get_by_role("heading", name="Deeper: how many coins?").click()
    expect(inside).to_be_hidden()
    page.get_by_role("link", name="this one").press("Enter")  # to the same address again
    expect(inside).to_be_visible()
    page.goto("about:blank")
    page.goto(f"{STYLE_GUIDE}#deeper-coins")
    expect(inside).to_be_visible()


def test_a_deeper_part_opens_for_a_word_that_was_searched(page: Page):
    page.goto(STYLE_GUIDE)
    page.evaluate("localStorage.setItem('sphinx_highlight_terms', 'thousand')")
    page.reload()
    expect(page.get_by_text("A fair coin shows heads")).to_be_visible()


def test_questions_without_scripts_are_lists(browser: Browser, site: str):
    with browser.new_context(base_url=site, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(STYLE_GUIDE)
        box = question(page, "one")
        expect(box.get_by_text("Which of these has no parameters?")).to_be_visible()
        expect(box.get_by_text("one fixed function")).to_be_hidden()
        box.get_by_text("Answers").click()
        expect(box.get_by_text("one fixed function")).to_be_visible()
        expect(page.locator("form.question, .mark-done:visible")).to_have_count(0)


def test_answered_questions_and_previews_hinder_nobody(page: Page, site: str):
    visit = Visit(page, site, STYLE_GUIDE)
    page.goto(STYLE_GUIDE)
    for box in page.locator(".question").all():
        for control in box.locator("input").all():
            control.fill("640") if control.get_attribute("type") == "text" else control.check()
        check(box)
    page.locator("details.answers").evaluate_all("all => all.forEach(box => box.open = true)")
    page.locator(".concept-link a").first.focus()
    expect(page.get_by_role("tooltip")).to_be_visible()
    visit.audit("light")
    visit.audit("dark", **COLOR_RULES)
    assert visit.faults == []


def test_a_concept_is_previewed_and_the_preview_can_be_dismissed(page: Page):
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(STYLE_GUIDE)
    link = page.locator(".concept-link a").first
    preview = page.locator(".concept-link [role=tooltip]").first
    expect(preview).to_be_hidden()
    link.focus()
    expect(preview).to_be_visible()
    expect(link).to_have_accessible_description(preview.inner_text())
    edges = preview.bounding_box()
    assert edges["x"] >= 0
    assert edges["x"] + edges["width"] <= 390
    page.keyboard.press("Escape")
    expect(preview).to_be_hidden()
    link.hover()
    expect(preview).to_be_visible()
    preview.hover()
    expect(preview).to_be_visible()


def read_chapter(page: Page) -> None:
    """Tick a chapter as read."""
    page.goto(CHAPTER)
    page.get_by_role("checkbox", name="I have read this chapter").press(" ")


def ticked(page: Page) -> Locator:
    return page.locator(".bd-docs-nav a:has(.tick)")


def said(page: Page) -> Locator:
    return page.locator(".progress-message")


def test_progress_is_kept_and_shown_in_the_menu(page: Page):
    read_chapter(page)
    expect(ticked(page)).to_have_count(1)
    page.goto(STYLE_GUIDE)
    expect(ticked(page)).to_have_attribute("href", CHAPTER)
    expect(ticked(page)).to_have_accessible_name("The multi-layer perceptron (done)")
    expect(page.locator(".progress-box")).to_contain_text("You have done 1 of ")
    page.goto(ASSIGNMENT)
    expect(page.get_by_role("checkbox", name="I have done")).not_to_be_checked()
    page.goto(CHAPTER)
    page.get_by_role("checkbox", name="I have read").press(" ")
    expect(ticked(page)).to_have_count(0)


def test_progress_goes_to_another_browser_as_a_file(page: Page, browser: Browser, site: str, tmp_path: Path):
    read_chapter(page)
    page.goto(STYLE_GUIDE)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file").press("Enter")
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    with browser.new_context(base_url=site) as context:
        other = context.new_page()
        other.goto(ASSIGNMENT)
        other.get_by_role("checkbox", name="I have done").check()
        other.goto(STYLE_GUIDE)
        other.get_by_label("Load a file").set_input_files(file)
        expect(ticked(other)).to_have_count(2)  # its own mark is still there
        other.reload()
        expect(ticked(other)).to_have_count(2)


def test_a_file_that_is_no_progress_changes_nothing(page: Page):
    errors = []
    page.on("pageerror", lambda error: errors.append(error))
    read_chapter(page)
    page.goto(STYLE_GUIDE)
    for text in (
        "",
        "{",
        "null",
        "[]",
        '{"course": "another", "done": {}}',
        '{"course": "week-of-deep-learning", "done": ["chapters/mlp"]}',
        '{"course": "week-of-deep-learning", "done": {"chapters/mlp": "<b>"}}',
    ):
        file = {"name": "x.json", "mimeType": "application/json", "buffer": text.encode()}
        page.get_by_label("Load a file").set_input_files(file)
        expect(said(page)).to_have_text("This file has no progress from this course. Nothing has changed.")
        page.reload()
        expect(ticked(page)).to_have_count(1)
    assert errors == []


@pytest.mark.parametrize("storage", [FORBIDDEN, FULL], ids=["forbidden", "full"])
def test_without_storage_the_page_says_so_and_works(page: Page, storage: str):
    page.add_init_script(storage)
    read_chapter(page)
    expect(said(page)).to_contain_text("cannot save what you do")
    expect(ticked(page)).to_have_count(1)
    page.goto(STYLE_GUIDE)
    box = question(page, "one")
    box.get_by_role("radio").nth(1).check()
    expect(check(box)).to_contain_text("Right.")


def test_what_the_storage_holds_by_mistake_is_ignored(page: Page):
    page.goto(STYLE_GUIDE)
    for text in ("{", json.dumps({"done": 1})):
        page.evaluate("text => localStorage.setItem('week-of-deep-learning', text)", text)
        page.reload()
        expect(page.locator(".progress-box")).to_contain_text("You have done 0 of ")


@pytest.mark.parametrize("words", ["역전파", "역전", "파", "propag"])
def test_search_finds_parts_of_words(page: Page, words: str):
    page.goto(f"search.html?q={words}")
    found = page.locator("#search-results a[href*='glossary.html#']")
    expect(found.filter(has_text="역전파" if words != "propag" else "Back-propagation").first).to_be_visible()


def test_the_style_guide_is_hidden(page: Page):
    page.goto("index.html")
    expect(page.locator(f"a[href*='{STYLE_GUIDE}']")).to_have_count(0)
    page.goto("search.html?q=digits")  # the guide has this word, too
    expect(page.locator(".search-summary")).to_contain_text("Results")  # all of them are listed by then
    expect(page.locator(f"a[href*='{STYLE_GUIDE}']")).to_have_count(0)
    page.goto(STYLE_GUIDE)
    expect(page.locator("meta[name=robots]")).to_have_attribute("content", "noindex")
