// Follow the gradient: a deep stack of dense layers before its first step, as the reader builds it.
(() => {
  const words = {
    activation: "Activation",
    activations: { sigmoid: "sigmoid", tanh: "tanh", relu: "ReLU" },
    start: "Initialization",
    starts: { linear: "nn.Linear's own", glorot: "Glorot", he: "He" },
    times: "Weights times",
    norm: "Batch normalization",
    skip: "Skip connections",
    depth: "Layers",
    again: "New random weights",
    keep: "Keep this curve",
    layer: "layer",
    gradient: "size of the gradient",
    spread: "spread of the values",
    kept: "kept gradient",
    now: "now",
    columns: ["size of the gradient", "first layer", "last layer", "first / last"],
    all: "All layers",
    none: "0",
    name: (s) =>
      [words.activations[s.activation], `${words.starts[s.start]}${s.times === 1 ? "" : ` × ${s.times}`}`, s.norm && "batch norm", s.skip && "skips", `${s.depth} layers`]
        .filter(Boolean).join(", "),
    said: (name, first, last, ratio) => `${name}. Gradient of the first layer ${first}, of the last ${last}; first to last ${ratio}.`,
  };
  const [HEIGHT, LEFT, RIGHT, BOTTOM, TOP] = [300, 44, 12, 40, 12]; // px
  const [LOW, HIGH, STEP] = [-20, 4, 4]; // powers of ten on the axis
  const TIMES = [0.2, 0.3, 0.5, 0.7, 1, 1.4, 2, 3, 4, 5, 7, 10, 15];
  const [DEPTHS, LAYERS_AT] = [[2, 40, 20, 1], [1, 10, 20, 30, 40]];
  // Class names in full: the site keeps those styles alone whose names it finds.
  const LINES = { gradient: "live-line-gradient", spread: "live-line-spread", kept: "live-line-kept" };
  const EPS = 1e-5; // of batch norm

  const activations = { // value, and slope from the value
    sigmoid: [(z) => 1 / (1 + Math.exp(-z)), (a) => a * (1 - a)],
    tanh: [Math.tanh, (a) => 1 - a * a],
    relu: [(z) => Math.max(0, z), (a) => (a > 0 ? 1 : 0)],
  };

  live.stack = {
    // Random weights: for each layer `w`, (n_out, n_in) row by row, and `b`. One seed gives a longer stack the same first layers.
    draw: (seed, sizes, start, times) => {
      let state = seed >>> 0;
      const uniform = () => {
        state = (state + 0x6d2b79f5) >>> 0; // mulberry32
        let t = Math.imul(state ^ (state >>> 15), state | 1);
        t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
        return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
      };
      const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
      return sizes.slice(1).map((out, i) => {
        const n = sizes[i];
        const weight = {
          linear: () => (2 * uniform() - 1) / Math.sqrt(n),
          glorot: () => normal() * Math.sqrt(2 / (n + out)),
          he: () => normal() * Math.sqrt(2 / n),
        }[start];
        const w = Float64Array.from({ length: out * n }, () => times * weight());
        return { w, b: Float64Array.from({ length: out }, () => (start === "linear" ? (2 * uniform() - 1) / Math.sqrt(n) : 0)) };
      });
    },
    // x holds one image after another; the last of the layers gives the logits. Returns the loss and, for each layer but the
    // last, the norm of the gradient of its weights, and the spread of its values over the images (mean over the units).
    run: (x, y, layers, { activation, norm, skip }) => {
      const N = y.length;
      const [value, slope] = activations[activation];
      const dense = (h, { w, b }) => {
        const [n, out] = [w.length / b.length, b.length];
        const z = new Float64Array(N * out);
        for (let k = 0; k < N; k++)
          for (let j = 0; j < out; j++) {
            let sum = b[j];
            for (let i = 0; i < n; i++) sum += w[j * n + i] * h[k * n + i];
            z[k * out + j] = sum;
          }
        return z;
      };
      const columns = (out, of) => Array.from({ length: out }, (_, j) => {
        let sum = 0;
        for (let k = 0; k < N; k++) sum += of(k * out + j);
        return sum / N;
      });
      let h = x;
      const steps = layers.slice(0, -1).map((layer, l) => {
        const out = layer.b.length;
        const z = dense(h, layer);
        let deviation = null;
        if (norm) {
          const mean = columns(out, (i) => z[i]);
          deviation = columns(out, (i) => (z[i] - mean[i % out]) ** 2).map((variance) => Math.sqrt(variance + EPS));
          for (let i = 0; i < z.length; i++) z[i] = (z[i] - mean[i % out]) / deviation[i % out];
        }
        const a = z.map(value);
        const step = { h, z, a, deviation, added: skip && l > 0 };
        h = step.added ? a.map((v, i) => v + step.h[i]) : a;
        const mean = columns(out, (i) => h[i]);
        const spread = columns(out, (i) => (h[i] - mean[i % out]) ** 2).map((v) => Math.sqrt((v * N) / (N - 1)));
        step.spread = spread.reduce((sum, v) => sum + v, 0) / out;
        return step;
      });
      const head = layers.at(-1);
      const K = head.b.length;
      let above = dense(h, head); // logits; then the gradient of what a layer puts out before norm and activation
      let loss = 0;
      for (let k = 0; k < N; k++) {
        const row = above.subarray(k * K, (k + 1) * K);
        const top = Math.max(...row);
        const total = row.reduce((sum, v) => sum + Math.exp(v - top), 0);
        loss -= (row[y[k]] - top - Math.log(total)) / N;
        for (let j = 0; j < K; j++) row[j] = (Math.exp(row[j] - top) / total - (j === y[k] ? 1 : 0)) / N;
      }
      const through = (gradient, { w, b }, base) => {
        const [n, out] = [w.length / b.length, b.length];
        const result = base ? Float64Array.from(base) : new Float64Array(N * n);
        for (let k = 0; k < N; k++)
          for (let j = 0; j < out; j++) {
            const g = gradient[k * out + j];
            for (let i = 0; i < n; i++) result[k * n + i] += g * w[j * n + i];
          }
        return result;
      };
      let down = through(above, head);
      const gradients = Array(steps.length);
      for (let l = steps.length - 1; l >= 0; l--) {
        const { h, z, a, deviation, added } = steps[l];
        const out = layers[l].b.length;
        const n = h.length / N;
        const g = down.map((v, i) => v * slope(a[i]));
        if (norm) {
          const mean = columns(out, (i) => g[i]);
          const along = columns(out, (i) => g[i] * z[i]);
          for (let i = 0; i < g.length; i++) g[i] = (g[i] - mean[i % out] - z[i] * along[i % out]) / deviation[i % out];
        }
        const row = new Float64Array(n);
        let square = 0;
        for (let j = 0; j < out; j++) {
          row.fill(0);
          for (let k = 0; k < N; k++) {
            const of = g[k * out + j];
            for (let i = 0; i < n; i++) row[i] += of * h[k * n + i];
          }
          square += row.reduce((sum, v) => sum + v * v, 0);
        }
        gradients[l] = Math.sqrt(square);
        if (l > 0) down = through(g, layers[l], added && down);
      }
      return { loss, gradients, spreads: steps.map(({ spread }) => spread) };
    },
  };

  globalThis.live.kinds["gradient-flow"] = async (figure, about, load) => {
    const { make } = course;
    const loaded = await load();
    const images = live.unpack(loaded.images);
    const x = Float64Array.from(images.data, (v) => v / about.white);
    const y = Array.from(live.unpack(loaded.labels).data);
    const pixels = x.length / y.length;
    let seed = 1;
    let kept = null;

    const svg = (tag, attributes, ...children) => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      element.append(...children);
      return element;
    };
    const choice = (label, options, chosen) => {
      const select = make("select", {}, ...Object.entries(options).map(([value, text]) => make("option", { value }, text)));
      select.value = chosen;
      return [select, live.control(label, select)];
    };
    const tick = (label) => {
      const input = make("input", { type: "checkbox" });
      return [input, live.control(label, input)];
    };
    const [activation, activationLabel] = choice(words.activation, words.activations, "sigmoid");
    const [start, startLabel] = choice(words.start, words.starts, "linear");
    const [norm, normLabel] = tick(words.norm);
    const [skip, skipLabel] = tick(words.skip);
    const times = live.slider(words.times, [0, TIMES.length - 1, TIMES.indexOf(1), 1], (i) => String(TIMES[i]));
    const depth = live.slider(words.depth, DEPTHS, String);
    const [status, say] = live.status();

    const [axes, lines] = [svg("g", {}), svg("svg", {})];
    const plot = svg("svg", { class: "live-curve", height: HEIGHT, "aria-hidden": "true" }, axes, lines);
    const legend = make("p", { className: "live-legend", ariaHidden: "true" },
      ...Object.entries(LINES).map(([name, className]) => make("span", { className }, words[name])));
    const [table, everything] = [make("table"), make("table")];
    const listed = live.folded(words.all, make("div", { className: "live-scroll" }, everything));

    let width = 600;
    const toX = (layer, of) => LEFT + 8 + ((layer - 1) / Math.max(1, of - 1)) * (width - LEFT - RIGHT - 16);
    const toY = (power) => TOP + ((HIGH - power) / (HIGH - LOW)) * (HEIGHT - BOTTOM - TOP);
    const say10 = (value) => {
      if (!value) return words.none;
      if (value >= 0.01 && value < 1000) return Number(value.toPrecision(2)).toString();
      const [digits, power] = value.toExponential(0).split("e");
      const raised = String(Number(power)).replace(/./g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]));
      return `${digits === "1" ? "" : `${digits}\u00a0·\u00a0`}10${raised}`;
    };
    const line = (className, values, of) => svg("polyline", {
      class: className,
      points: values.map((value, i) => `${toX(i + 1, of).toFixed(1)},${toY(Math.max(-99, Math.log10(value))).toFixed(1)}`).join(" "),
    });
    const row = ({ name, gradients }, label = name) =>
      [label, say10(gradients[0]), say10(gradients.at(-1)), say10(gradients[0] / gradients.at(-1))];

    let result;
    const compute = () => {
      const settings = {
        activation: activation.value, start: start.value, times: TIMES[times.value], norm: norm.checked, skip: skip.checked, depth: depth.value,
      };
      const sizes = [pixels, ...Array(settings.depth).fill(about.width), about.classes];
      const layers = live.stack.draw(seed, sizes, settings.start, settings.times);
      result = { name: words.name(settings), ...live.stack.run(x, y, layers, settings) };
      show();
      say(words.said(...row(result)));
    };
    const show = () => {
      const of = Math.max(result.gradients.length, kept?.gradients.length ?? 0);
      const text = (x, y, anchor, value) => svg("text", { x, y, "text-anchor": anchor }, value);
      const powers = Array.from({ length: (HIGH - LOW) / STEP + 1 }, (_, i) => LOW + i * STEP);
      const named = [...LAYERS_AT.filter((layer) => layer < of - 1), of];
      axes.replaceChildren(
        ...powers.map((p) => svg("line", { x1: LEFT, x2: width - RIGHT, y1: toY(p), y2: toY(p) })),
        ...powers.map((p) => text(LEFT - 6, toY(p) + 4, "end", say10(10 ** p))),
        ...named.map((layer) => text(toX(layer, of), HEIGHT - BOTTOM + 18, "middle", layer)),
        text((LEFT + width) / 2, HEIGHT - 6, "middle", words.layer),
      );
      const box = { x: 0, y: TOP, width, height: HEIGHT - TOP - BOTTOM, viewBox: `0 ${TOP} ${width} ${HEIGHT - TOP - BOTTOM}` };
      for (const [name, value] of Object.entries(box)) lines.setAttribute(name, value);
      lines.replaceChildren(
        ...(kept ? [line("live-kept", kept.gradients, of)] : []),
        line("live-spread", result.spreads, of),
        line("live-gradient", result.gradients, of),
        ...result.gradients.map((value, i) =>
          svg("circle", { class: "live-gradient-point", r: 3, cx: toX(i + 1, of), cy: toY(Math.max(-99, Math.log10(value))) })),
      );
      live.fillTable(table, words.columns, [row(result), ...(kept ? [row(kept, `${words.kept}: ${kept.name}`)] : [])]);
      if (listed.open)
        live.fillTable(everything, [words.layer, words.gradient, words.spread],
          result.gradients.map((value, i) => [i + 1, say10(value), say10(result.spreads[i])]));
    };
    for (const control of [activation, start, norm, skip, times.input, depth.input]) control.addEventListener("input", compute);
    listed.ontoggle = show;
    const again = course.button(words.again, () => {
      seed++;
      compute();
    });
    const keep = course.button(words.keep, () => {
      kept = result;
      show();
    });
    const controls = make("div", {}, activationLabel, startLabel, times.label, depth.label, normLabel, skipLabel);
    figure.append(plot, legend, controls, make("div", { className: "buttons" }, again, keep), table, listed, status);
    compute();
    new ResizeObserver(() => {
      width = plot.clientWidth;
      show();
    }).observe(plot);
  };
})();
