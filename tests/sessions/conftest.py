from tests.browser.conftest import browser, site

__all__ = ["browser", "site"]
