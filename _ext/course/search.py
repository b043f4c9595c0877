"""The search, which finds a word whether it is typed with a hyphen, with a space, or as one word.

Repairs for Sphinx 7.4, whose index has only the parts of "back-propagation". Those of the index are here,
those of the search page in `assets/search.js`.
"""

import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.domains.std import StandardDomain
from sphinx.search.en import SearchEnglish

SCRIPT = Path(__file__).parent / "assets" / "search.js"
HYPHENATED = re.compile(r"\w+(?:[-‐‑]\w+)+")


class English(SearchEnglish):
    """English, in which a hyphenated word is also one without hyphens."""

    # Sphinx writes this into a script between its search and the index: the one place for `search.js`.
    js_splitter_code = SCRIPT.read_text(encoding="utf-8")

    def split(self, input: str) -> list[str]:
        """Return the words of a text."""
        return super().split(input) + [re.sub(r"\W", "", word) for word in HYPHENATED.findall(input)]


def setup(app: Sphinx) -> None:
    """Register the language, and put the glossary's terms into the index.

    Sphinx leaves terms out. As objects they are found by any part of a word, which Korean needs (words of the
    text are found by parts of three letters or more).
    """
    app.add_search_language(English)
    StandardDomain.object_types["term"].attrs["searchprio"] = 1
