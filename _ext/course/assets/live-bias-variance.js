// Bias and variance: the reader draws the same noisy curve again and again, and fits a polynomial to each draw.
(() => {
  const words = {
    draw: "Draw again",
    many: "Draw 20 more",
    reset: "Start again",
    degree: "Degree",
    penalty: "Penalty λ",
    points: "Points in a draw",
    zero: "≈ 0",
    own: "Put points by hand",
    hint: "Or click into the picture. The dotted fit is then to your points. They do not count as a draw.",
    place: "x",
    height: "y",
    put: "Put a point",
    clear: "Remove all points",
    truth: "truth",
    mean: "mean of the fits",
    fit: "fit to the points",
    fits: "earlier fits",
    bias: "bias²",
    variance: "variance",
    noise: "noise",
    sum: "sum",
    measured: "cost, measured on new points",
    unknown: "?",
    draws: (n) => `${n} draw${n === 1 ? "" : "s"}`,
    once: "One draw. Draw again.",
    said: (n, bias, variance, sum) => `${n} draws: bias² ${bias}, variance ${variance}, sum ${sum}.`,
    placed: (n) => `${n} point${n === 1 ? "" : "s"} in the picture.`,
  };
  const [HEIGHT, LEFT, RIGHT, BOTTOM, TOP, HIGH] = [320, 36, 12, 28, 12, 2.2]; // px, and the range of y
  const [MOST, SHOWN, DRAWS] = [60, 20, 500]; // points in a draw, fits in the picture, draws that are kept
  const PENALTIES = [1e-8, 1e-4, 1e-3, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30];
  // Class names in full: the site keeps those styles alone whose names it finds.
  const LINES = { truth: "live-line-truth", mean: "live-line-mean", fit: "live-line-fit", fits: "live-line-fits" };
  const TERMS = { bias: "live-term-bias", variance: "live-term-variance", noise: "live-term-noise" };
  const PARTS = { bias: "live-part-bias", variance: "live-part-variance", noise: "live-part-noise" };
  const AXIS = Array.from({ length: 101 }, (_, i) => -1 + i / 50);

  live.polynomial = {
    // The values of the Legendre polynomials up to a degree.
    values: (x, degree) => {
      const p = [1, x];
      for (let n = 1; n < degree; n++) p.push(((2 * n + 1) * x * p[n] - n * p[n - 1]) / (n + 1));
      return p.slice(0, degree + 1);
    },
    run: (w, x) => x.map((at) => live.polynomial.values(at, w.length - 1).reduce((sum, p, j) => sum + p * w[j], 0)),
    // The weights with the least squared error plus penalty * |w|^2 (penalty > 0), for each of several lists of y.
    // The penalty is one more row for each weight: sqrt(penalty) * w should be 0. Solved by Householder's reflections.
    fit: (x, ys, degree, penalty) => {
      const [n, m] = [x.length, degree + 1];
      const a = x.map((at) => live.polynomial.values(at, degree));
      for (let j = 0; j < m; j++) a.push(Array.from({ length: m }, (_, k) => (j === k ? Math.sqrt(penalty) : 0)));
      const b = ys.map((y) => [...y, ...Array(m).fill(0)]);
      for (let j = 0; j < m; j++) {
        const v = a.slice(j).map((row) => row[j]);
        v[0] += Math.sign(v[0] || 1) * Math.hypot(...v);
        const square = v.reduce((sum, value) => sum + value * value, 0);
        const reflect = (get, set) => {
          const along = (2 * v.reduce((sum, value, i) => sum + value * get(i + j), 0)) / square;
          v.forEach((value, i) => set(i + j, get(i + j) - along * value));
        };
        for (let k = j; k < m; k++) reflect((i) => a[i][k], (i, value) => (a[i][k] = value));
        for (const y of b) reflect((i) => y[i], (i, value) => (y[i] = value));
      }
      return b.map((y) => {
        const w = Array(m).fill(0);
        for (let j = m - 1; j >= 0; j--) {
          w[j] = y[j];
          for (let k = j + 1; k < m; k++) w[j] -= a[j][k] * w[k];
          w[j] /= a[j][j];
        }
        return w;
      });
    },
    // Of n > 1 fits at the same places: their mean, and bias squared and variance as means over the places. The mean of
    // n fits has a little variance left, which is not bias. (The sum is the mean squared distance from the truth.)
    terms: (fits, truth) => {
      const n = fits.length;
      const mean = truth.map((_, i) => fits.reduce((sum, fit) => sum + fit[i], 0) / n);
      const distance = (values, others) => values.reduce((sum, value, i) => sum + (value - others[i]) ** 2, 0) / values.length;
      const variance = fits.reduce((sum, fit) => sum + distance(fit, mean), 0) / (n - 1);
      return { mean, bias: distance(mean, truth) - variance / n, variance };
    },
  };

  globalThis.live.kinds["bias-variance"] = async (figure, about, load) => {
    const { make } = course;
    const loaded = await load();
    const curve = live.unpack(loaded.truth).data;
    const truth = (x) => {
      const at = ((x + 1) / 2) * (curve.length - 1);
      const i = Math.min(Math.floor(at), curve.length - 2);
      return curve[i] + (at - i) * (curve[i + 1] - curve[i]);
    };
    const chance = () => about.noise * Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
    const onAxis = AXIS.map(truth);

    const svg = (tag, attributes, ...children) => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      element.append(...children);
      return element;
    };
    let width = 600;
    const toX = (x) => LEFT + ((x + 1) / 2) * (width - LEFT - RIGHT);
    const toY = (y) => TOP + ((HIGH - y) / (2 * HIGH)) * (HEIGHT - BOTTOM - TOP);
    const line = (className, values) =>
      svg("polyline", {
        class: className,
        points: values.map((y, i) => `${toX(AXIS[i]).toFixed(1)},${toY(Math.max(-50, Math.min(50, y))).toFixed(1)}`).join(" "),
      });
    const inside = svg("svg", {});
    const axes = svg("g", {});
    const plot = svg("svg", { class: "live-curve live-draws", height: HEIGHT, "aria-hidden": "true" }, axes, inside);
    const drawAxes = () => {
      const text = (x, y, anchor, value) => svg("text", { x, y, "text-anchor": anchor }, value);
      axes.replaceChildren(
        ...[-2, -1, 0, 1, 2].map((y) => svg("line", { x1: LEFT, x2: width - RIGHT, y1: toY(y), y2: toY(y) })),
        ...[-2, -1, 0, 1, 2].map((y) => text(LEFT - 8, toY(y) + 4, "end", y)),
        ...[-1, -0.5, 0, 0.5, 1].map((x) => text(toX(x), HEIGHT - 6, "middle", x)),
      );
      for (const [name, value] of Object.entries({ x: 0, y: TOP, width, height: HEIGHT - TOP - BOTTOM, viewBox: `0 ${TOP} ${width} ${HEIGHT - TOP - BOTTOM}` }))
        inside.setAttribute(name, value);
    };

    const degree = live.slider(words.degree, [0, 14, about.degree, 1], String);
    const start = PENALTIES.indexOf(about.penalty);
    const penalty = live.slider(words.penalty, [0, PENALTIES.length - 1, start, 1], (i) => (i ? String(PENALTIES[i]) : words.zero));
    const count = live.slider(words.points, [5, MOST, 30, 5], String);
    const [status, say] = live.status();
    const cells = Object.fromEntries(["bias", "variance", "noise", "sum", "measured"].map((name) => [name, make("td")]));
    const rows = Object.entries(cells).map(([name, cell]) =>
      make("tr", {}, make("th", { scope: "row", className: TERMS[name] ?? "" }, words[name]), cell));
    const draws = make("caption");
    const table = make("table", { className: "live-terms" }, draws, make("tbody", {}, ...rows));
    const bar = make("div", { className: "live-bar", ariaHidden: "true" });
    const parts = Object.values(PARTS).map((className) => make("span", { className }));
    bar.append(...parts);
    const legend = make("p", { className: "live-legend", ariaHidden: "true" },
      ...Object.entries(LINES).map(([name, className]) => make("span", { className }, words[name])));

    // A draw is its noise: at the places where it is fitted, and at those where it is judged. `own` are the reader's points.
    let [noises, own] = [[], null];
    const draw = (n) => {
      own = null;
      for (let i = 0; i < n && noises.length < DRAWS; i++)
        noises.push({ fit: Array.from({ length: MOST }, chance), judge: AXIS.map(chance) });
      show();
    };
    const show = () => {
      const n = count.value;
      const lambda = PENALTIES[penalty.value];
      const x = Array.from({ length: n }, (_, i) => -1 + (2 * i) / (n - 1));
      const ys = noises.map(({ fit }) => x.map((at, i) => truth(at) + fit[i]));
      const fits = live.polynomial.fit(x, ys, degree.value, lambda).map((w) => live.polynomial.run(w, AXIS));
      const { mean, bias, variance } = live.polynomial.terms(fits, onAxis);
      const noise = about.noise ** 2;
      const errors = fits.flatMap((fit, k) => fit.map((value, i) => (onAxis[i] + noises[k].judge[i] - value) ** 2));
      const measured = errors.reduce((sum, value) => sum + value, 0) / errors.length;
      const terms = { bias, variance, noise, sum: bias + variance + noise, measured };
      const known = noises.length > 1; // one draw says nothing of its variance
      for (const [name, value] of Object.entries(terms))
        cells[name].textContent = known || name === "noise" ? value.toFixed(3).replace("-0.000", "0.000") : words.unknown;
      draws.textContent = words.draws(noises.length);
      const lengths = [known ? Math.max(0, bias) : 0, known ? variance : 0, noise];
      const whole = Math.max(0.5, lengths[0] + lengths[1] + noise);
      parts.forEach((part, i) => (part.style.width = `${(100 * lengths[i]) / whole}%`));
      const points = own ?? x.map((at, i) => [at, ys.at(-1)[i]]);
      const last = !own ? fits.at(-1) : points.length && live.polynomial.run(
        live.polynomial.fit(points.map(([at]) => at), [points.map(([, y]) => y)], degree.value, lambda)[0], AXIS);
      inside.replaceChildren(
        ...fits.slice(-SHOWN).map((fit) => line("live-fits", fit)),
        line("live-truth-line", onAxis),
        line("live-mean", mean),
        ...(last ? [line("live-fit", last)] : []),
        ...points.map(([at, y]) => svg("circle", { class: "live-point", cx: toX(at), cy: toY(y), r: own ? 5 : 3 })),
      );
      say(own ? words.placed(own.length) : !known ? words.once : words.said(noises.length, cells.bias.textContent, cells.variance.textContent, cells.sum.textContent));
    };
    const put = (x, y) => {
      own = [...(own ?? []), [x, y]];
      show();
    };

    const place = live.slider(words.place, [-1, 1, 0, 0.05], (value) => value.toFixed(2));
    const height = live.slider(words.height, [-2, 2, 0, 0.1], (value) => value.toFixed(1));
    const clear = course.button(words.clear, () => {
      own = [];
      show();
    });
    plot.addEventListener("click", (event) => {
      const box = plot.getBoundingClientRect();
      const x = (2 * (event.clientX - box.left - LEFT)) / (width - LEFT - RIGHT) - 1;
      const y = HIGH - (2 * HIGH * (event.clientY - box.top - TOP)) / (HEIGHT - BOTTOM - TOP);
      if (Math.abs(x) <= 1 && Math.abs(y) <= HIGH) put(x, y);
    });
    for (const { input } of [degree, penalty, count]) input.addEventListener("input", show);
    const buttons = make("div", { className: "buttons" },
      course.button(words.draw, () => draw(1)), course.button(words.many, () => draw(20)),
      course.button(words.reset, () => {
        noises = [];
        draw(1);
      }));
    const hand = make("details", {}, make("summary", {}, words.own), make("p", {}, words.hint), place.label, height.label,
      make("div", { className: "buttons" }, course.button(words.put, () => put(place.value, height.value)), clear));
    const controls = make("div", {}, degree.label, penalty.label, count.label);
    figure.append(plot, legend, controls, buttons, bar, table, hand, status);
    draw(1);
    new ResizeObserver(() => {
      width = plot.clientWidth;
      drawAxes();
      show();
    }).observe(plot);
  };
})();
