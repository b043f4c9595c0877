// Fit a curve: the reader drags the kinks of a network with one hidden layer, and sees how far Adam gets from there.
(() => {
  const words = {
    target: "target",
    yours: "yours",
    adam: "Adam's",
    kink: "Kink",
    name: (i, n) => (i < n ? `${i + 1}` : "right end"),
    place: "Place",
    height: "Height",
    start: "Adam starts from",
    starts: { yours: "your network", random: "random weights" },
    train: "Train",
    stop: "Stop",
    reset: "Start again",
    error: "Error (RMSE)",
    steps: "Steps",
    weights: "The units: where each has its kink, and its weight",
    unit: ["unit", "kink", "weight"],
    moved: (yours) => `Your error: ${yours}.`,
    trained: (adam, steps, yours) => `Adam's error after ${steps} steps: ${adam}. Yours: ${yours}.`,
  };
  const [HEIGHT, LEFT, RIGHT, BOTTOM, TOP] = [320, 36, 12, 28, 12]; // px
  const GAP = 0.01; // between neighbouring kinks

  // One hidden layer: f(x) = c + sum of v * relu(w * x + b). Parameters in one array: all w, all b, all v, c.
  live.curve = {
    run: (parameters, x) => {
      const n = (parameters.length - 1) / 3;
      return x.map((value) => {
        let sum = parameters[3 * n];
        for (let i = 0; i < n; i++) {
          sum += parameters[2 * n + i] * Math.max(0, parameters[i] * value + parameters[n + i]);
        }
        return sum;
      });
    },
    gradient: (parameters, x, y) => {
      const n = (parameters.length - 1) / 3;
      const result = new Float64Array(parameters.length);
      live.curve.run(parameters, x).forEach((value, k) => {
        const wrong = (2 * (value - y[k])) / x.length; // of the mean squared error
        result[3 * n] += wrong;
        for (let i = 0; i < n; i++) {
          const hidden = parameters[i] * x[k] + parameters[n + i];
          if (hidden <= 0) continue;
          result[i] += wrong * parameters[2 * n + i] * x[k];
          result[n + i] += wrong * parameters[2 * n + i];
          result[2 * n + i] += wrong * hidden;
        }
      });
      return result;
    },
    // Adam with a cosine, as on the page. Yields the parameters after each step.
    *train(start, x, y, { lr, steps }) {
      const parameters = Float64Array.from(start);
      const [first, second] = [parameters.map(() => 0), parameters.map(() => 0)];
      for (let t = 1; t <= steps; t++) {
        const rate = (lr * (1 + Math.cos((Math.PI * (t - 1)) / steps))) / 2;
        live.curve.gradient(parameters, x, y).forEach((g, i) => {
          first[i] = 0.9 * first[i] + 0.1 * g;
          second[i] = 0.999 * second[i] + 0.001 * g * g;
          const [mean, square] = [first[i] / (1 - 0.9 ** t), second[i] / (1 - 0.999 ** t)];
          parameters[i] -= (rate * mean) / (Math.sqrt(square) + 1e-8);
        });
        yield parameters;
      }
    },
    // The network whose curve goes straight from kink to kink. `ends` are the kinks [x, y], and a last point.
    through: (ends) => {
      const slopes = ends.slice(1).map(([x, y], i) => (y - ends[i][1]) / (x - ends[i][0]));
      const weights = slopes.map((slope, i) => slope - (slopes[i - 1] ?? 0));
      const kinks = ends.slice(0, -1);
      return [...kinks.map(() => 1), ...kinks.map(([x]) => -x), ...weights, ends[0][1]];
    },
  };

  const rmse = (values, y) => Math.sqrt(values.reduce((sum, value, i) => sum + (value - y[i]) ** 2, 0) / y.length);

  globalThis.live.kinds["fit-curve"] = async (figure, about, load) => {
    const { make } = course;
    const curve = await load();
    const [x, y] = [curve.x, curve.y].map((packed) => Array.from(live.unpack(packed).data));
    const n = about.units;
    const [low, high] = about.range;
    const flat = () => Array.from({ length: n + 1 }, (_, i) => [x[0] + (i * (x.at(-1) - x[0])) / n, 0]);
    let ends = flat();
    let chosen = 0;
    let running = null;
    let fitted = null; // what Adam's network gives

    const svg = (tag, attributes, ...children) => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      element.append(...children);
      return element;
    };
    let width = 600;
    const toX = (value) => LEFT + ((value - x[0]) / (x.at(-1) - x[0])) * (width - LEFT - RIGHT);
    const toY = (value) => TOP + ((high - value) / (high - low)) * (HEIGHT - BOTTOM - TOP);
    const line = (className) => svg("polyline", { class: className });
    const [target, yours, adam] = [line("live-target"), line("live-yours"), line("live-adam")];
    const draw = (element, values) => {
      const points = values.map((value, i) => `${toX(x[i]).toFixed(1)},${toY(value).toFixed(1)}`);
      element.setAttribute("points", points.join(" "));
    };
    const handles = ends.map(() => svg("circle", { class: "live-handle", r: 8 }));
    const axes = svg("g", {});
    const shape = { class: "live-curve", height: HEIGHT, "aria-hidden": "true" };
    const plot = svg("svg", shape, axes, target, adam, yours, ...handles);
    const drawAxes = () => {
      const text = (x, y, anchor, value) => svg("text", { x, y, "text-anchor": anchor }, value);
      const beside = about.ticks.y.flatMap((value) => {
        const y = toY(value);
        return [svg("line", { x1: LEFT, x2: width - RIGHT, y1: y, y2: y }), text(LEFT - 8, y + 4, "end", value)];
      });
      axes.replaceChildren(...beside, ...about.ticks.x.map((value) => text(toX(value), HEIGHT - 6, "middle", value)));
    };

    const [status, say] = live.status();
    const [errorOfYours, errorOfAdam, steps] = [make("span"), make("span"), make("span")];
    const name = (className, text) => make("span", { className }, text);
    const table = live.fillTable(make("table"), ["", words.error, words.steps], [
      [name("live-name-yours", words.yours), errorOfYours, ""],
      [name("live-name-adam", words.adam), errorOfAdam, steps],
    ]);
    const units = make("table", {});
    const listed = live.folded(words.weights, units);

    const choose = make("select", {}, ...ends.map((_, i) => make("option", { value: i }, words.name(i, n))));
    const hundredths = (value) => value.toFixed(2);
    const place = live.slider(words.place, [x[0], x.at(-1), 0, 0.01], hundredths);
    const height = live.slider(words.height, [low, high, 0, 0.01], hundredths);

    const error = () => rmse(live.curve.run(live.curve.through(ends), x), y).toFixed(3);
    const show = () => {
      draw(yours, live.curve.run(live.curve.through(ends), x));
      handles.forEach((handle, i) => {
        handle.setAttribute("cx", toX(ends[i][0]));
        handle.setAttribute("cy", toY(ends[i][1]));
        handle.classList.toggle("chosen", i === chosen);
      });
      choose.value = chosen;
      place.set(ends[chosen][0]);
      height.set(ends[chosen][1]);
      errorOfYours.textContent = error();
      if (!listed.open) return;
      const parameters = live.curve.through(ends);
      const rows = ends.slice(0, -1).map(([at], i) => [i + 1, hundredths(at), hundredths(parameters[2 * n + i])]);
      live.fillTable(units, words.unit, rows);
    };
    // A kink stays between its neighbours, and the right end where it is.
    const move = (toPlace, toHeight) => {
      const lowest = chosen ? ends[chosen - 1][0] + GAP : x[0];
      const highest = chosen < n ? ends[chosen + 1][0] - GAP : x.at(-1);
      ends[chosen] = [
        chosen < n ? Math.min(highest, Math.max(lowest, toPlace)) : x.at(-1),
        Math.min(high, Math.max(low, toHeight)),
      ];
      show();
      say(words.moved(error()));
    };
    [place, height].forEach(({ input }) => input.addEventListener("input", () => move(place.value, height.value)));
    choose.onchange = () => {
      chosen = Number(choose.value);
      show();
    };
    listed.ontoggle = show;

    handles.forEach((handle, i) => {
      handle.onpointerdown = (event) => {
        handle.setPointerCapture(event.pointerId);
        chosen = i;
        show();
      };
      handle.onpointermove = (event) => {
        if (!handle.hasPointerCapture(event.pointerId)) return;
        const box = plot.getBoundingClientRect();
        const across = (event.clientX - box.left - LEFT) / (width - LEFT - RIGHT);
        const down = (event.clientY - box.top - TOP) / (HEIGHT - BOTTOM - TOP);
        move(x[0] + across * (x.at(-1) - x[0]), high + down * (low - high));
      };
    });

    const options = Object.entries(words.starts).map(([value, text]) => make("option", { value }, text));
    const from = make("select", {}, ...options);
    const random = () => {
      const draw = (bound) => Array.from({ length: n }, () => bound * (2 * Math.random() - 1));
      return [...draw(1), ...draw(1), ...draw(n ** -0.5), ...draw(n ** -0.5).slice(0, 1)]; // as nn.Linear
    };
    const train = course.button(words.train, () => {
      if (running) return finish();
      running = live.curve.train(from.value === "yours" ? live.curve.through(ends) : random(), x, y, about);
      train.textContent = words.stop;
      let taken = 0;
      const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      const batch = isCalm ? about.steps : about.steps / 100;
      const go = () => {
        if (!running) return;
        let parameters;
        for (let i = 0; i < batch; i++) parameters = running.next().value;
        taken += batch;
        fitted = live.curve.run(parameters, x);
        draw(adam, fitted);
        errorOfAdam.textContent = rmse(fitted, y).toFixed(3);
        steps.textContent = taken.toLocaleString("en");
        if (taken === about.steps) finish();
        else setTimeout(go, 16);
      };
      go();
    });
    const finish = () => {
      running = null;
      train.textContent = words.train;
      say(words.trained(errorOfAdam.textContent, steps.textContent, errorOfYours.textContent));
    };
    const reset = course.button(words.reset, () => {
      [ends, chosen, running, fitted] = [flat(), 0, null, null];
      train.textContent = words.train;
      adam.removeAttribute("points");
      errorOfAdam.textContent = steps.textContent = "";
      show();
    });

    const controls = make("div", {}, live.control(words.kink, choose), place.label, height.label);
    const buttons = make("div", { className: "buttons" }, live.control(words.start, from), train, reset);
    figure.append(plot, controls, buttons, table, listed, status);
    new ResizeObserver(() => {
      width = plot.clientWidth;
      drawAxes();
      draw(target, y);
      if (fitted) draw(adam, fitted);
      show();
    }).observe(plot);
  };
})();
