"""The Korean site in a browser: the way to and fro, shared progress, the search, the words of scripts."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SITE

pytestmark = pytest.mark.skipif(not (SITE / "ko").exists(), reason="no Korean site: run `make book` first")
HANGUL = re.compile("[가-힣]")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(reduced_motion="reduce") as context:
        yield context.new_page()


def test_the_link_leads_to_the_same_section_and_back(page: Page, site: str):
    page.goto(f"{site}chapters/mlp.html#activation-functions")
    page.get_by_role("link", name="한국어").click()
    expect(page).to_have_url(f"{site}ko/chapters/mlp.html#activation-functions")
    page.locator("#backpropagation").evaluate("section => section.scrollIntoView({ behavior: 'instant' })")
    page.get_by_role("link", name="English").click()
    expect(page).to_have_url(re.compile(rf"^{site}chapters/mlp.html#[\w-]+$"))
    assert page.evaluate("document.querySelector(location.hash).closest('[id=backpropagation], section')")


def test_progress_is_shared(page: Page, site: str):
    page.goto(f"{site}chapters/mlp.html")
    page.locator(".mark-done input").check()
    page.goto(f"{site}ko/chapters/mlp.html")
    expect(page.locator(".mark-done input")).to_be_checked()
    page.goto(f"{site}ko/index.html")
    expect(page.locator(".progress-box span").first).to_have_text(HANGUL)
    expect(page.locator(".week .tick").first).to_be_attached()


@pytest.mark.parametrize("typed", ["학습", "손실을", "역전파", "ReLU는"])
def test_a_word_is_found_with_any_ending(page: Page, site: str, typed: str):
    page.goto(f"{site}ko/search.html?q={typed}")
    expect(page.locator("#search-results a[href*='chapters/mlp.html']").first).to_be_visible()
    expect(page.locator("#search-results").get_by_text("다층 퍼셉트론", exact=True).first).to_be_visible()


def test_scripts_speak_korean(page: Page, site: str):
    page.goto(f"{site}ko/chapters/mlp.html")
    form = page.locator(".question form").first
    form.locator("button.check").click()
    for place in (".hint", "button.check", ".verdict"):
        expect(form.locator(place)).to_have_text(HANGUL)
    live = page.locator(".live").first
    live.scroll_into_view_if_needed()
    for button in live.locator("button").all():
        expect(button).to_have_text(HANGUL)
