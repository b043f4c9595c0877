import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tools.browser import FLAGS, NO_CHROMIUM, find_chromium, pages, serve
from tools.digests import digest, load

ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build" / "html"
STYLE_GUIDE = "style-guide.html"
PATIENCE = 120  # s to wait for what must come: so long that only a hang reaches it
PASSED = ROOT / "_build" / "pages-passed.json"  # a test of a page: digest of what it saw when it passed last

expect.set_options(timeout=1000 * PATIENCE)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "page_name" in metafunc.fixturenames:
        no_site = pytest.param(
            "", marks=pytest.mark.skip(reason="no site in _build/html: run `make book` first")
        )
        metafunc.parametrize("page_name", read_pages(SITE) or [no_site])


def read_pages(site: Path) -> list[str]:
    """List the pages to read: all but those of the Korean site that are still English."""
    return [
        name
        for name in pages(site)
        if not (name.startswith("ko/") and "untranslated" in (site / name).read_text(encoding="utf-8"))
    ]


@functools.cache
def common(site: Path) -> str:
    """Digest what the tests of every page depend on: styles, scripts, and the tests themselves."""
    assets = (path for path in site.glob("*.js") if path.name != "searchindex.js")
    code = (ROOT / name for name in ("tests/browser", "tools/browser.py", "requirements.txt"))
    return digest([site / "_static", site / "ko" / "_static", *assets, *code])


def seen(site: Path, name: str) -> str:
    """Digest all that a test of a page sees."""
    images = re.findall(r"_images/[^\"\s?]+", (site / name).read_text(encoding="utf-8"))
    return digest([site / name, *(site / image for image in images)], common(site))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests of pages that are as they were when these tests passed last."""
    known, same = load(PASSED), []
    for item in items:
        name = item.callspec.params.get("page_name") if hasattr(item, "callspec") else None
        if name:
            item.user_properties.append(("seen", seen(SITE, name)))
            if known.get(item.nodeid) == item.user_properties[-1][1]:
                same.append(item)
    config.hook.pytest_deselected(items=same)
    items[:] = [item for item in items if item not in same]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and report.passed and "seen" in dict(report.user_properties):
        just_passed[report.nodeid] = dict(report.user_properties)["seen"]


def pytest_sessionfinish(session: pytest.Session) -> None:
    if just_passed and not hasattr(session.config, "workerinput"):
        PASSED.write_text(json.dumps(load(PASSED) | just_passed, indent=1))


just_passed: dict[str, str] = {}


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    with serve(SITE) as address:
        yield address


def patient(make: Any) -> Any:
    """Let pages or contexts that a function makes wait long for what must come."""

    def make_patient(*args: Any, **settings: Any) -> Any:
        made = make(*args, **settings)
        made.set_default_timeout(1000 * PATIENCE)
        return made

    return make_patient


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = find_chromium()
    if not program:
        pytest.skip(NO_CHROMIUM)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        browser.new_context = patient(browser.new_context)
        browser.new_page = patient(browser.new_page)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def figure_page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a page with the live figures that the module's `show` shows."""
    from tests.browser.live_page import figures, write_page  # with torch, which the tests of pages do without

    return write_page(tmp_path_factory.mktemp("live"), figures(request.module.show))


@pytest.fixture
def page(browser: Browser, figure_page: str) -> Iterator[Page]:
    """Open the page of live figures on a phone, without a network; no script of it may fail."""
    size = {"width": 390, "height": 900}
    with browser.new_context(viewport=size, has_touch=True, offline=True, reduced_motion="reduce") as context:
        page = context.new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(figure_page)
        yield page
        assert errors == []


@pytest.fixture
def box(page: Page) -> Locator:
    return page.locator(".live-figure")
