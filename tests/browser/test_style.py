"""The site's single style sheet, compared with those it was made from."""

from playwright.sync_api import Browser

from tests.browser.conftest import SITE

# What a style sheet says about the page's elements that another one does not.
LOST = r"""([before, after]) => {
  const rules = text => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    const flat = list => [...list].flatMap(rule => rule.style ? [rule] : flat(rule.cssRules ?? []));
    return flat(sheet.cssRules).filter(rule => rule.selectorText);
  };
  const said = rule => rule.style.cssText.replace(/url\([^)]*\)/g, "");
  // The elements that a pseudo-element belongs to.
  const owners = selector => selector
    .replace(/(^|[\s,>+~])::/g, "$1*::").replace(/::[\w-]+(\([^)]*\))?/g, "");
  const elements = rule => [...document.querySelectorAll(owners(rule.selectorText))]
    .filter(element => !element.closest(".interactive .plot")); // plotly brings rules of its own
  const kept = Map.groupBy(rules(after), said);
  const unchanged = new Set(rules(after).map(rule => rule.cssText));
  return rules(before)
    .filter(rule => !unchanged.has(rule.cssText))
    .filter(rule => {
      const same = new Set((kept.get(said(rule)) ?? []).flatMap(elements));
      return elements(rule).some(element => !same.has(element));
    })
    .map(rule => rule.cssText);
}"""


def test_no_rule_that_the_page_uses_is_lost(browser: Browser, site: str, page_name: str):
    static = SITE / "_static"
    after = (static / "site.css").read_text(encoding="utf-8")
    page = browser.new_page()
    page.goto(site + page_name)
    for path in static.rglob("*.css"):
        if path.name != "site.css":
            before = path.read_text(encoding="utf-8")
            assert page.evaluate(LOST, [before, after]) == [], path
    page.close()
