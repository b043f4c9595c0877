"""What a Korean text must not contain, beside what does not fit its English."""

import re
from collections import Counter

from helpers.language import josa, width

CODE = re.compile(r"^(`{3,}).*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"(?<![}`])`[^`\n]+`")
ROLE = re.compile(r"\{[a-z:]+\}`[^`]+`")
FORMULA = re.compile(r"\$\$?[^$]+\$\$?")
LINK = re.compile(r"\]\([^)]*\)|<[^>]*>|https?://\S+")
BOLD = re.compile(r"\*\*([^*\n]+)\*\*([가-힣]?)")
NUMBER = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?(?!\w)")
GLUE = re.compile(r"\{(?:glue:text|pooled)\}`[^`]*:([^`:<>]*?)(?: *[<>] *[-\d.]+)?`([가-힣]+)")
PARTICLE = r"(은|는|이|가|을|를|과|와|으로|로)(?![가-힣])"
AFTER_LATIN = re.compile(rf"([A-Za-z][\w.]*(?:\(\))?)[`’”*]*{PARTICLE}")
PAIRS = {one: pair for pair in ("은/는", "이/가", "을/를", "과/와", "으로/로") for one in pair.split("/")}
FORBIDDEN = re.compile(r"당신|되어[지졌진집]|손실함수|에 의[해하한]|우리의")
# Titles, names of menus, and what an abbreviation stands for.
ASIDE = re.compile(r"(?<!\*)\*[^*]+\*(?!\*)|‘[^’]*’|\([^()]*\)")
READ = {"SimCLR는"}  # names that are read otherwise than they look
ENGLISH = re.compile(r"(?:\b[A-Za-z][a-z'’]+\b[ ,]+){3,}\b[A-Za-z][a-z'’]+\b")


def prose(text: str) -> str:
    """Return a text without code, roles, formulas and addresses."""
    for pattern in (CODE, ROLE, FORMULA, SPAN, LINK):
        text = pattern.sub(" ", text)
    return text


def faults(text: str) -> list[str]:
    """Name what is wrong with a Korean text, whatever its English."""
    found = [
        f"asterisks that stay: {hit[0]!r}"
        for hit in BOLD.finditer(CODE.sub("", text))
        if hit[2] and not re.search(r"\w$", hit[1])
    ]
    bare = prose(text)
    found += [f"not a word of ours: {hit[0]!r}" for hit in FORBIDDEN.finditer(bare)]
    found += [f"English: {hit[0]!r}" for hit in ENGLISH.finditer(ASIDE.sub(" ", bare))]
    for hit in GLUE.finditer(text):
        particle = re.match(PARTICLE, hit[2])
        if particle and not (hit[1].endswith("%") and josa(f"%[{PAIRS[particle[0]]}]")[1:] == particle[0]):
            found.append(f"a particle after a number that may change: {hit[0]!r}")
    for hit in AFTER_LATIN.finditer(ROLE.sub(" ", CODE.sub("", text))):
        if hit[0] not in READ and not josa(f"{hit[1]}[{PAIRS[hit[2]]}]").endswith(hit[2]):
            found.append(f"another particle: {hit[0]!r}")
    return found


def of_unit(id: str, text: str) -> list[str]:
    """Name what is wrong with a unit; the first lines of an entry in the glossary are its terms."""
    lines = text.splitlines(keepends=True)
    own = "".join(line for line in lines if line[0].isspace()) if id.startswith("term-") else text
    return faults(own)


def lost_numbers(english: str, korean: str) -> list[str]:
    """List the numbers of a text that its translation lacks."""
    lost = Counter(NUMBER.findall(prose(english))) - Counter(NUMBER.findall(prose(korean)))
    return [number for number in lost if number not in prose(korean)]


def long_lines(code: str, most: int = 88) -> list[str]:
    """List the lines of code with Korean that are too wide, where a letter of Hangul takes two columns."""
    return [line for line in code.splitlines() if width(line) > most and re.search("[가-힣]", line)]
