from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tools.browser import FLAGS, NO_CHROMIUM, find_chromium, pages, serve

SITE = Path(__file__).parents[2] / "_build" / "html"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "page_name" in metafunc.fixturenames:
        no_site = pytest.param(
            "", marks=pytest.mark.skip(reason="no site in _build/html: run `make book` first")
        )
        metafunc.parametrize("page_name", pages(SITE) or [no_site])


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    with serve(SITE) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = find_chromium()
    if not program:
        pytest.skip(NO_CHROMIUM)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()
