// Follow a rule: the reader puts the start anywhere on a surface, and sees where each update rule gets from there.
(() => {
  const words = {
    surface: "Surface",
    surfaces: { network: "a network with two weights", ravine: "a ravine", beale: "Beale's function" },
    start: ["Start: w₁", "Start: w₂"],
    rule: "Rule",
    rules: {
      sgd: "SGD", momentum: "momentum", nesterov: "Nesterov", adagrad: "Adagrad",
      rmsprop: "RMSprop", adadelta: "Adadelta", adam: "Adam", adamw: "AdamW",
    },
    rate: "Learning rate",
    beta: "Momentum (β or β₁)",
    unused: "not in this rule",
    run: "Run",
    clear: "Clear",
    columns: (low) => ["rule", "rate", "β", "loss", `steps to ${low}`],
    left: "left the picture",
    never: "–",
    placed: (w, loss) => `Start at ${w}. The loss there is ${loss}.`,
    ran: (rule, end, steps) => `${rule}: ${end}, steps to a low loss: ${steps}.`,
    cleared: "All paths are gone.",
  };
  const [HEIGHT, LEFT, RIGHT, BOTTOM, TOP] = [320, 30, 8, 28, 8]; // px
  const [COLUMNS, ROWS, LEVELS] = [90, 60, 14]; // of the grid and the contour lines
  const LOOKS = ["live-run-0", "live-run-1", "live-run-2", "live-run-3"]; // one for each path at a time
  const FAR = 100; // where a path has left

  // Surfaces of two weights. `at` gives the loss and the two parts of its gradient.
  const XS = Array.from({ length: 21 }, (_, i) => i / 10 - 1);
  const surfaces = {
    ravine: {
      range: [[-11, 5], [-1.8, 1.8]],
      start: [-10, 1],
      at: (a, b) => [(a * a + 30 * b * b) / 2, a, 30 * b],
    },
    network: {
      range: [[-4, 6], [-2, 2]],
      start: [4.5, -0.8],
      at: (a, b) => {
        let [loss, da, db] = [0, 0, 0];
        for (const x of XS) {
          const hidden = Math.tanh(a * x);
          const wrong = (b * hidden - Math.tanh(2.5 * x)) / XS.length;
          loss += wrong * wrong * XS.length;
          da += 2 * wrong * b * (1 - hidden * hidden) * x;
          db += 2 * wrong * hidden;
        }
        return [loss, da, db];
      },
    },
    beale: {
      range: [[-4.5, 4.5], [-3, 3]],
      start: [-3, -1.5],
      at: (a, b) => {
        let [loss, da, db] = [0, 0, 0];
        [1.5, 2.25, 2.625].forEach((c, i) => {
          const k = i + 1;
          const wrong = c - a + a * b ** k;
          loss += wrong * wrong;
          da += 2 * wrong * (b ** k - 1);
          db += 2 * wrong * a * k * b ** i;
        });
        return [loss, da, db];
      },
    },
  };

  // The rules of the page, number by number: `s` is what a parameter keeps; each returns the change. Defaults are torch's.
  const fade = (s, name, keep, value) => (s[name] = keep * (s[name] ?? 0) + value);
  const adam = (g, s, lr, beta) => {
    s.t = (s.t ?? 0) + 1;
    const mean = fade(s, "mean", beta, (1 - beta) * g) / (1 - beta ** s.t);
    const square = fade(s, "square", 0.999, 0.001 * g * g) / (1 - 0.999 ** s.t);
    return (-lr * mean) / (Math.sqrt(square) + 1e-8);
  };
  const rules = {
    sgd: { lr: -1.5, step: (g, s, lr) => -lr * g },
    momentum: { lr: -1.5, beta: 0.9, step: (g, s, lr, beta) => -lr * fade(s, "velocity", beta, g) },
    nesterov: { lr: -1.5, beta: 0.9, step: (g, s, lr, beta) => -lr * (g + beta * fade(s, "velocity", beta, g)) },
    adagrad: { lr: -0.5, step: (g, s, lr) => (-lr * g) / (Math.sqrt(fade(s, "sum", 1, g * g)) + 1e-10) },
    rmsprop: { lr: -1.5, step: (g, s, lr) => (-lr * g) / (Math.sqrt(fade(s, "mean", 0.99, 0.01 * g * g)) + 1e-8) },
    adadelta: {
      lr: 0.5,
      step: (g, s, lr) => {
        const scale = fade(s, "gradients", 0.9, 0.1 * g * g) + 1e-6;
        const change = Math.sqrt(((s.changes ?? 0) + 1e-6) / scale) * g;
        fade(s, "changes", 0.9, 0.1 * change * change);
        return -lr * change;
      },
    },
    adam: { lr: -0.5, beta: 0.9, step: adam },
    adamw: { lr: -0.5, beta: 0.9, step: (g, s, lr, beta, p) => -lr * 0.01 * p + adam(g, s, lr, beta) },
  };

  // Contour lines of a function on a grid: for each level, pieces of line from edge to edge of its squares.
  const contours = (values, levels) =>
    levels.map((level) => {
      const pieces = [];
      for (let i = 0; i < COLUMNS; i++)
        for (let j = 0; j < ROWS; j++) {
          const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
          const cut = corners.flatMap(([x, y], k) => {
            const [x2, y2] = corners[(k + 1) % 4];
            const [one, two] = [values[x][y] - level, values[x2][y2] - level];
            const share = one / (one - two);
            return one < 0 !== two < 0 ? [[x + share * (x2 - x), y + share * (y2 - y)]] : [];
          });
          for (let k = 0; k + 1 < cut.length; k += 2) pieces.push([cut[k], cut[k + 1]]);
        }
      return pieces;
    });

  live.optimizers = {
    surfaces,
    rules,
    // Yields the start, and then the point after each step.
    *path(rule, surface, start, lr, beta) {
      const w = [...start];
      const states = [{}, {}];
      for (;;) {
        yield [...w];
        const [, ...gradient] = surfaces[surface].at(...w);
        gradient.forEach((g, i) => (w[i] += rules[rule].step(g, states[i], lr, beta, w[i])));
      }
    },
  };

  live.kinds.optimizers = async (figure, about) => {
    const { make } = course;
    const svg = (tag, attributes, ...children) => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      element.append(...children);
      return element;
    };
    const options = (texts) => Object.entries(texts).map(([value, text]) => make("option", { value }, text));
    const number = (value) => (value === 0 || value >= 0.001 ? String(Number(value.toPrecision(3))) : value.toExponential(1));
    const shown = (lr) => Number(lr.toPrecision(2)).toString();

    const surface = make("select", {}, ...options(words.surfaces));
    const rule = make("select", {}, ...options(words.rules));
    rule.value = "adam";
    const rate = live.slider(words.rate, [-4, 1, 0, 0.25], (value) => shown(10 ** value));
    const beta = live.slider(words.beta, [0, 0.99, 0.9, 0.01], (value) => value.toFixed(2));
    let places; // two sliders for the start; they depend on the surface
    const [status, say] = live.status();
    let runs = [];

    let width = 600;
    const now = () => surfaces[surface.value];
    const span = ([low, high]) => high - low;
    const toX = (a) => LEFT + ((a - now().range[0][0]) / span(now().range[0])) * (width - LEFT - RIGHT);
    const toY = (b) => TOP + ((now().range[1][1] - b) / span(now().range[1])) * (HEIGHT - BOTTOM - TOP);
    const [lines, axes, paths] = [svg("path", { class: "live-contours" }), svg("g", {}), svg("g", {})];
    const ring = svg("circle", { class: "live-start", r: 8 });
    const plot = svg("svg", { class: "live-surface", height: HEIGHT, "aria-hidden": "true" }, lines, axes, paths, ring);

    const drawSurface = () => {
      const [across, up] = now().range;
      const at = (i, j) => [across[0] + (i / COLUMNS) * span(across), up[0] + (j / ROWS) * span(up)];
      const values = Array.from({ length: COLUMNS + 1 }, (_, i) => Array.from({ length: ROWS + 1 }, (_, j) => now().at(...at(i, j))[0]));
      const highest = Math.max(...values.flat());
      const levels = Array.from({ length: LEVELS }, (_, k) => highest * ((k + 0.4) / LEVELS) ** 4);
      const point = ([i, j]) => at(i, j).map((value, k) => (k ? toY : toX)(value).toFixed(1));
      lines.setAttribute("d", contours(values, levels).flat().map(([a, b]) => `M${point(a)}L${point(b)}`).join(""));
      const whole = ([low, high], by) => Array.from({ length: Math.floor(span([low, high])) + 1 }, (_, i) => Math.ceil(low) + i).filter((value) => value % by === 0);
      const below = whole(across, 2).map((value) => svg("text", { x: toX(value), y: HEIGHT - 8, "text-anchor": "middle" }, value));
      const beside = whole(up, 1).map((value) => svg("text", { x: LEFT - 6, y: toY(value) + 4, "text-anchor": "end" }, value));
      axes.replaceChildren(...below, ...beside);
    };
    const drawPaths = () => {
      const clip = (value, low, high) => Math.min(high, Math.max(low, value)).toFixed(1);
      paths.replaceChildren(...runs.map(({ look, points }) => {
        const seen = points.map(([a, b]) => [clip(toX(a), -width, 2 * width), clip(toY(b), -HEIGHT, 2 * HEIGHT)]);
        const [x, y] = seen.at(-1);
        return svg("g", { class: `live-run ${look}` }, svg("polyline", { points: seen.join(" ") }), svg("circle", { cx: x, cy: y, r: 4 }));
      }));
    };

    const body = make("tbody");
    const columns = words.columns(about.low).map((text) => make("th", { scope: "col" }, text));
    const table = make("table", { className: "live-runs" }, make("thead", {}, make("tr", {}, ...columns)), body);
    const outcome = ({ points, surface }) => {
      const losses = points.map((w) => surfaces[surface].at(...w)[0]);
      const first = losses.findIndex((loss) => loss < about.low);
      const gone = points.at(-1).some((value) => !(Math.abs(value) < FAR));
      return [gone ? words.left : number(losses.at(-1)), first < 0 ? words.never : String(first)];
    };
    const sample = (look) => svg("svg", { class: `live-run ${look}`, width: 32, height: 10, "aria-hidden": "true" }, svg("polyline", { points: "0,5 32,5" }));
    const tell = () => {
      body.replaceChildren(...runs.map((run) => make("tr", {},
        make("th", { scope: "row" }, sample(run.look), " ", words.rules[run.rule]),
        ...[shown(run.lr), "beta" in rules[run.rule] ? run.beta.toFixed(2) : words.never, ...outcome(run)].map((text) => make("td", {}, text)))));
    };

    const start = () => places.map((place) => place.value);
    const showStart = () => {
      ring.setAttribute("cx", toX(start()[0]));
      ring.setAttribute("cy", toY(start()[1]));
    };
    const moved = () => {
      showStart();
      say(words.placed(start().map((value) => value.toFixed(2)).join(", "), number(now().at(...start())[0])));
    };
    const sliders = make("div", {});
    const fresh = () => {
      places = words.start.map((label, i) => live.slider(label, [...now().range[i], now().start[i], 0.05], (value) => value.toFixed(2)));
      places.forEach(({ input }) => input.addEventListener("input", moved));
      sliders.replaceChildren(...places.map(({ label }) => label));
      clear();
      drawSurface();
      showStart();
    };
    const chooseRule = () => {
      rate.set(rules[rule.value].lr);
      const uses = "beta" in rules[rule.value];
      beta.input.disabled = !uses;
      beta.input.title = uses ? "" : words.unused;
    };

    const run = () => {
      const look = LOOKS.find((one) => runs.every((other) => other.look !== one)) ?? runs[0].look;
      runs = runs.filter((other) => other.look !== look);
      const one = { look, surface: surface.value, rule: rule.value, lr: 10 ** rate.value, beta: beta.value, points: [] };
      runs.push(one);
      const walk = live.optimizers.path(one.rule, one.surface, start(), one.lr, one.beta);
      const batch = matchMedia("(prefers-reduced-motion: reduce)").matches ? about.steps + 1 : 4;
      const go = () => {
        if (!runs.includes(one)) return;
        let gone = false;
        for (let i = 0; i < batch && one.points.length <= about.steps && !gone; i++) {
          one.points.push(walk.next().value);
          gone = one.points.at(-1).some((value) => !(Math.abs(value) < FAR));
        }
        drawPaths();
        if (!gone && one.points.length <= about.steps) return setTimeout(go, 16);
        tell();
        say(words.ran(words.rules[one.rule], ...outcome(one)));
      };
      go();
    };
    const clear = () => {
      runs = [];
      drawPaths();
      tell();
    };

    plot.onpointerdown = (event) => {
      plot.setPointerCapture(event.pointerId);
      plot.onpointermove(event);
    };
    plot.onpointermove = (event) => {
      if (!plot.hasPointerCapture(event.pointerId)) return;
      const box = plot.getBoundingClientRect();
      const [across, up] = now().range;
      places[0].set(across[0] + ((event.clientX - box.left - LEFT) / (width - LEFT - RIGHT)) * span(across));
      places[1].set(up[1] - ((event.clientY - box.top - TOP) / (HEIGHT - BOTTOM - TOP)) * span(up));
      moved();
    };
    surface.onchange = () => {
      fresh();
      moved();
    };
    rule.onchange = chooseRule;
    chooseRule();
    fresh();

    const chosen = make("div", {}, live.control(words.surface, surface), sliders, live.control(words.rule, rule), rate.label, beta.label);
    const buttons = make("div", { className: "buttons" }, course.button(words.run, run), course.button(words.clear, () => {
      clear();
      say(words.cleared);
    }));
    figure.append(plot, chosen, buttons, make("div", { className: "live-scroll" }, table), status);
    new ResizeObserver(() => {
      width = plot.clientWidth;
      drawSurface();
      drawPaths();
      showStart();
    }).observe(plot);
  };
})();
