"""The site in a browser without storage, with forced colours, large text, a small screen or no network."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import SITE
from tests.browser.test_pages import TOO_WIDE
from tools.browser import FLAGS, find_chromium, pages

HISTORY, SESSION, STYLE_GUIDE = "chapters/history.html", "peer-sessions/monday.html", "style-guide.html"
NO_STORAGE = """
for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });
"""
SIZES = [(320, 16), (390, 32), (1280, 32)]  # screen width and text size, in px


def faults_of(page: Page) -> list[str]:
    """Return a list that collects the errors of the page's scripts."""
    faults = []
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    page.on("console", lambda line: line.type == "error" and faults.append(f"{page.url}: {line.text}"))
    return faults


# The words of each page's text, in lowercase; "back-propagation" is one word.
WORDS = r"""async names => {
  const other = ".katex, script, style, svg, .cell_output, .tool, .highlight, .downloads";
  const words = async name => {
    const text = await (await fetch(name)).text();
    const page = new DOMParser().parseFromString(text, "text/html");
    const prose = page.querySelector("article") ?? page.createElement("p");
    const walker = page.createTreeWalker(prose, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode())
      if (!walker.currentNode.parentElement.closest(other)) texts.push(walker.currentNode.data.toLowerCase());
    return [name, [...new Set(texts.join(" ").match(/\b[a-z]+(-[a-z]+)*\b/g))]];
  };
  return Object.fromEntries(await Promise.all(names.map(words)));
}"""
# Unfold everything, and empty the drawings: they are slow, and their width does not depend on their content.
UNFOLD = """() => {
  document.querySelectorAll("details").forEach(box => box.open = true);
  document.querySelectorAll("svg.plot > *, .plot > svg > *").forEach(part => part.remove());
}"""
# Whether the theme button, Ctrl + K and the search button do something.
BUTTONS = """() => {
  const [page, dialog] = [document.documentElement, document.querySelector("#pst-search-dialog")];
  const before = page.dataset.theme;
  document.querySelector(".theme-switch-button").click();
  const isThemed = page.dataset.theme !== before;
  dispatchEvent(new KeyboardEvent("keydown", { key: "k", ctrlKey: true }));
  const isOpen = dialog.open;
  dialog.close();
  document.querySelector(".search-button__button").click();
  return isThemed && isOpen && dialog.open;
}"""


@pytest.fixture(scope="module")
def poor(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that blocks all cookies: scripts get an error when they access a storage.

    Figures are still pictures, as on a phone.
    """
    with browser.new_context(has_touch=True, is_mobile=True) as context:
        context.add_init_script(NO_STORAGE)
        yield context


def test_a_page_fits_small_screens_and_large_text_and_works_without_storage(
    poor: BrowserContext, page_name: str
):
    with poor.new_page() as page:
        faults = faults_of(page)
        page.goto((SITE / page_name).as_uri(), wait_until="domcontentloaded")
        page.evaluate(UNFOLD)
        for width, text in SIZES:
            page.set_viewport_size({"width": width, "height": 200})
            page.evaluate("size => document.documentElement.style.fontSize = size", f"{text}px")
            wide = page.evaluate(TOO_WIDE)
            faults += [f"{page_name} [{width} px, text {text} px] {element[:200]}" for element in wide]
        assert not page.evaluate("() => { try { return localStorage instanceof Storage } catch {} }")
        # Last, as figures are drawn once a key is pressed
        if not page_name.endswith("search.html") and not page.evaluate(BUTTONS):
            faults.append(f"{page_name}: theme or search do not answer")
        assert faults == []


def test_search_works_without_storage(poor: BrowserContext, site: str):
    page = poor.new_page()
    faults = faults_of(page)
    page.goto(site)
    page.keyboard.press("Control+k")
    page.locator("dialog[open] input").fill("momentum")
    page.keyboard.press("Enter")
    expect(page.locator("#search-results a[href='chapters/optimization.html']")).to_be_visible()
    assert faults == []


# How an element looks with forced colours, with its label if it is an input.
LOOKS = """
const lines = ["border-top", "border-right", "border-bottom", "border-left", "outline"];
const paper = getComputedStyle(document.body).backgroundColor;
const look = element => [null, "::before", "::after"].flatMap(part => {
  const style = getComputedStyle(element, part);
  const seen = lines.map(name => style.getPropertyValue(name)).map(line => line.includes("none") ? "" : line);
  const { backgroundColor, color, fontWeight, transform } = style;
  return [...seen, backgroundColor.endsWith(", 0)") ? paper : backgroundColor, color, fontWeight, transform];
});
const isHidden = ({ opacity, width }) => opacity === "0" || parseFloat(width) <= 1;
const looks = element => [
  ...(isHidden(getComputedStyle(element)) ? [] : look(element)),
  ...[element.nextElementSibling, element.parentElement].filter(Boolean).map(look),
].join();
"""
# States shown by a style sheet, and how to end them.
ENDS = {
    "a.active": "element.classList.remove('active'); element.removeAttribute('aria-current')",
    "[aria-current]": "element.removeAttribute('aria-current')",
    ".current > a": "element.parentElement.classList.remove('current')",
    "span.highlighted": "element.classList.remove('highlighted')",
    "input:checked:has(+ span, + label)": "element.checked = false",
    ".timeline li:has([open])": "element.querySelector('details').open = false",
    "dt:target, .interview:target, :target > h2": "location.hash = ''",
}
# Whether elements in a state look the same as without it.
UNMARKED = """() => {
  LOOKS
  return Array.from(document.querySelectorAll("STATE")).slice(0, 5).map(element => {
    const before = looks(element);
    END;
    return [element.outerHTML.slice(0, 200), looks(element) === before];
  });
}""".replace("LOOKS", LOOKS)
# One of each kind of element that does not show its focus.
UNFOCUSED = """() => {
  LOOKS
  const kinds = new Map();
  const focusable = "a[href], button, input, select, textarea, summary, [tabindex='0']";
  for (const element of document.querySelectorAll(focusable))
    if (element.checkVisibility({ visibilityProperty: true }) && !element.disabled)
      kinds.set([element.tagName, element.className, element.parentElement.className].join(), element);
  return [...kinds.values()].filter(element => {
    const before = looks(element);
    element.focus({ preventScroll: true });
    return looks(element) === before;
  }).map(element => element.outerHTML.slice(0, 200));
}""".replace("LOOKS", LOOKS)
TARGET = """() => {
  const heading = document.querySelector("section section[id]");
  location.hash = (document.querySelector("dt[id], .interview[id]") ?? heading).id;
}"""


@pytest.fixture
def recoloured(browser: Browser, site: str) -> Iterator[Page]:
    with browser.new_context(base_url=site, forced_colors="active", reduced_motion="reduce") as context:
        yield context.new_page()


def test_forced_colours_show_what_is_chosen_current_found_or_focused(recoloured: Page):
    page = recoloured
    met, faults = set(), []

    def look() -> None:
        page.keyboard.press("Tab")  # the focus shows only to keyboard users
        faults.extend(f"{page.url}, focus: {element}" for element in page.evaluate(UNFOCUSED))
        for state, end in ENDS.items():
            for element, unmarked in page.evaluate(UNMARKED.replace("STATE", state).replace("END", end)):
                met.add(state)
                if unmarked:
                    faults.append(f"{page.url}, {state}: {element}")

    page.goto(HISTORY)
    page.locator(".timeline label").nth(1).click()
    page.locator(".timeline summary:visible").first.click()
    look()
    page.goto(SESSION)
    page.get_by_role("button", name="Start").click()
    look()
    for name in ("chapters/glossary.html", "peer-sessions/interview-questions.html", STYLE_GUIDE):
        page.evaluate("localStorage.setItem('sphinx_highlight_terms', 'the')")
        page.goto(name)
        expect(page.locator(".highlighted").first).to_be_attached()
        page.evaluate(TARGET)
        if name == STYLE_GUIDE:  # a heading is the target
            expect(page.locator(".bd-toc a.active")).to_be_attached()
        look()
    assert faults == []
    assert met == ENDS.keys()


@pytest.fixture
def search(browser: Browser, site: str) -> Iterator[Page]:
    with browser.new_context(base_url=site) as context:
        yield context.new_page()


@pytest.mark.parametrize("typed", ["backpropagation", "back propagation", "Back-propagation"])
def test_a_word_is_found_however_it_is_typed(search: Page, typed: str):
    search.goto(f"search.html?q={typed}")
    for name in ("chapters/mlp.html", "chapters/convolution.html", "chapters/history.html"):
        expect(search.locator(f"#search-results a[href='{name}']")).to_be_visible()
    found = search.locator("#search-results li:has(> a[href='chapters/convolution.html'])")
    expect(found).to_contain_text(re.compile("back-?propagation", re.IGNORECASE))
    expect(search.get_by_role("status")).to_contain_text("Results: ")


def test_all_words_are_found_as_one_and_with_a_space(search: Page):
    search.goto("search.html")
    # The style guide is not found; titles of references have their parts, in braces, as words of the index.
    names = [
        name
        for name in pages(SITE)
        if name not in (STYLE_GUIDE, "references.html") and not name.startswith("ko/")
    ]
    words = {name: set(found) for name, found in search.evaluate(WORDS, names).items()}
    whole = {word for found in words.values() for word in found}
    parts = {word for word in whole if re.fullmatch("[a-z]{4,}", word)}
    halves = {f"{word[:i]}-{word[i:]}" for word in parts for i in range(4, len(word) - 3)}
    pairs = {word for word in whole if re.fullmatch("[a-z]{2,}-[a-z]{2,}", word)}
    pairs |= {pair for pair in halves if parts.issuperset(pair.split("-"))}
    assert {"back-propagation", "over-fitting"} <= pairs
    typed = [pair.replace("-", sign) for pair in sorted(pairs) for sign in ("-", "", " ")]
    find = "all => all.map(typed => Search.find(typed)[0].map(([name]) => `${name}.html`))"
    missed = [
        f"{text!r} does not find {name}"
        for text, found in zip(typed, search.evaluate(find, typed), strict=True)
        for name in words.keys() - found
        if not words[name].isdisjoint((text, text.replace("-", "")))
    ]
    assert missed == []


def test_a_search_that_finds_nothing_says_so(search: Page):
    search.goto("search.html?q=xyzzyx")
    expect(search.get_by_role("status")).to_contain_text("did not match any page")


def test_results_stand_without_excerpts_in_a_folder_and_without_a_network(search: Page, site: str):
    faults = faults_of(search)
    for address in (f"{SITE.as_uri()}/", site):
        search.goto(f"{address}search.html?q=momentum")
        expect(search.locator("#search-results li > a[href='chapters/optimization.html']")).to_be_visible()
        expect(search.get_by_role("status")).to_contain_text("Results: ")
        search.add_init_script("window.fetch = () => Promise.reject(new TypeError('Failed to fetch'))")
    search.wait_for_timeout(300)
    assert faults == []


def test_text_twice_as_large_has_the_page_to_itself(browser: Browser, site: str):
    """The reader's setting, which the widths at which the page changes must heed."""
    flags = [*FLAGS, "--blink-settings=defaultFontSize=32"]
    with browser.browser_type.launch(executable_path=find_chromium(), args=flags) as large:
        page = large.new_page(viewport={"width": 1280, "height": 800})
        page.goto(site + HISTORY)
        assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
        for side in ("primary", "secondary"):
            expect(page.locator(f".bd-sidebar-{side}")).not_to_be_in_viewport()
        assert page.locator("article p").first.bounding_box()["width"] > 1000


def test_figures_wait_for_the_network(browser: Browser, site: str):
    with browser.new_context(base_url=site) as context:
        page = context.new_page()
        faults = []
        page.on("pageerror", lambda error: faults.append(error))
        page.route("**/plotly-*.js*", lambda route: route.abort())
        with page.expect_event("requestfailed"):
            page.goto(STYLE_GUIDE)
            page.locator(".interactive").first.scroll_into_view_if_needed()
        expect(page.locator(".interactive .plot > svg").first).to_be_visible()  # the still picture
        page.unroute_all()
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.locator(".interactive .main-svg").first).to_be_visible()
        assert faults == []
