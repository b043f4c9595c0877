"""The first page: what its first screen shows, what it weighs, and how the closed menu opens."""

import pytest
from playwright.sync_api import Browser, Page, expect

SCREENS = [(1280, 800), (390, 844)]
HEAVIEST = 150 * 1024  # bytes, until something is touched
WEIGHT = """performance.getEntriesByType("resource")
  .concat(performance.getEntriesByType("navigation"))
  .reduce((sum, entry) => sum + entry.encodedBodySize, 0)"""


@pytest.fixture
def first(browser: Browser, site: str, request: pytest.FixtureRequest):
    width, height = request.param
    with browser.new_context(
        base_url=site, viewport={"width": width, "height": height}, reduced_motion="reduce"
    ) as context:
        page = context.new_page()
        page.goto("index.html", wait_until="networkidle")
        yield page


@pytest.mark.parametrize("first", SCREENS, indirect=True)
def test_the_first_screen_has_all_that_one_draws_and_reads(first: Page):
    height = first.viewport_size["height"]
    rows = first.locator(".live-answers tbody tr")
    expect(rows).to_have_count(4)
    for shown in (first.locator("article h1"), first.locator(".live-pad"), *rows.all()):
        box = shown.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= height


@pytest.mark.parametrize("first", SCREENS, indirect=True)
def test_it_is_light(first: Page):
    assert 0 < first.evaluate(WEIGHT) < HEAVIEST


@pytest.mark.parametrize("first", SCREENS, indirect=True)
def test_its_menu_is_closed_and_opens(first: Page):
    menu = first.get_by_role("link", name="Glossary", exact=True)
    expect(menu).to_be_hidden()
    first.locator(".primary-toggle").click()
    expect(menu).to_be_visible()


def test_without_scripts_its_menu_is_open(browser: Browser, site: str):
    with browser.new_context(base_url=site, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("index.html")
        expect(page.locator("nav.bd-links").get_by_text("Monday", exact=True)).to_be_visible()
        expect(page.locator(".day")).to_have_count(5)
        expect(page.locator("#fig-draw svg")).to_be_visible()
