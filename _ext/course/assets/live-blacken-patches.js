// Draw a digit, then blacken some of its patches or shuffle them: several networks answer side by side.
(() => {
  const words = {
    patches: "What the networks see: click a patch to blacken it",
    patch: (row, column) => `Blacken the patch in row ${row}, column ${column}`,
    shuffle: "Shuffle the patches",
    back: "Put them back",
    light: "Show all patches",
    empty: "Nothing is drawn yet.",
    black: (n, all) => `${n} of ${all} patches are black.`,
    shuffled: "The patches are shuffled.",
    failed: "The networks could not be loaded. Draw again to try once more.",
  };
  const SIDE = 28; // pixels of an image

  globalThis.live.patches = {
    // An image whose place i shows the patch order[i], or nothing where it is black; n by n patches.
    arrange: (image, n, order, black) => {
      const [size, out] = [SIDE / n, new Float32Array(SIDE * SIDE)];
      const pixel = (patch, row, column) =>
        (Math.floor(patch / n) * size + row) * SIDE + (patch % n) * size + column;
      order.forEach((patch, place) => {
        if (black[place]) return;
        for (let row = 0; row < size; row++) {
          for (let column = 0; column < size; column++) {
            out[pixel(place, row, column)] = image[pixel(patch, row, column)];
          }
        }
      });
      return out;
    },

    // All orders are equally likely; `random` gives numbers from 0 to 1.
    shuffle: (n, random) => {
      const order = Array.from({ length: n }, (_, i) => i);
      for (let i = n - 1; i > 0; i--) {
        const j = Math.floor(random() * (i + 1));
        [order[i], order[j]] = [order[j], order[i]];
      }
      return order;
    },
  };

  globalThis.live.kinds["blacken-patches"] = async (figure, about, load) => {
    await live.load("live-draw-digit.js");
    const { make } = course;
    const n = about.patches; // in a row, and in a column
    const inPlace = Array.from({ length: n * n }, (_, i) => i);
    let order = inPlace;
    let networks, tests, loading;
    const [status, say] = live.status();
    const answers = live.answers(about);

    const boxes = inPlace.map((i) => {
      const box = make("input", { type: "checkbox", ariaLabel: words.patch(Math.floor(i / n) + 1, (i % n) + 1) });
      const canvas = make("canvas", { ariaHidden: "true" });
      box.onchange = () => update();
      return { box, canvas, label: make("label", { className: "live-piece" }, box, canvas) };
    });
    const show = (image) =>
      boxes.forEach(({ canvas }, i) => {
        const size = SIDE / n;
        const at = (k) => (Math.floor(i / n) * size + Math.floor(k / size)) * SIDE + (i % n) * size + (k % size);
        const part = Float32Array.from({ length: size * size }, (_, k) => image[at(k)]);
        live.picture(canvas, part, size, size, 0, 1);
      });

    const prepare = () => (loading ??= load().then(({ models, images }) => {
      networks = models.map(live.compile);
      tests = live.unpack(images).data;
      return tests;
    }).catch(() => {
      loading = undefined;
      say(words.failed);
    }));
    const update = async () => {
      const black = boxes.map(({ box }) => box.checked);
      const image = live.patches.arrange(pad.image(), n, order, black);
      show(image);
      if (!(await prepare())) return;
      const shares = networks.map((run) => live.softmax(run([1, 1, SIDE, SIDE], image).output));
      const said = answers.show(shares, pad.isEmpty());
      if (pad.isEmpty()) return say(words.empty);
      const count = black.filter(Boolean).length;
      const changed = [count ? words.black(count, n * n) : "", order === inPlace ? "" : words.shuffled];
      say([...pad.said(), ...changed, ...said].filter(Boolean).join(" "));
    };
    const pad = live.pad(about, prepare, update);
    const arranged = (next) => {
      order = next;
      update();
    };
    const light = () => {
      boxes.forEach(({ box }) => (box.checked = false));
      update();
    };
    ["pointerenter", "focusin"].forEach((sign) => figure.addEventListener(sign, prepare, { once: true }));

    const buttons = make(
      "div",
      { className: "buttons" },
      course.button(words.shuffle, () => arranged(live.patches.shuffle(n * n, Math.random))),
      course.button(words.back, () => arranged(inPlace)),
      course.button(words.light, light),
    );
    const grid = make("div", { className: "live-pieces" }, ...boxes.map(({ label }) => label));
    const group = make("fieldset", { className: "live-group" }, make("legend", {}, words.patches), grid, buttons);
    figure.append(pad.drawing, group, make("div", { className: "live-result" }, answers.table), status);
    live.withTheme(pad.redraw);
    show(new Float32Array(SIDE * SIDE));
  };
})();
