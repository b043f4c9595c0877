// Draw the upper half of a digit: a model completes it six times, pixel by pixel, by the probability that it gives to ink.
(() => {
  const words = {
    hint: "Draw the upper half of a digit here",
    cover: "The model draws here",
    model: "Model",
    complete: "Complete it six times",
    drawn: "Pixels drawn so far",
    of: (k, all) => `${k} of ${all}`,
    waiting: "–",
    nats: (value) => `${value.toFixed(1)} nats`,
    legend: "Above: ink that is given, then drawn. Below: how probable ink was at each pixel, from black (never) to white (surely). Grey: not yet drawn.",
    numbers: "All numbers",
    columns: ["", "Nats of the lower half", "Pixels of ink in it", "Mean probability of what was drawn"],
    row: (k) => `Completion ${k}`,
    empty: "Nothing is drawn yet.",
    ready: "Press the button: the model goes on from your half.",
    said: (name, low, high, given) =>
      `${name}: six lower halves, of ${low.toFixed(0)} to ${high.toFixed(0)} nats. The upper half costs it ${given.toFixed(0)} nats.`,
    shown: (k, all) => `${k} of ${all} pixels are drawn.`,
    failed: "The models could not be loaded. Draw again to try once more.",
  };
  const SIDE = 28; // pixels of an image
  const N = SIDE * SIDE;
  const HALF = N / 2;
  const COUNT = 6;
  const LASTS = 4000; // milliseconds from the first pixel to the last
  const PALE = 0.3; // shade of what is not yet drawn
  const LEAST = 1 / 512; // a table's probabilities come in steps of 1/255

  // Models: `start` gives an empty memory; `ink` how probable ink is at pixel i, given those before it.
  live.completion = {
    // A network that `OnePixel` has made of a PixelCNN: for each layer, `width` maps are kept, with a border of one.
    network: (run, layers, width) => ({
      start: () => Array.from({ length: layers }, () => new Float32Array(width * (SIDE + 2) ** 2)),
      ink: (image, i, kept) => {
        const [row, column] = [Math.floor(i / SIDE), i % SIDE];
        const past = new Float32Array(49 + layers * 9 * width + N);
        let at = 0;
        for (let r = row - 3; r <= row + 3; r++) {
          for (let c = column - 3; c <= column + 3; c++, at++) {
            if (r >= 0 && c >= 0 && r < SIDE && c < SIDE) past[at] = image[r * SIDE + c];
          }
        }
        const place = (channel, r, c) => (channel * (SIDE + 2) + r) * (SIDE + 2) + c;
        for (const maps of kept) {
          for (let channel = 0; channel < width; channel++) {
            for (let k = 0; k < 9; k++, at++) past[at] = maps[place(channel, row + Math.floor(k / 3), column + (k % 3))];
          }
        }
        past[at + i] = 1;
        const { output } = run([1, past.length], past);
        kept.forEach((maps, layer) => {
          for (let channel = 0; channel < width; channel++) {
            maps[place(channel, row + 1, column + 1)] = output[1 + layer * width + channel];
          }
        });
        return 1 / (1 + Math.exp(-output[0]));
      },
    }),

    // For each pixel, those `before` it (N stands for paper outside), and a share of ink in 255ths for each pattern.
    table: (before, shares) => ({
      start: () => [],
      ink: (image, i) => {
        const k = before.length / N;
        let pattern = 0;
        for (let j = 0; j < k; j++) pattern += 2 ** j * (image[before[i * k + j]] ?? 0);
        return shares[i * 2 ** k + pattern] / 255;
      },
    }),

    // Draw the lower half `count` times; `random` gives numbers from 0 to 1. Returns how probable ink was in the given
    // half, and for each completion its image and its probabilities, all of N numbers.
    complete: (model, given, count, random) => {
      const [memory, upper] = [model.start(), new Float32Array(N)];
      const start = Float32Array.from(given, (value, i) => (i < HALF ? value : 0));
      for (let i = 0; i < HALF; i++) upper[i] = model.ink(start, i, memory);
      return Array.from({ length: count }, () => {
        const [image, ink, own] = [start.slice(), upper.slice(), memory.map((maps) => maps.slice())];
        for (let i = HALF; i < N; i++) {
          ink[i] = model.ink(image, i, own);
          image[i] = random() < ink[i] ? 1 : 0;
        }
        return { image, ink };
      });
    },

    // The surprise at the pixels from one to another, in nats.
    nats: ({ image, ink }, from, to) => {
      let sum = 0;
      for (let i = from; i < to; i++) sum -= Math.log(Math.max(LEAST, image[i] ? ink[i] : 1 - ink[i]));
      return sum;
    },
  };

  globalThis.live.kinds["complete-digit"] = async (figure, about, load) => {
    await live.load("live-draw-digit.js");
    const { make } = course;
    const { network, table, complete, nats } = live.completion;
    const [status, say] = live.status();
    let models, tests, loading, moving;
    let completed = []; // empty until asked for

    const select = make("select", {}, ...about.names.map((name) => make("option", {}, name)));
    const progress = live.slider(words.drawn, [0, HALF, 0, 1], (k) => words.of(k, HALF));
    const places = Array.from({ length: COUNT }, () => {
      const [ink, shares] = [0, 1].map(() => make("canvas", { className: "live-seen", ariaHidden: "true" }));
      const caption = make("figcaption", {}, words.waiting);
      return { ink, shares, caption, box: make("figure", {}, ink, shares, caption) };
    });
    const numbers = make("table", {});

    const binary = () => pad.image().map((value) => (value > 0.5 ? 1 : 0));
    const show = () => {
      const end = HALF + progress.value;
      const given = completed.length ? null : binary();
      const until = (data) => data.map((value, i) => (i < end ? value : PALE));
      places.forEach(({ ink, shares, caption }, k) => {
        const one = completed[k] ?? { image: given, ink: new Float32Array(N).fill(PALE) };
        live.picture(ink, until(one.image), SIDE, SIDE, 0, 1);
        live.picture(shares, until(one.ink), SIDE, SIDE, 0, 1);
        caption.textContent = completed.length ? words.nats(nats(one, HALF, end)) : words.waiting;
      });
    };
    const showNumbers = () => {
      const rows = completed.map((one, k) => {
        const lower = one.image.slice(HALF);
        const sure = lower.reduce((sum, value, i) => sum + (value ? one.ink[HALF + i] : 1 - one.ink[HALF + i]), 0);
        const ink = lower.reduce((sum, value) => sum + value, 0);
        return [words.row(k + 1), nats(one, HALF, N).toFixed(1), ink, (sure / HALF).toFixed(3)];
      });
      live.fillTable(numbers, words.columns, rows);
    };
    const reset = () => {
      cancelAnimationFrame(moving);
      completed = [];
      progress.set(0);
      progress.input.disabled = true;
      show();
      showNumbers();
      say(pad.isEmpty() ? words.empty : [...pad.said(), words.ready].join(" "));
    };

    const prepare = () => (loading ??= load().then(({ models: [graph], ...tensors }) => {
      const data = (name) => live.unpack(tensors[name]).data;
      const { layers, width } = about;
      models = [
        network(live.compile(graph), layers, width),
        ...[0, 1].map((k) => table(data(`before${k}`), data(`table${k}`))),
        table([], data("independent")),
      ];
      tests = data("images");
      return tests;
    }).catch(() => {
      loading = undefined;
      say(words.failed);
    }));

    const draw = async () => {
      if (!(await prepare())) return false;
      cancelAnimationFrame(moving);
      completed = complete(models[select.selectedIndex], binary(), COUNT, Math.random);
      progress.input.disabled = false;
      showNumbers();
      const costs = completed.map((one) => nats(one, HALF, N));
      say(words.said(select.value, Math.min(...costs), Math.max(...costs), nats(completed[0], 0, HALF)));
      return true;
    };
    const play = async () => {
      if (!(await draw())) return;
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      const began = performance.now();
      const frame = () => {
        const share = still ? 1 : Math.min(1, (performance.now() - began) / LASTS);
        progress.set(Math.round(share * HALF));
        show();
        if (share < 1) moving = requestAnimationFrame(frame);
      };
      frame();
    };
    progress.input.addEventListener("input", () => {
      cancelAnimationFrame(moving);
      show();
      say(words.shown(progress.value, HALF));
    });
    select.onchange = async () => {
      if (!completed.length || !(await draw())) return;
      progress.set(HALF);
      show();
    };
    ["pointerenter", "focusin"].forEach((sign) => figure.addEventListener(sign, prepare, { once: true }));

    const pad = live.pad({ ...about, placed: true, hint: words.hint }, prepare, reset);
    const cover = make("p", { className: "live-cover", ariaHidden: "true" }, words.cover);
    pad.drawing.querySelector(".live-paper").append(cover);
    const controls = make(
      "div",
      { className: "live-result" },
      live.control(words.model, select),
      make("div", { className: "buttons" }, course.button(words.complete, play)),
      progress.label,
      make("p", { className: "live-note" }, words.legend),
    );
    const scroll = make("div", { className: "live-scroll", tabIndex: 0, role: "group" }, numbers);
    scroll.ariaLabel = words.numbers;
    const pictures = make("div", { className: "live-completions" }, ...places.map(({ box }) => box));
    figure.append(pad.drawing, controls, pictures, live.folded(words.numbers, scroll), status);
    live.withTheme(pad.redraw);
    reset();
  };
})();
