// Guess the next letter: a trained network and a table of counts read the end of the reader's text.
(() => {
  const words = {
    text: "Your text",
    last: "Last characters that they may read",
    guesses: (name) => `${name}: its first five guesses`,
    add: (name) => `Add ${name}`,
    names: { "\n": "line end", " ": "space" },
    unknown: (letters) => `The models do not know ${letters}, and skip it.`,
    nothing: "They read nothing.",
    read: (text) => `They read: “${text}”`,
    again: "Start again",
    share: (p) => (p < 0.01 ? "< 1 %" : `${Math.round(100 * p)} %`),
    said: (name, letter, share) => `${name}: ${letter}, ${share}.`,
  };
  const FIRST = 5;

  globalThis.live.letters = {
    // The last positions of a text's characters among those known, at most n; and the characters that are not.
    read: (text, characters, n) => {
      const places = Array.from(text, (letter) => characters.indexOf(letter));
      const known = places.filter((place) => place >= 0);
      const unknown = new Set(Array.from(text).filter((_, i) => places[i] < 0));
      return { places: known.slice(known.length - Math.min(n, known.length)), unknown: [...unknown] };
    },

    // Interpolated Kneser-Ney, as `helpers.text.Backoff`. Counts what follows ever longer ends of the context.
    table: (train, size, { order, discount }, context) => {
      const longest = Math.min(order, context.length);
      let p = new Float64Array(size).fill(1 / size);
      let found = Array.from(train, (_, i) => i); // where the character after the context stands
      for (let k = 0; k <= longest && found.length > 0; k++) {
        if (k > 0) found = found.filter((i) => i >= k && train[i - k] === context[context.length - k]);
        const counts = new Float64Array(size);
        if (k === order) for (const i of found) counts[train[i]]++;
        else {
          // After how many different characters: of each pair of one before and one behind, the first.
          const pairs = new Set(found.filter((i) => i > k).map((i) => train[i - k - 1] * size + train[i]));
          for (const pair of pairs) counts[pair % size]++;
        }
        const total = counts.reduce((a, b) => a + b, 0);
        if (total === 0) break;
        const given = discount * counts.filter((count) => count > 0).length;
        p = p.map((shorter, c) => (Math.max(counts[c] - discount, 0) + given * shorter) / total);
      }
      return p;
    },

    // What a network makes of each step, if it reads the context and then zeros; the answer is at the last character.
    network: (run, length, size, context) => {
      const x = new Float32Array(length * size);
      const end = context.slice(-length);
      end.forEach((place, t) => (x[t * size + place] = 1));
      return run([1, length, size], x).output.slice((end.length - 1) * size, end.length * size);
    },

    first: (p, n = FIRST) => {
      const order = Array.from(p, (_, i) => i).sort((i, j) => p[j] - p[i]);
      return order.slice(0, n).map((i) => [i, p[i]]);
    },
  };

  globalThis.live.kinds["guess-letters"] = (figure, about, load) => {
    const { make } = course;
    const { characters, length, table, names, before } = about;
    const size = characters.length;
    let guess, loading; // the models come with the first touch

    const area = make("textarea", { rows: 3, value: about.text, spellcheck: false });
    const last = live.slider(words.last, [1, length, length, 1], String);
    const read = make("p", { className: "live-read" });
    const note = make("p", { className: "live-note" });
    const tables = names.map((name) => make("table", { className: "live-guesses" }));
    const [status, say] = live.status();
    const nameOf = (place) => words.names[characters[place]] ?? characters[place];

    const fill = (guesses) => {
      guesses.forEach((rows, m) => {
        const caption = make("caption", {}, words.guesses(names[m]));
        const lines = rows.map(([place, p]) => {
          const add = course.button(nameOf(place), () => {
            area.value += characters[place];
            show();
          });
          add.ariaLabel = words.add(nameOf(place));
          const bar = make("span", { className: "live-guess", ariaHidden: "true" });
          bar.style.setProperty("--share", p);
          return make("tr", {}, make("td", {}, add), make("td", {}, bar), make("td", {}, words.share(p)));
        });
        tables[m].replaceChildren(caption, make("tbody", {}, ...lines));
      });
      say(guesses.map(([[place, p]], m) => words.said(names[m], nameOf(place), words.share(p))).join(" "));
    };
    const told = () => {
      const { places, unknown } = live.letters.read(area.value, characters, last.value);
      const seen = places.map((place) => characters[place]).join("");
      read.textContent = seen ? words.read(seen) : words.nothing;
      note.textContent = unknown.length ? words.unknown(unknown.join(" ")) : "";
      return places;
    };
    const show = () => {
      const places = told();
      if (guess) fill(guess(places));
      else prepare();
    };
    const prepare = () =>
      (loading ??= load().then(({ models, train }) => {
        const run = live.compile(models[0]);
        const { data } = live.unpack(train);
        const start = characters.indexOf("\n"); // a network must read something
        guess = (places) => [
          live.letters.network(run, length, size, places.length ? places : [start]),
          live.letters.table(data, size, table, places),
        ].map((p) => live.letters.first(p));
        show();
      }));

    area.oninput = show;
    last.input.addEventListener("input", show);
    const again = course.button(words.again, () => {
      area.value = about.text;
      last.set(length);
      show();
    });
    figure.append(
      make("label", { className: "live-typed" }, make("span", {}, words.text), area),
      make("div", {}, last.label, read, note),
      make("div", { className: "live-both" }, ...tables),
      make("div", { className: "buttons" }, again),
      status,
    );
    told();
    fill(before);
  };
})();
