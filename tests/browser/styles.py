"""The site's single style sheet, compared with those it was made from."""

from pathlib import Path

from playwright.sync_api import Browser

# A style sheet that marks what other style sheets have a rule for and the last one does not.
MARKING = r"""([sheets, last]) => {
  const rules = text => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    const flat = list => [...list].flatMap(rule => rule.style ? [rule] : flat(rule.cssRules ?? []));
    return flat(sheet.cssRules).filter(rule => rule.selectorText);
  };
  const said = rule => rule.style.cssText.replace(/url\([^)]*\)/g, "");
  // The elements that a pseudo-element belongs to.
  const owners = ({ selectorText }) => selectorText
    .replace(/(^|[\s,>+~])::/g, "$1*::").replace(/::[\w-]+(\([^)]*\))?/g, "");
  const kept = Map.groupBy(rules(last), said);
  const repeated = new Set(rules(last).map(rule => rule.cssText));
  return sheets.flatMap(rules).filter(rule => !repeated.has(rule.cssText)).map(rule => {
    const same = (kept.get(said(rule)) ?? []).map(owners).join() || "none";
    return `:is(${owners(rule)}):not(${same}) { --lost: ${JSON.stringify(rule.cssText)} }`;
  });
}"""
# The rules that are lost for an element of the page. Plotly brings rules of its own.
LOST = """marking => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("@property --lost { syntax: '*'; inherits: false }" + marking.join(""));
  if (sheet.cssRules.length !== marking.length + 1) return ["a rule cannot be read"];
  document.adoptedStyleSheets.push(sheet);
  const lost = [...document.querySelectorAll("*")]
    .filter(element => !element.closest(".interactive .plot"))
    .map(element => getComputedStyle(element).getPropertyValue("--lost"));
  document.adoptedStyleSheets.pop();
  return [...new Set(lost)].filter(Boolean);
}"""


def marking_rules(browser: Browser, static: Path) -> list[str]:
    """Compare a site's style sheets with `site.css`; return what `LOST` needs."""
    last = static / "site.css"
    sheets = [path.read_text(encoding="utf-8") for path in sorted(static.rglob("*.css")) if path != last]
    page = browser.new_page()
    marking = page.evaluate(MARKING, [sheets, last.read_text(encoding="utf-8")])
    page.close()
    return marking
