"""Every page of the built site, in a real browser that can reach nothing but the site."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, TimeoutError, expect
from pygments.token import STANDARD_TYPES

from tests.browser.conftest import PATIENCE, SITE, STYLE_GUIDE, common, seen
from tests.browser.styles import LOST, marking_rules
from tools.browser import serve

PHONE, DESKTOP = 390, 1280  # width in px
# What a page may weigh to its end, with all that it asks for, in KB (1,000 bytes) as they are sent.
HEAVIEST = {"text and images": 250, "interactive figures": 650}

# Open what is folded, so that it is checked too, and pass by everything that loads when it is seen. A browser
# without windows may hold back its frames: nothing waits for them alone.
READ = """async () => {
  document.querySelectorAll("details").forEach(box => box.open = true);
  for (const element of document.querySelectorAll("img, .interactive, .live, main > :last-child")) {
    element.scrollIntoView({ behavior: "instant" });
    await new Promise(done => {
      requestAnimationFrame(() => requestAnimationFrame(done));
      setTimeout(done, 1000);
    });
  }
}"""

# Images and interactive figures that should be there and are not (yet). A plotly bundle that lacks the
# figure's type of trace draws a scatter plot instead.
UNDRAWN = """() => {
  const loaded = image => image.complete && image.naturalWidth > 0;
  const drawn = plot => plot.querySelector(".main-svg")
    && plot.data.every((trace, i) => (trace.type ?? "scatter") === plot._fullData[i].type);
  return [
    ...[...document.images].filter(image => image.checkVisibility() && !loaded(image)),
    ...[...document.querySelectorAll(".interactive:not(:has(button)) .plot")].filter(plot => !drawn(plot)),
    ...document.querySelectorAll(".live:not(.started)"),
  ].map(element => element.outerHTML);
}"""

# The outermost elements that make the page wider than the screen; those inside a box that scrolls do not.
TOO_WIDE = """() => {
  const screen = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= screen) return [];
  const sticksOut = element => element.getBoundingClientRect().right > screen + 1;
  const kept = element => element !== document.body && (
    getComputedStyle(element).position === "fixed"
    || getComputedStyle(element.parentElement).overflowX !== "visible"
    || kept(element.parentElement));
  return [...document.body.querySelectorAll("*")]
    .filter(element => sticksOut(element) && !sticksOut(element.parentElement) && !kept(element))
    .map(element => element.outerHTML);
}"""

# What axe takes longest for is to compare colours. It does so in three places of each look.
AXE = Axe(
    Axe().axe_script
    + """
    axe.configure({ rules: [
      { id: "color-contrast", selector: "[data-sample]" },
      { id: "link-in-text-block", selector: "a[data-sample]" },
    ] })"""
)
# Mark three places of each look: that of the text, and of all it stands in.
SAMPLE = """() => {
  const PASSED_ON = [
    "backgroundColor", "backgroundImage", "color", "filter", "opacity", "position", "textDecorationLine",
  ];
  const OWN = ["fontSize", "fontWeight", "textShadow"];
  const looks = new Map();
  const count = {};
  for (const element of document.querySelectorAll("body, body *")) {
    const style = getComputedStyle(element);
    const own = PASSED_ON.map(name => style[name]).join();
    const around = looks.get(element.parentElement) ?? "";
    looks.set(element, around.endsWith(own) ? around : around + own);
    delete element.dataset.sample;
    const texts = [...element.childNodes].filter(node => node.nodeType === Node.TEXT_NODE);
    if (!texts.some(text => text.data.trim()) && !element.matches("input, select, textarea")) continue;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const isDisabled = Boolean(element.closest(":disabled, [aria-disabled=true]"));
    const look = [looks.get(element), isDisabled, ...OWN.map(name => style[name])].join();
    count[look] = (count[look] ?? 0) + 1;
    if (count[look] > 3) continue;
    element.dataset.sample = "";
    element.closest("a")?.setAttribute("data-sample", "");
  }
}"""
# Most elements are those of code, formulas and drawings, which are alike on all pages: the style guide is
# audited with them, for all.
WITHOUT_ALIKE = """() =>
  document.querySelectorAll(".highlight pre > *, .katex > *, svg > :not(title, desc)")
    .forEach(element => element.remove())"""
# Put a word of every kind that Pygments tells apart into the first block of code.
ALL_TOKENS = """classes => {
  document.querySelector("article .highlight pre").innerHTML =
    classes.map(name => `<span class="${name}">word</span>`).join("\\n");
}"""
COLOR_RULES = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
DESKTOP_ONLY = [["header"], [".bd-sidebar-primary"], [".bd-sidebar-secondary"], ["footer"]]

# True once the page shows a theme; colours that fade from one to the other are there at once.
THEME_SHOWN = """theme => {
  document.getAnimations().filter(a => a instanceof CSSTransition).forEach(a => a.finish());
  return document.documentElement.dataset.theme === theme;
}"""


class Visit:
    """One page, opened as a new reader does, and what is wrong with it.

    Attributes:
        faults: A line for each fault, with page, theme and width.
    """

    def __init__(self, page: Page, site: str, name: str, patience: float = PATIENCE):
        self.page = page
        self.site = site
        self.name = name
        self.patience = patience  # s
        self.theme = "light"
        self.faults: list[str] = []
        self.weights: dict[str, float] = {}  # KB of each file
        page.on("request", self.on_request)
        page.on("websocket", lambda socket: self.fault(f"connects to {socket.url}"))
        page.on("response", self.on_response)
        page.on("console", self.on_console)
        page.on("pageerror", lambda error: self.fault(f"uncaught error: {error}"))

    def fault(self, text: str) -> None:
        width = self.page.viewport_size["width"]
        self.faults.append(f"{self.name} [{self.theme}, {width} px] {' '.join(text.split())[:400]}")

    def on_request(self, request: Request) -> None:
        if not request.url.startswith((self.site, "data:", "blob:")):
            self.fault(f"asks for {request.url}")

    def on_response(self, response: Response) -> None:
        size = int(response.headers.get("content-length", 0))
        self.weights[response.url] = size / 1000
        if response.status >= 400:
            self.fault(f"asks for {response.url}: {response.status} {response.status_text}")

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.fault(f"error in the console: {message.text} ({message.location['url']})")

    def comes_true(self, script: str, argument: Any = None) -> bool:
        try:
            self.page.wait_for_function(script, arg=argument, timeout=1000 * self.patience)
        except TimeoutError:
            return False
        return True

    def read(self) -> None:
        """Read the page to its end: all that it shows must be there, and fit the screen."""
        self.page.goto(self.site + self.name)
        self.page.evaluate(READ)
        self.look()

    def look(self) -> None:
        """Look at what should be there by now."""
        if not self.comes_true(f"({UNDRAWN})().length === 0"):
            for element in self.page.evaluate(UNDRAWN):
                self.fault(f"not drawn: {element}")
        for element in self.page.evaluate(TOO_WIDE):
            self.fault(f"wider than the screen: {element}")

    def weigh(self) -> None:
        """Compare what the page asked for, now that it is read, with what it may weigh."""
        interactive = self.page.locator(".interactive").count()
        kind = "interactive figures" if interactive else "text and images"
        total = sum(self.weights.values())
        if total > HEAVIEST[kind]:
            heaviest = sorted(self.weights, key=self.weights.get, reverse=True)[:5]
            files = (f"{url.rpartition('/')[2]} {self.weights[url]:.0f}" for url in heaviest)
            self.fault(
                f"weighs {total:.0f} KB; a page with {kind} may weigh {HEAVIEST[kind]}. "
                f"Its heaviest files: {', '.join(files)}"
            )

    def compare_styles(self, marking: list[str]) -> None:
        """Name the rules that the site's single style sheet has lost, and the page uses."""
        for rule in self.page.evaluate(LOST, marking):
            self.fault(f"lost from site.css: {rule}")

    def press_buttons(self) -> None:
        """Ask for the figures that wait to be asked."""
        buttons = self.page.locator(".interactive button")
        if buttons.count():
            buttons.last.click()  # one is enough for all
            expect(buttons).to_have_count(0)
            for figure in self.page.locator(".interactive").all():
                figure.scroll_into_view_if_needed()
                expect(figure.locator(".main-svg").first).to_be_attached()
            self.look()

    def touch_live_figures(self) -> None:
        """Press the first button of each live figure, and open what is folded: all is there then."""
        for figure in self.page.locator(".live-figure").all():
            figure.locator("button").first.click()
            figure.evaluate("figure => figure.querySelectorAll('details').forEach(box => box.open = true)")
            expect(figure.get_by_role("status")).not_to_be_empty()
        self.look()

    def move_sliders(self) -> None:
        """Press an arrow key on each figure's slider: the figure must change."""
        for figure in self.page.locator(".interactive:has(input[type=range])").all():
            slider, plot = figure.locator("input"), figure.locator(".plot")
            before = plot.inner_html()
            at_end = slider.evaluate("slider => slider.value === slider.max")
            slider.press("ArrowLeft" if at_end else "ArrowRight")
            changed = "([plot, before]) => plot.innerHTML !== before"
            if not self.comes_true(changed, [plot.element_handle(), before]):
                self.fault(f"the arrow keys do not move {figure.inner_html()}")

    def audit(self, theme: str, include: list[list[str]] | None = None, **options: Any) -> None:
        """Let axe look for what hinders people, in the theme that the reader's system asks for.

        Args:
            theme: "light" or "dark".
            include: Selectors of what to look at, by default the whole page.
            **options: Of axe, for instance the rules to run.
        """
        self.theme = theme
        self.page.emulate_media(color_scheme=theme)
        if not self.comes_true(THEME_SHOWN, theme):
            self.fault("the page does not take the theme of the reader's system")
        # Without preload: axe would ask for the style sheets again, and for some at a wrong address.
        options = {"resultTypes": ["violations"], "preload": False, **options}
        self.page.evaluate(SAMPLE)
        results = AXE.run(self.page, context=include and {"include": include}, options=options)
        for rule in results.response["violations"]:
            for node in rule["nodes"]:
                self.fault(f"axe, {rule['id']}: {node['target']}: {node['failureSummary']} {node['html']}")


def visit(
    browser: Browser, site: str, name: str, width: int, marking: Sequence[str], patience: float = PATIENCE
) -> list[str]:
    """Open a page, use it in both themes, and return its faults.

    Rules of axe run where they can find something new: on a phone all of them in light, and those on colours
    in dark; on a desktop, where a page has the same elements, on what a phone hides.
    """
    with browser.new_context(
        viewport={"width": width, "height": 800},
        is_mobile=width == PHONE,
        has_touch=width == PHONE,
        reduced_motion="reduce",
    ) as context:
        visit = Visit(context.new_page(), site, name, patience)
        visit.read()
        visit.weigh()
        visit.compare_styles(marking)
        visit.press_buttons()
        visit.touch_live_figures()
        visit.move_sliders()
        if name == STYLE_GUIDE:
            visit.page.evaluate(ALL_TOKENS, [css for css in STANDARD_TYPES.values() if css])
        else:
            visit.page.evaluate(WITHOUT_ALIKE)
        include = None if width == PHONE else DESKTOP_ONLY
        visit.audit("light", include)
        if width == PHONE or name in (STYLE_GUIDE, "index.html"):  # menus look alike on all pages
            visit.audit("dark", include, **COLOR_RULES)
    return visit.faults


@pytest.fixture(scope="session")
def marking(browser: Browser) -> list[str]:
    """Mark the rules that were in a style sheet before all became one."""
    return marking_rules(browser, SITE / "_static")


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_page_has_no_faults(browser: Browser, site: str, page_name: str, width: int, marking: list[str]):
    faults = visit(browser, site, page_name, width, marking if width == DESKTOP else [])
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


def test_a_page_is_tested_again_when_what_it_shows_has_changed(tmp_path: Path):
    files = {
        "one.html": '<img src="_images/a.svg?v=1">',
        **dict.fromkeys(
            ("two.html", "_images/a.svg", "_images/b.svg", "_static/site.css", "searchindex.js"), "x"
        ),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    before, changed = seen(tmp_path, "one.html"), []
    for name, text in files.items():
        (tmp_path / name).write_text(text + " ")
        common.cache_clear()
        changed += [name] if seen(tmp_path, "one.html") != before else []
        (tmp_path / name).write_text(text)
    assert changed == ["one.html", "_images/a.svg", "_static/site.css"]


PAGE = """<!doctype html>
<html lang="en" data-theme="light">
<meta name="viewport" content="width=device-width">
<title>A page</title>
<link rel="icon" href="data:,">
<style>[data-theme="dark"] body { background: #000; color: #fff }</style>
<script>
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.onchange = () => document.documentElement.dataset.theme = dark.matches ? "dark" : "light";
</script>
<main><h1>A page</h1>BODY</main>
"""
FAULTS = {  # what is said of it: HTML
    "[light, 390 px] asks for http://example.org/a.png": '<img src="http://example.org/a.png" alt="A cat">',
    "connects to ws://example.org": '<script>new WebSocket("ws://example.org")</script>',
    "none.css: 404": '<link rel="stylesheet" href="none.css">',
    "error in the console: printed": "<script>console.error('printed')</script>",
    "uncaught error: thrown": "<script>throw Error('thrown')</script>",
    "uncaught error: rejected": "<script>Promise.reject(Error('rejected'))</script>",
    "not drawn: <img loading": '<p style="height: 3000px"></p><img loading="lazy" src="x.png" alt="A dog">',
    "not drawn: <div": '<div class="interactive"><div class="plot"></div></div>',
    'not drawn: <div class="live': '<div class="live"></div>',
    "KB; a page with interactive figures may weigh 650. Its heaviest files: heavy.png 700": (
        '<img src="heavy.png" alt="A whale">'
    ),
    "do not move <p": '<div class="interactive"><p class="plot"></p><input type="range" title="X"></div>',
    'wider than the screen: <p style="width': '<p style="width: 900px">wide</p>',
    "[dark, 390 px] axe, color-contrast: ['p": '<p style="color: #222">black</p>',
    "lost from site.css: p { color: red }": "<footer></footer>",
    "axe, image-alt: ['": '<details><summary>More</summary><img src="data:image/gif;base64,R0lG"></details>',
}


@pytest.mark.parametrize(
    ("body", "expected"), [("", []), ("".join(FAULTS.values()), FAULTS)], ids=["good", "bad"]
)
def test_faults_are_found_and_named(browser: Browser, tmp_path: Path, body: str, expected: Collection[str]):
    marking = [":is(footer, .plot):not(none) { --lost: p { color: red } }"]
    (tmp_path / "index.html").write_text(PAGE.replace("BODY", body))
    (tmp_path / "heavy.png").write_bytes(bytes(700_000))
    with serve(tmp_path) as site:
        faults = visit(browser, site, "index.html", PHONE, marking, patience=1)
    assert bool(faults) == bool(expected)
    assert [text for text in expected if not any(text in fault for fault in faults)] == []
