// Repairs for Sphinx 7.4's search: it finds a word however it is typed, says so if there is none, and stays quiet if
// it can get no excerpt. Sphinx puts this file between its search and the index (../search.py).
{
  const words = {
    none: "Your search did not match any page. Check the spelling, or try fewer or shorter words.",
    found: "Results: ${resultCount}",
  };
  Object.assign(Documentation.TRANSLATIONS, {
    "Your search did not match any documents. Please make sure that all words are spelled correctly and that you've selected enough categories.":
      words.none,
    "Search finished, found ${resultCount} page(s) matching the search query.": words.found,
  });
  Search.status?.setAttribute("role", "status"); // so that screen readers read it out

  // Read "back propagation" and "back-propagation" as "backpropagation", if the index has it
  const joined = (query) => {
    const { terms, titleterms } = Search._index;
    const stemmer = new Stemmer();
    const isKnown = (word) => [terms, titleterms].some((known) => Object.hasOwn(known, stemmer.stemWord(word)));
    const parts = [];
    for (const word of splitQuery(query.toLowerCase())) {
      const pair = `${parts.at(-1) ?? ""}${word}`;
      if (isKnown(pair)) parts.pop();
      parts.push(isKnown(pair) ? pair : word);
    }
    return parts.join(" ");
  };
  // How a text spells a word: "Back-propagation" for "backpropagation"
  const written = (text, word) => {
    const letters = [...word.replace(/[^\p{L}\p{N}]/gu, "")];
    return letters.length > 2 ? text.match(new RegExp(`(?<!\\p{L})${letters.join("[-‐‑]?")}`, "iu"))?.[0] : undefined;
  };
  const spellings = (query) => {
    const { alltitles, objects } = Search._index;
    const names = [...Object.keys(alltitles), ...Object.values(objects).flat().map((object) => object.at(-1))];
    const found = names.map((name) => written(name, query)).filter(Boolean);
    return new Set([joined(query), ...found, query].map((text) => text.toLowerCase()));
  };

  // All results, best last, and the sets of words to look for and highlight in excerpts
  Search.find = (query) => {
    const parsed = [...spellings(query)].map(Search._parseQuery);
    const best = new Map(); // the best result for each place
    for (const result of parsed.flatMap((parts) => Search._performSearch(...parts))) {
      const place = JSON.stringify([result[0], result[2], result[3]]);
      if (!(best.get(place)?.[4] >= result[4])) best.set(place, result);
    }
    const [terms, marked] = [1, 3].map((i) => new Set(parsed.flatMap((parts) => [...parts[i]])));
    return [[...best.values()].sort(_orderResultsByScoreThenName), terms, marked];
  };
  Search.query = (query) => {
    const [results, terms, marked] = Search.find(query);
    _displayNextItem(results, results.length, terms, marked);
  };

  // Excerpts show a word as the page spells it.
  const { makeSearchSummary } = Search;
  Search.makeSearchSummary = (html, terms, anchor) => {
    const text = Search.htmlToText(html, anchor);
    return makeSearchSummary(html, Array.from(terms, (term) => written(text, term) ?? term), anchor);
  };
  // They come from the page itself, which cannot be fetched from a folder or without a network.
  if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
  const { fetch } = window;
  window.fetch = (address) => fetch(address).catch(() => new Response(""));
}
