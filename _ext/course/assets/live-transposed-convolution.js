// Stamp by stamp: the reader watches a transposed convolution paint, and what a convolution makes of the result.
(() => {
  const words = {
    input: "Input",
    kernel: "Kernel",
    output: "Output (dashed: cut away by padding)",
    back: "Convolved back",
    size: "Kernel size",
    stride: "Stride",
    padding: "Padding",
    stamps: "Stamps",
    numbers: "Numbers in the kernel",
    kernels: { ones: "ones", pyramid: "a pyramid", edge: "an edge", own: "my own" },
    next: "Next stamp",
    all: "All stamps",
    reset: "Start again",
    change: "Change a number",
    hint: "Click a number of the input or the kernel, or choose it here.",
    cell: "Number",
    name: (grid, i, j) => `${grid}, row ${i + 1}, column ${j + 1}`,
    value: "Value",
    count: (n, of) => `${n} of ${of}`,
    shape: (n, k, s, p, size) => `Output: (${n} − 1) · ${s} + ${k} − 2 · ${p} = ${size} pixels high.`,
    covered: (counts) => `Stamps on a pixel: ${counts.join(", ")}.`,
    off: (n, percent) => `Convolved back: ${n} × ${n} again. With the best factor the numbers are still off by ${percent} %.`,
    unfinished: "Not all stamps are on the paper yet.",
  };
  const [CELL, GAP] = [28, 2]; // px

  const table = (rows, columns, value) =>
    Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => value(i, j)));

  live.transposed = {
    // The sum of the first stamps (all, if not told), before the padding is cut away; and how many lie on each pixel.
    paint: (x, kernel, stride, stamps = x.length * x[0].length) => {
      const [h, w] = [kernel.length, kernel[0].length];
      const empty = () => table((x.length - 1) * stride + h, (x[0].length - 1) * stride + w, () => 0);
      const [sum, counts] = [empty(), empty()];
      for (let n = 0; n < stamps; n++) {
        const [i, j] = [Math.floor(n / x[0].length), n % x[0].length];
        kernel.forEach((row, k) => row.forEach((value, l) => {
          sum[i * stride + k][j * stride + l] += x[i][j] * value;
          counts[i * stride + k][j * stride + l] += 1;
        }));
      }
      return { sum, counts };
    },
    cut: (y, padding) => y.slice(padding, y.length - padding).map((row) => row.slice(padding, row.length - padding)),
    convolve: (y, kernel, stride, padding) => {
      const [h, w] = [kernel.length, kernel[0].length];
      const places = (length, k) => Math.floor((length + 2 * padding - k) / stride) + 1;
      return table(places(y.length, h), places(y[0].length, w), (i, j) =>
        kernel.reduce((total, row, k) => total + row.reduce((sum, value, l) =>
          sum + value * (y[i * stride + k - padding]?.[j * stride + l - padding] ?? 0), 0), 0));
    },
    // How far a result is from x, as a share of x, after the factor that brings it nearest.
    off: (result, x) => {
      const [a, b] = [result.flat(), x.flat()];
      const dot = (one, other) => one.reduce((sum, value, i) => sum + value * other[i], 0);
      const factor = dot(a, b) / (dot(a, a) || 1);
      const rest = b.map((value, i) => value - factor * a[i]);
      return Math.sqrt(dot(rest, rest) / (dot(b, b) || 1));
    },
    kernels: {
      ones: (k) => table(k, k, () => 1),
      // For k = 2 * stride, or 1 less if the stride is odd, it enlarges bilinearly.
      pyramid: (k) => {
        const along = (i) => 1 - Math.abs(i - (k - 1) / 2) / Math.ceil(k / 2);
        return table(k, k, (i, j) => along(i) * along(j));
      },
      edge: (k) => table(k, k, (_, j) => Math.sign(j - (k - 1) / 2)),
    },
  };
  const { paint, cut, convolve, off, kernels } = live.transposed;

  live.kinds["transposed-convolution"] = async (figure, about) => {
    const { make } = course;
    const copy = (rows) => rows.map((row) => [...row]);
    let input = copy(about.input);
    let kernel = kernels.ones(about.size);
    const [H, W] = [input.length, input[0].length];
    let chosen = ["input", 0, 0];

    const svg = (tag, attributes, ...children) => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      element.append(...children);
      return element;
    };
    // A grid of numbers; `look` gives each cell's class, `frame` is [row, column, rows, columns].
    const grid = (caption, pick) => {
      const plot = svg("svg", { class: "live-numbers", "aria-hidden": "true" });
      if (pick) plot.addEventListener("click", ({ target }) => target.dataset.cell && pick(...target.dataset.cell.split(",").map(Number)));
      const draw = (values, look = () => "", frame = null) => {
        const [rows, columns] = [values.length, values[0].length];
        const most = Math.max(1, ...values.flat().map(Math.abs));
        for (const [name, length] of [["width", columns], ["height", rows]]) plot.setAttribute(name, length * CELL + 2 * GAP);
        plot.replaceChildren(...values.flatMap((row, i) => row.flatMap((value, j) => {
          const at = { x: GAP + j * CELL, y: GAP + i * CELL, width: CELL, height: CELL };
          const sign = value < 0 ? "live-negative" : "live-positive";
          return [
            svg("rect", { ...at, class: `${sign} ${look(i, j)}`, "fill-opacity": (0.5 * Math.abs(value)) / most, "data-cell": `${i},${j}` }),
            svg("text", { x: at.x + CELL / 2, y: at.y + CELL / 2 + 4, class: look(i, j) }, String(Number(value.toFixed(1)))),
          ];
        })), ...(frame ? [svg("rect", {
          class: "live-frame", x: GAP + frame[1] * CELL, y: GAP + frame[0] * CELL, width: frame[3] * CELL, height: frame[2] * CELL,
        })] : []));
      };
      return { box: make("figure", {}, make("figcaption", {}, caption), plot), draw };
    };
    const pick = (name) => (i, j) => {
      chosen = [name, i, j];
      hand.open = true;
      show();
    };
    const grids = {
      input: grid(words.input, pick("input")),
      kernel: grid(words.kernel, pick("kernel")),
      output: grid(words.output),
      back: grid(words.back),
    };

    const size = live.slider(words.size, [1, 5, about.size, 1], String);
    const stride = live.slider(words.stride, [1, 3, about.stride, 1], String);
    const padding = live.slider(words.padding, [0, 2, about.padding, 1], String);
    const stamps = live.slider(words.stamps, [0, H * W, H * W, 1], (n) => words.count(n, H * W));
    const options = (texts) => Object.entries(texts).map(([value, text]) => make("option", { value }, text));
    const numbers = make("select", {}, ...options(words.kernels));
    const cell = make("select", {});
    const value = live.slider(words.value, [-3, 3, 0, 0.25], (number) => String(Number(number.toFixed(2))));
    const hand = make("details", {}, make("summary", {}, words.change), make("p", {}, words.hint), live.control(words.cell, cell), value.label);
    const [status, say] = live.status();
    const told = make("p", { className: "live-told" });

    const show = () => {
      const [k, s, p, n] = [size.value, stride.value, padding.value, stamps.value];
      const { sum, counts } = paint(input, kernel, s, n);
      const output = cut(sum, p);
      const back = convolve(output, kernel, s, p);
      const [i, j] = [Math.floor((n - 1) / W), (n - 1) % W];
      const isChosen = (name) => (r, c) => (hand.open && chosen.join() === [name, r, c].join() ? "live-chosen" : "");
      grids.input.draw(input, isChosen("input"), n ? [i, j, 1, 1] : null);
      grids.kernel.draw(kernel, isChosen("kernel"));
      const isCut = (r, c) => Math.min(r, c, sum.length - 1 - r, sum[0].length - 1 - c) < p;
      grids.output.draw(sum, (r, c) => (isCut(r, c) ? "live-cut" : ""), n ? [i * s, j * s, k, k] : null);
      grids.back.draw(back);
      const names = { input, kernel };
      cell.replaceChildren(...Object.entries(names).flatMap(([name, rows]) => rows.flatMap((row, r) =>
        row.map((_, c) => make("option", { value: [name, r, c] }, words.name(words[name], r, c))))));
      cell.value = chosen.join();
      value.set(names[chosen[0]][chosen[1]][chosen[2]]);
      const covered = [...new Set(cut(counts, p).flat())].sort((a, b) => a - b);
      const end = n < H * W ? words.unfinished : words.off(H, Math.round(100 * off(back, input)));
      const sentences = [words.shape(H, k, s, p, output.length), words.covered(covered), end];
      told.replaceChildren(...sentences.flatMap((text) => [text, make("br")]));
      say(sentences.join(" "));
    };
    const fill = () => {
      if (numbers.value === "own") {
        const old = kernel; // what is there stays; a larger kernel gets zeros
        kernel = table(size.value, size.value, (i, j) => old[i]?.[j] ?? 0);
      } else kernel = kernels[numbers.value](size.value);
      padding.input.max = Math.min(2, size.value - 1); // the browser moves the value with it
      padding.set(padding.value);
      if (chosen[0] === "kernel" && Math.max(chosen[1], chosen[2]) >= size.value) chosen = ["input", 0, 0];
      show();
    };
    size.input.addEventListener("input", fill);
    numbers.onchange = fill;
    for (const { input: slider } of [stride, padding, stamps]) slider.addEventListener("input", show);
    cell.onchange = () => {
      const [name, i, j] = cell.value.split(",");
      chosen = [name, Number(i), Number(j)];
      show();
    };
    value.input.addEventListener("input", () => {
      const [name, i, j] = chosen;
      if (name === "kernel") numbers.value = "own";
      (name === "kernel" ? kernel : input)[i][j] = value.value;
      show();
    });
    hand.ontoggle = show;
    const stamp = (n) => {
      stamps.set(n);
      show();
    };
    const buttons = make("div", { className: "buttons" },
      course.button(words.next, () => stamp((stamps.value + 1) % (H * W + 1))),
      course.button(words.all, () => stamp(H * W)),
      course.button(words.reset, () => {
        input = copy(about.input);
        numbers.value = "ones";
        for (const [slider, start] of [[size, about.size], [stride, about.stride], [stamps, H * W]]) slider.set(start);
        fill();
        padding.set(about.padding);
        show();
      }));
    const controls = make("div", {}, size.label, stride.label, padding.label, live.control(words.numbers, numbers), stamps.label);
    const pictures = make("div", { className: "live-grids" }, ...Object.values(grids).map(({ box }) => box));
    figure.append(pictures, told, controls, buttons, hand, status);
    fill();
  };
})();
