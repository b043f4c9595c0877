"""Search that finds a word whether typed with a hyphen, with a space, or as one word, and with any particle.

Sphinx 7.4 indexes only the parts of "back-propagation". The index is repaired here, the search page in
`assets/search.js`. It knows no Korean: its words are cut from their particles and endings here, in the index
and, by the same rule, in what is searched for.
"""

import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.domains.std import StandardDomain
from sphinx.search.en import SearchEnglish

from course import words

SCRIPT = Path(__file__).parent / "assets" / "search.js"
HYPHENATED = re.compile(r"\w+(?:[-‐‑]\w+)+")


class English(SearchEnglish):
    """English, with hyphenated words also indexed without hyphens."""

    # Sphinx writes this into a script between its search and the index, the only place for `search.js`.
    js_splitter_code = SCRIPT.read_text(encoding="utf-8")

    def split(self, input: str) -> list[str]:
        """Return the words of a text."""
        return super().split(input) + [re.sub(r"\W", "", word) for word in HYPHENATED.findall(input)]


# What may follow a Korean word, the longest first. A word that itself ends so is cut too, but then always.
ENDINGS = (
    "에서부터|으로부터|입니다|합니다|됩니다|습니다|시킵니다|이라고|이라는|시키는|시키면|에서는|으로는|까지의|에서의|"
    "처럼|만큼|보다|부터|까지|에서|에게|으로|라고|라는|이며|이고|이나|이다|인지|하는|하고|하면|하여|해서|한다|하기|하지|"
    "되는|되고|되면|되어|된다|시킨|시킬|시켜|은|는|이|가|을|를|의|에|로|와|과|도|만|나|인|들|한|할|해|된|될"
)
PARTICLES = [ending for ending in ENDINGS.split("|") if len(ending) == 1]
HANGUL = re.compile(r"[가-힣]+|(?:(?![가-힣])\w)+")
ENDING = rf"(?<=[가-힣])(?:{ENDINGS})$"
STEMMER = f"""
var Porter = Stemmer;
Stemmer = function () {{
  const porter = new Porter();
  this.stemWord = (word) => {{
    if (!/[가-힣]/.test(word)) return porter.stemWord(word);
    const cut = word.replace(/{ENDING}/u, "");
    return cut === word ? word : this.stemWord(cut);
  }};
}};
var splitQuery = (query) => query.match(/[가-힣]+|(?:(?![가-힣])[\\p{{L}}\\p{{N}}_])+/gu) ?? [];
"""


class Korean(English):
    """Korean, with Latin words as in English."""

    lang = "ko"
    language_name = "Korean"
    stopwords = English.stopwords | {*PARTICLES}
    js_stemmer_code = English.js_stemmer_code + STEMMER

    def split(self, input: str) -> list[str]:
        """Return the words of a text; `ReLU는` is two."""
        return [part for word in super().split(input) for part in HANGUL.findall(word)]

    def stem(self, word: str) -> str:
        """Return a word without its endings."""
        if not re.search("[가-힣]", word):
            return super().stem(word)
        cut = re.sub(ENDING, "", word)
        return word if cut == word else self.stem(cut)

    def word_filter(self, word: str) -> bool:
        """Return whether a word goes into the index."""
        return word not in self.stopwords and super().word_filter(word)


def setup(app: Sphinx) -> None:
    """Register the languages, and index the glossary's terms, which Sphinx leaves out.

    Indexed as objects, they are found by any part of a word, as Korean needs (words in the text need three
    letters or more).
    """
    app.add_search_language(English)
    Korean.js_splitter_code = words.translated(English.js_splitter_code, words.script("search"))
    app.add_search_language(Korean)
    StandardDomain.object_types["term"].attrs["searchprio"] = 1
