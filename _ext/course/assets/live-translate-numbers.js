// Translate numbers: the reader types one, a Transformer writes it in Korean, and words can be hidden from it.
(() => {
  const words = {
    number: "A number",
    range: (most) => `Type a whole number from 1 to ${most}.`,
    translate: "Translate",
    random: "Another number",
    all: "Show all words",
    heads: "Attention",
    mean: "mean of all heads",
    head: (i) => `head ${i + 1}`,
    waiting: "Press Translate: the network is loaded then.",
    hint: "Press an English word to hide it from the network. A column is a Korean word being written; the stronger the blue, the more weight.",
    hide: (word, i) => `Hide ${word}, word ${i + 1}`,
    percent: (weight) => `${Math.round(100 * weight)} %`,
    wrote: "The network writes",
    right: "right",
    wrong: (truth) => `wrong: it is ${truth}`,
    hidden: (names) => `Without ${names.map((name) => `“${name}”`).join(" and ")} it writes`,
    changed: (n) => (n ? `${n} ${n === 1 ? "word" : "words"} changed` : "nothing changed"),
    nothing: "nothing",
    table: "Attention, in per cent",
  };
  const [PAD, START, END] = [0, 1, 2]; // the first three words of both vocabularies
  const MOST = 99_999_999;

  live.numbers = {
    // Positions of a number's words in the English vocabulary: one to nineteen, twenty to ninety, hundred, thousand, million.
    english: (number) => {
      const places = [];
      for (const [size, name] of [[1e6, 32], [1e3, 31], [1, null]]) {
        const group = Math.floor(number / size) % 1000;
        const hundreds = Math.floor(group / 100);
        let rest = group % 100;
        if (hundreds) places.push(END + hundreds, 30);
        if (rest >= 20) {
          places.push(20 + Math.floor(rest / 10));
          rest %= 10;
        }
        if (rest) places.push(END + rest);
        if (group && name) places.push(name);
      }
      return places;
    },
    // The same in Korean: digits, ten, hundred, thousand, ten thousand. A one is spoken only at the end of a group.
    korean: (number) => {
      const places = [];
      for (const [group, name] of [[Math.floor(number / 1e4), 15], [number % 1e4, null]]) {
        if (!(group === 1 && name)) {
          [...String(group).padStart(4, "0")].map(Number).forEach((digit, i) => {
            const unit = i < 3 ? 14 - i : null;
            if (digit > 1 || (digit === 1 && !unit)) places.push(END + digit);
            if (digit && unit) places.push(unit);
          });
        }
        if (group && name) places.push(name);
      }
      return places;
    },
    // What the network reads: the source, which of its words it sees, what was written, and the place asked about.
    encode: (source, seen, written, { english, korean, places: [S, T] }) => {
      const [read, write] = [S * english.length, T * korean.length];
      const row = new Float32Array(read + S + write + T);
      for (let i = 0; i < S; i++) {
        row[i * english.length + (source[i] ?? PAD)] = 1;
        row[read + i] = Number(seen[i] ?? false);
      }
      for (let t = 0; t < T; t++) row[read + S + t * korean.length + (written[t] ?? PAD)] = 1;
      row[read + S + write + written.length - 1] = 1;
      return row;
    },
    // Write the likeliest word until the end; for each word, in each head, the weights of the source's words.
    translate: (run, source, seen, about) => {
      const [S, T] = about.places;
      const [written, weights] = [[START], []];
      while (written.length < T) {
        const row = live.numbers.encode(source, seen, written, about);
        const { output, look } = run([1, row.length], row);
        const word = output.indexOf(Math.max(...output));
        if (word === END) break;
        const heads = Array.from({ length: about.heads }, (_, h) => {
          const first = (h * T + written.length - 1) * S;
          return Array.from(look.data.slice(first, first + source.length));
        });
        written.push(word);
        weights.push(heads);
      }
      return { written: written.slice(1), weights };
    },
    // Which words of one text are not among the most words that it has in common, in order, with another.
    differing: (text, other) => {
      const common = Array.from({ length: text.length + 1 }, () => new Array(other.length + 1).fill(0));
      for (let i = text.length - 1; i >= 0; i--) {
        for (let j = other.length - 1; j >= 0; j--) {
          common[i][j] = text[i] === other[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
        }
      }
      let j = 0;
      return text.map((word, i) => {
        while (j < other.length && word !== other[j] && common[i][j + 1] === common[i][j]) j += 1;
        const same = word === other[j];
        if (same) j += 1;
        return !same;
      });
    },
  };
  const { english, korean, translate, differing } = live.numbers;

  globalThis.live.kinds["translate-numbers"] = (figure, about, load) => {
    const { make } = course;
    const names = (places, vocabulary) => places.map((place) => vocabulary[place]);
    let number = about.number;
    let hidden = new Set(); // places of English words
    let run, loading; // the network comes with the first press

    const input = make("input", { type: "number", min: 1, max: MOST, step: 1, value: number, inputMode: "numeric" });
    const options = [words.mean, ...Array.from({ length: about.heads }, (_, i) => words.head(i))];
    const head = make("select", {}, ...options.map((text, value) => make("option", { value }, text)));
    const told = make("p", { className: "live-told" }, words.waiting);
    const table = make("table", { className: "live-weights" });
    const [status, say] = live.status();
    const korean_text = (places, marked = []) =>
      make("span", { lang: "ko", className: "live-korean" }, ...names(places, about.korean).map((word, i) =>
        marked[i] ? make("mark", {}, word) : word));

    const show = () => {
      const source = english(number);
      const seen = source.map((_, i) => !hidden.has(i));
      const now = run && translate(run, source, seen, about);
      const written = now?.written ?? [];
      const weight = (t, s) => {
        const heads = now.weights[t].map((row) => row[s]);
        return head.value === "0" ? heads.reduce((sum, x) => sum + x, 0) / heads.length : heads[head.value - 1];
      };
      const rows = source.map((place, s) => {
        const name = about.english[place];
        const toggle = course.button(name, () => press(s));
        toggle.ariaPressed = String(hidden.has(s));
        toggle.ariaLabel = words.hide(name, s);
        const cells = written.map((_, t) => {
          const part = weight(t, s);
          const cell = make("td", {}, make("span", { className: "visually-hidden" }, words.percent(part)));
          cell.style.setProperty("--weight", `${Math.round(100 * part)}%`);
          return cell;
        });
        return make("tr", {}, make("th", { scope: "row" }, toggle), ...cells);
      });
      const top = names(written, about.korean).map((word) => make("th", { scope: "col", lang: "ko" }, word));
      table.replaceChildren(
        make("caption", { className: "visually-hidden" }, words.table),
        make("thead", {}, make("tr", {}, make("td"), ...top)),
        make("tbody", {}, ...rows),
      );
      if (!run) return;
      const whole = hidden.size ? translate(run, source, source.map(() => true), about).written : written;
      const truth = korean(number);
      const verdict = whole.join() === truth.join() ? words.right : words.wrong(names(truth, about.korean).join(""));
      const lines = [[words.wrote, whole, [], verdict]];
      if (hidden.size) {
        const [gone, come] = [differing(whole, written), differing(written, whole)];
        const count = Math.max(gone.filter(Boolean).length, come.filter(Boolean).length);
        const without = names(source.filter((_, i) => hidden.has(i)), about.english);
        lines.push([words.hidden(without), written, come, words.changed(count)]);
      }
      told.replaceChildren(...lines.flatMap(([before, places, marked, after]) => [
        `${before} `, places.length ? korean_text(places, marked) : words.nothing, ` (${after}). `, make("br"),
      ]));
      say(lines.map(([before, places, , after]) => `${before} ${names(places, about.korean).join("")}, ${after}.`).join(" "));
    };
    const prepare = () =>
      (loading ??= load().then(({ models }) => {
        run = live.compile(models[0]);
        show();
      }));
    const press = (s) => {
      if (!hidden.delete(s)) hidden.add(s);
      if (hidden.size === english(number).length) hidden.delete(s); // something must be left to read
      prepare();
      show();
      table.querySelectorAll("button")[s].focus();
    };
    const take = () => {
      const value = Number(input.value);
      if (!Number.isInteger(value) || value < 1 || value > MOST) {
        told.textContent = words.range(MOST.toLocaleString("en"));
        say(told.textContent);
        return;
      }
      [number, hidden] = [value, new Set()];
      prepare();
      show();
    };
    input.onchange = take;
    input.onkeydown = ({ key }) => key === "Enter" && take(); // also a number that is there from the start
    head.onchange = () => {
      prepare();
      show();
    };
    const random = () => {
      const digits = 2 + Math.floor(7 * Math.random()); // 2 to 8 of them
      input.value = Math.floor(10 ** (digits - 1) * (1 + 9 * Math.random()));
      take();
    };
    const reveal = () => {
      hidden = new Set();
      prepare();
      show();
    };
    const buttons = make("div", { className: "buttons" },
      course.button(words.translate, take), course.button(words.random, random), course.button(words.all, reveal));
    const controls = make("div", {}, live.control(words.number, input), live.control(words.heads, head));
    figure.append(controls, buttons, told, make("div", { className: "live-scroll" }, table), make("small", {}, words.hint), status);
    show();
  };
})();
