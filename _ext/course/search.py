"""Search that finds a word whether typed with a hyphen, with a space, or as one word.

Sphinx 7.4 indexes only the parts of "back-propagation". The index is repaired here, the search page in
`assets/search.js`.
"""

import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.domains.std import StandardDomain
from sphinx.search.en import SearchEnglish

SCRIPT = Path(__file__).parent / "assets" / "search.js"
HYPHENATED = re.compile(r"\w+(?:[-‐‑]\w+)+")


class English(SearchEnglish):
    """English, with hyphenated words also indexed without hyphens."""

    # Sphinx writes this into a script between its search and the index, the only place for `search.js`.
    js_splitter_code = SCRIPT.read_text(encoding="utf-8")

    def split(self, input: str) -> list[str]:
        """Return the words of a text."""
        return super().split(input) + [re.sub(r"\W", "", word) for word in HYPHENATED.findall(input)]


def setup(app: Sphinx) -> None:
    """Register the language, and index the glossary's terms, which Sphinx leaves out.

    Indexed as objects, they are found by any part of a word, as Korean needs (words in the text need three
    letters or more).
    """
    app.add_search_language(English)
    StandardDomain.object_types["term"].attrs["searchprio"] = 1
