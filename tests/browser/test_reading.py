"""Interactive figures, the theme, print, and the site opened from a folder, in a real browser."""

import re
from html.parser import HTMLParser
from pathlib import Path

import plotly.graph_objects as go
import pytest
from bs4 import BeautifulSoup
from course import figures
from playwright.sync_api import Browser, expect

from helpers import interactive
from tools import pdf
from tools.browser import serve

ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build" / "html"

SIGNS = {"up": 1, "down": -1}
LINE = {
    "data": [{"y": [0, 1], "name": "start", "line": {"color": "#0072b2"}}],
    "layout": {
        "sliders": [
            {
                "currentvalue": {"prefix": "Step "},
                "steps": [
                    {"label": "0", "method": "restyle", "args": [{"name": "start"}]},
                    {"label": "10", "method": "restyle", "args": [{"name": "end"}]},
                ],
            }
        ]
    },
}
SUNBURST = {"data": [{"type": "sunburst", "labels": ["a", "b"], "parents": ["", "a"]}], "layout": {}}


@pytest.fixture
def figure_site(tmp_path: Path):
    """Yield a function that makes a page with figures and returns its URL."""
    (tmp_path / "figures.js").write_bytes((ROOT / "_ext/course/assets/figures.js").read_bytes())
    (tmp_path / "course.css").write_bytes((ROOT / "_static/course.css").read_bytes())
    for rank, script in enumerate(figures.SCRIPTS):
        (tmp_path / f"plotly-{rank}.js").symlink_to(script)

    def make(*contents: dict) -> str:
        boxes = "".join(
            figures.plotly_html(content, "In words.", prefix=f"c{i}-") for i, content in enumerate(contents)
        )
        (tmp_path / "index.html").write_text(
            '<!doctype html><html lang="en" data-theme="dark"><title>Figures</title>'
            '<link rel="stylesheet" href="course.css"><script defer src="figures.js"></script>'
            f"{boxes}"
        )
        return address

    with serve(tmp_path) as address:
        yield make


def test_the_slider_answers_to_keys_and_says_what_it_shows(browser: Browser, figure_site):
    page = browser.new_page()
    page.goto(figure_site(LINE))
    slider = page.get_by_role("slider", name="Step")
    expect(slider).to_have_attribute("aria-valuetext", "0, start")
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "10, end")
    expect(page.locator("output")).to_have_text("10")
    page.close()


def test_the_menu_chooses_from_the_keyboard_and_the_choice_outlives_the_theme(browser: Browser, figure_site):
    steps = {n: {way: {"y": [0, n * sign]} for way, sign in SIGNS.items()} for n in (1, 2)}
    traces = {n: {k: go.Scatter(t, name=k) for k, t in step.items()} for n, step in steps.items()}
    figure = interactive.slider_figure(traces, "Size", choose="Way")
    page = browser.new_page()
    page.goto(figure_site(figure.to_plotly_json()))
    menu, slider = page.get_by_label("Way"), page.get_by_role("slider", name="Size")
    expect(slider).to_have_attribute("aria-valuetext", "1, up")
    menu.press("ArrowDown")
    expect(slider).to_have_attribute("aria-valuetext", "1, down")
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "2, down")
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    page.wait_for_timeout(300)
    expect(slider).to_have_attribute("aria-valuetext", "2, down")
    shown = "plot => plot.data.filter(trace => trace.visible !== false).map(trace => trace.y[1])"
    assert page.locator(".interactive .plot").evaluate(shown) == [-2]
    page.close()


def test_a_theme_may_change_while_figures_are_drawn(browser: Browser, figure_site):
    page = browser.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(error))
    page.add_init_script(
        """addEventListener("DOMContentLoaded", () => {
          const { dataset } = document.documentElement;
          const timer = setInterval(() => (dataset.theme = dataset.theme === "dark" ? "light" : "dark"), 2);
          setTimeout(() => { clearInterval(timer); dataset.theme = "light"; }, 1500);
        })"""
    )
    steps = {n: [go.Scatter(y=[0, n], line_color="#0072b2")] for n in (1, 2)}
    figure = interactive.slider_figure(steps, "Size", xaxis_title="x", yaxis_title="y")
    page.goto(figure_site(figure.to_plotly_json()))
    page.wait_for_timeout(2000)
    expect(page.locator(".main-svg .js-line")).to_have_css("stroke", "rgb(0, 114, 178)")
    assert errors == []
    page.close()


def test_a_phone_shows_a_picture_until_it_is_touched(browser: Browser, figure_site):
    with browser.new_context(has_touch=True, is_mobile=True) as context:
        page = context.new_page()
        asked = []
        page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
        page.goto(figure_site(LINE), wait_until="networkidle")
        expect(page.locator(".plot > svg")).to_be_visible()
        assert not any(name.startswith("plotly") for name in asked)
        page.touchscreen.tap(100, 100)
        expect(page.locator(".main-svg").first).to_be_visible()
        expect(page.locator(".plot > svg")).to_have_count(0)


def test_a_figure_that_needs_much_waits_to_be_asked(browser: Browser, figure_site):
    page = browser.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.goto(figure_site(LINE, SUNBURST))
    first, second = page.locator(".interactive").all()
    expect(first.locator(".main-svg").first).to_be_visible()
    assert [name for name in asked if name.startswith("plotly")] == ["plotly-0.js"]
    expect(second.locator(".plot > svg")).to_be_visible()  # the still picture
    second.get_by_role("button").press("Enter")
    expect(second.locator(".sunburstlayer path").first).to_be_visible()
    assert asked[-1] == "plotly-2.js"
    page.close()


def test_pages_are_printed_in_the_colours_of_the_light_theme(browser: Browser, site: str):
    with browser.new_context(color_scheme="dark") as context:
        page = context.new_page()
        page.goto(f"{site}style-guide.html")
        page.locator(".interactive").first.scroll_into_view_if_needed()
        text, line = page.locator("article p").first, page.locator(".js-line").first
        expect(text).to_have_css("color", "rgb(223, 227, 230)")
        expect(line).to_have_css("stroke", "rgb(75, 163, 227)")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        expect(text).to_have_css("color", "rgb(31, 35, 40)")
        expect(line).to_have_css("stroke", "rgb(0, 114, 178)")
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        expect(text).to_have_css("color", "rgb(223, 227, 230)")
        expect(line).to_have_css("stroke", "rgb(75, 163, 227)")


class Addresses(HTMLParser):
    """The ids and links of a page: BeautifulSoup takes five times as long to read the whole book."""

    def __init__(self):
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id"]
        self.links += [value for name, value in attrs if name == "href" and tag not in ("link", "image")]


def test_every_link_in_the_book_of_all_pages_leads_somewhere(browser: Browser, site: str):
    book = Addresses()
    book.feed(pdf.combine(SITE))
    ids, links = book.ids, book.links
    assert len(ids) == len(set(ids))
    inside = {link[1:] for link in links if link.startswith("#")}
    assert len(inside) > 20
    assert inside <= set(ids)
    assert all(re.match("#|https?:", link) for link in links)


def test_the_pdf_has_pages_and_an_outline(browser: Browser, site: str, tmp_path: Path):
    """Of a book with the first pages alone: to print all of it takes a minute."""
    few = tmp_path / "site"
    few.mkdir()
    for path in SITE.iterdir():
        (few / path.name).symlink_to(path)
    index = BeautifulSoup((SITE / "index.html").read_text(encoding="utf-8"), "html.parser")
    for link in index.select("nav.bd-docs-nav a.internal")[2:]:
        link.decompose()
    (few / "index.html").unlink()
    (few / "index.html").write_text(str(index), encoding="utf-8")
    pdf.print_book(browser, few, tmp_path / "book.pdf")
    content = (tmp_path / "book.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert b"/Outlines" in content


def test_the_site_works_from_a_folder(browser: Browser, site: str):
    page = browser.new_page()
    page.goto((SITE / "style-guide.html").as_uri())
    page.locator(".interactive").first.scroll_into_view_if_needed()
    expect(page.locator(".interactive .main-svg").first).to_be_visible()
    page.goto((SITE / "search.html").as_uri() + "?q=perceptron")
    expect(page.locator("#search-results li a").first).to_be_visible()
    page.close()


@pytest.mark.parametrize(("chosen", "shown"), [(None, "dark"), ("auto", "dark"), ("light", "light")])
def test_the_theme_is_right_before_any_script_runs(
    browser: Browser, site: str, chosen: str | None, shown: str
):
    with browser.new_context(color_scheme="dark") as context:
        page = context.new_page()
        page.route("**/*.js*", lambda route: route.abort())
        if chosen:
            page.add_init_script(
                f"localStorage.setItem('mode', '{chosen}'); localStorage.setItem('theme', 'light')"
            )
        page.goto(site)
        assert page.evaluate("document.documentElement.dataset.theme") == shown
