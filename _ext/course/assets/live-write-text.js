// A network writes on, character by character. Random numbers are fixed, so that only the temperature changes the text.
(() => {
  const words = {
    beginning: "Beginning",
    temperature: "Temperature",
    degrees: (t) => t.toFixed(1),
    on: "Write on",
    others: "Other random numbers",
    again: "Start again",
    written: "What it writes",
    next: (t) => `What may come next, at temperature ${t.toFixed(1)}`,
    character: "Character",
    probability: "Probability",
    names: { "\n": "line end", " ": "space" },
    unknown: (signs) => `The network does not know ${signs}, and skips it.`,
    percent: (p) => `${Math.round(100 * p)}%`,
    said: (t, text) => `At temperature ${t.toFixed(1)} it writes: ${text}`,
    failed: "The network could not be loaded. Move the slider to try once more.",
  };
  const STEP = 60; // characters that it writes at a time
  const FRAME = 12; // milliseconds between two looks at the page
  const SHOWN = 6; // characters that may come next

  globalThis.live.writer = {
    // The random number of a place in the text, from 0 to 1: the mixing of mulberry32.
    random: (seed, place) => {
      let t = (Math.imul(seed, 0x9e3779b9) + Math.imul(place + 1, 0x6d2b79f5)) | 0;
      t = Math.imul(t ^ (t >>> 15), t | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    },

    // Probabilities of the next character after places in the alphabet, of which a network reads the last length - 1.
    next: (run, length, size, places, temperature) => {
      const read = places.slice(1 - length);
      const x = new Float32Array(length * size);
      read.forEach((place, t) => (x[t * size + place] = 1));
      const { output } = run([1, length, size], x);
      const logits = output.slice((read.length - 1) * size, read.length * size);
      return live.softmax(logits.map((logit) => logit / temperature));
    },

    // Which character a random number means: all have their share of the line from 0 to 1.
    pick: (p, random) => {
      let sum = 0;
      const place = p.findIndex((share) => (sum += share) > random);
      return place < 0 ? p.length - 1 : place;
    },
  };

  globalThis.live.kinds["write-text"] = (figure, about, load) => {
    const { make } = course;
    const { characters, length } = about;
    const size = characters.length;
    let [seed, wanted, turn] = [about.seed, STEP, 0];
    let loading;

    const field = make("input", { type: "text", value: about.beginning, maxLength: 60, spellcheck: false });
    const temperature = live.slider(words.temperature, [0.2, 2, about.temperature, 0.1], words.degrees);
    const note = make("p", { className: "live-told" });
    const [typed, written] = [make("b"), make("span")];
    const paper = make("p", { className: "live-written" }, typed, written);
    const caption = make("caption");
    const rows = make("tbody");
    const head = [words.character, words.probability].map((text) => make("th", { scope: "col" }, text));
    const following = make("table", { className: "live-following" }, caption, make("thead", {}, make("tr", {}, ...head)), rows);
    const [status, say] = live.status();

    const showNext = (p) => {
      caption.textContent = words.next(temperature.value);
      const order = Array.from(p, (_, i) => i).sort((i, j) => p[j] - p[i]).slice(0, SHOWN);
      rows.replaceChildren(...order.map((i) => {
        const bar = make("span", { className: "live-share", ariaHidden: "true" });
        bar.style.setProperty("--share", p[i]);
        const name = words.names[characters[i]] ?? characters[i];
        return make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, bar, words.percent(p[i])));
      }));
    };
    const prepare = () => (loading ??= load().then(({ models }) => live.compile(models[0])).catch(() => {
      loading = undefined;
      say(words.failed);
    }));
    const write = async () => {
      const mine = ++turn; // a later change ends this one
      const signs = Array.from(field.value);
      const unknown = new Set(signs.filter((sign) => !characters.includes(sign)));
      note.textContent = unknown.size ? words.unknown([...unknown].join(" ")) : "";
      const begun = signs.filter((sign) => characters.includes(sign)).map((sign) => characters.indexOf(sign));
      const places = begun.length ? [...begun] : [characters.indexOf("\n")]; // it must read something
      typed.textContent = begun.map((place) => characters[place]).join("");
      const start = places.length;
      const run = await prepare();
      if (!run) return;
      const ask = () => live.writer.next(run, length, size, places, temperature.value);
      for (let seen = performance.now(), i = 0; i < wanted; i++) {
        if (mine !== turn) return;
        places.push(live.writer.pick(ask(), live.writer.random(seed, i)));
        if (performance.now() - seen < FRAME) continue;
        written.textContent = places.slice(start).map((place) => characters[place]).join("");
        await new Promise((resolve) => setTimeout(resolve));
        seen = performance.now();
      }
      if (mine !== turn) return;
      written.textContent = places.slice(start).map((place) => characters[place]).join("");
      showNext(ask());
      figure.classList.add("loaded");
      say(words.said(temperature.value, written.textContent));
    };

    field.oninput = () => {
      wanted = STEP;
      write();
    };
    temperature.input.addEventListener("input", write);
    const on = course.button(words.on, () => {
      wanted += STEP;
      write();
    });
    const others = course.button(words.others, () => {
      seed++;
      write();
    });
    const again = course.button(words.again, () => {
      field.value = about.beginning;
      [seed, wanted] = [about.seed, STEP];
      temperature.set(about.temperature);
      write();
    });
    figure.append(
      live.control(words.beginning, field),
      temperature.label,
      make("div", { className: "buttons" }, on, others, again),
      note,
      paper,
      following,
      status,
    );
    typed.textContent = about.beginning;
    written.textContent = about.written;
    following.hidden = true;
    const first = () => (following.hidden = false);
    for (const sign of ["input", "click"]) figure.addEventListener(sign, first, { once: true });
    ["pointerenter", "focusin"].forEach((sign) => figure.addEventListener(sign, prepare, { once: true }));
  };
})();
