// A radar plot whose axes the reader arranges, and the winner by area in each of the orders.
(() => {
  const words = {
    runs: "Runs",
    scale: "Scale",
    scales: { worst: "worst to best", share: "share of the best" },
    order: "Order of the axes",
    axis: "Move an axis",
    back: "One place anticlockwise",
    on: "One place clockwise",
    arrange: "Arrange the axes for:",
    hint: "Drag an axis by its ring. Below: who has the largest area in each of the orders; click to go there.",
    columns: ["", "area now", "wins", "range"],
    place: (i, n) => `${i} of ${n}`,
    percent: (value) => `${(100 * value).toFixed(0)} %`,
    range: (low, high) => `${(100 * low).toFixed(0)} to ${(100 * high).toFixed(0)} %`,
    wins: (n, of) => `${n} of ${of}`,
    all: (first, ...rest) => [first, ...rest].join(", "),
    said: (place, around, winner, area, wins) =>
      `Order ${place}: ${around}. ${winner} has the largest area, ${area}. Wins in all orders: ${wins}.`,
  };
  const [HEIGHT, RIM, ROOM, LABEL, SIDE] = [330, 112, 76, 18, 23]; // px: the plot, its radius, room and gap for labels, a cell
  // Class names in full: the site keeps those styles alone whose names it finds.
  const SHAPES = ["live-shape-0", "live-shape-1", "live-shape-2", "live-shape-3", "live-shape-4"];

  live.radar = {
    // The orders of n axes around a circle, without turning and mirroring: 0 first, and the second before the last.
    orders: (n) => {
      const permutations = (rest) =>
        rest.length ? rest.flatMap((one) => permutations(rest.filter((other) => other !== one)).map((tail) => [one, ...tail])) : [[]];
      return permutations(Array.from({ length: n - 1 }, (_, i) => i + 1))
        .filter((tail) => tail.length < 2 || tail[0] < tail.at(-1)).map((tail) => [0, ...tail]);
    },
    // The same order as `orders` has it.
    canonical: (order) => {
      const start = order.indexOf(0);
      const turned = [...order.slice(start), ...order.slice(0, start)];
      return turned[1] <= turned.at(-1) ? turned : [0, ...turned.slice(1).reverse()];
    },
    // Values between 0 and 1, 1 the best, from rows of values; `larger`: in which columns larger is better.
    scaled: (rows, larger, scale) => {
      const columns = larger.map((_, j) => rows.map((row) => row[j]));
      return rows.map((row) => row.map((value, j) => {
        const [low, high] = [Math.min(...columns[j]), Math.max(...columns[j])];
        if (scale === "share") return larger[j] ? value / high : low / value;
        if (low === high) return 1; // nobody is worse
        return (larger[j] ? value - low : high - value) / (high - low);
      }));
    },
    // The area of a polygon as a share of the largest possible: the mean product of neighbours.
    area: (values, order) =>
      order.reduce((sum, axis, i) => sum + values[axis] * values[order[(i + 1) % order.length]], 0) / order.length,
    largest: (values) => values.indexOf(Math.max(...values)),
    // The same order with an axis moved by a number of places: it changes places with one neighbour after another.
    moved: (order, axis, places) => {
      const result = [...order];
      const n = order.length;
      for (let k = 0; k < Math.abs(places); k++) {
        const from = result.indexOf(axis);
        const to = (from + Math.sign(places) + n) % n;
        [result[from], result[to]] = [result[to], axis];
      }
      return result;
    },
  };

  globalThis.live.kinds["radar-orders"] = async (figure, about) => {
    const { make } = course;
    const { axes, larger, things, short, runs } = about;
    const n = axes.length;
    const orders = live.radar.orders(n);
    let order = orders[about.start];
    let held = null; // an axis in the reader's hand, and where: { axis, angle }

    const svg = (tag, attributes, ...children) => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      element.append(...children);
      return element;
    };
    const choice = (label, options) => {
      const select = make("select", {}, ...options.map(([value, text]) => make("option", { value }, text)));
      return [select, live.control(label, select)];
    };
    const [run, runLabel] = choice(words.runs, runs.map(({ name }, i) => [i, name]));
    const [scale, scaleLabel] = choice(words.scale, Object.entries(words.scales));
    const [axis, axisLabel] = choice(words.axis, axes.map((name, i) => [i, name]));
    const place = live.slider(words.order, [1, orders.length, about.start + 1, 1], (i) => words.place(i, orders.length));
    const [status, say] = live.status();

    let width = 600;
    const rim = () => Math.min(RIM, width / 2 - ROOM);
    const angleOf = (slot) => (2 * Math.PI * slot) / n - Math.PI / 2; // clockwise from the top
    const at = (angle, r) => [width / 2 + r * Math.cos(angle), HEIGHT / 2 + r * Math.sin(angle)];
    const points = (list) => list.map((point) => point.map((value) => value.toFixed(1)).join()).join(" ");
    const [web, shapes, grips] = [svg("g", {}), svg("g", {}), svg("g", {})];
    const plot = svg("svg", { class: "live-radar", height: HEIGHT, "aria-hidden": "true" }, web, shapes, grips);
    const strip = svg("svg", { class: "live-strip", "aria-hidden": "true" });
    const table = make("table", { className: "live-areas" });

    let values, areas, winners;
    const compute = () => {
      values = live.radar.scaled(runs[run.value].values, larger, scale.value);
      areas = values.map((row) => orders.map((one) => live.radar.area(row, one)));
      winners = orders.map((_, i) => live.radar.largest(areas.map((row) => row[i])));
      show();
    };
    const number = () => {
      const now = live.radar.canonical(order).join();
      return orders.findIndex((one) => one.join() === now);
    };
    const label = (name, angle) => {
      const [x, y] = at(angle, rim() + LABEL);
      const anchor = Math.abs(Math.cos(angle)) < 0.3 ? "middle" : Math.cos(angle) > 0 ? "start" : "end";
      const lines = name.split(" ");
      const half = Math.ceil(lines.length / 2);
      const parts = [lines.slice(0, half), lines.slice(half)].filter((part) => part.length);
      return svg("text", { y: y + 4 + 8 * (parts.length - 1) * (Math.sin(angle) - 1), "text-anchor": anchor },
        ...parts.map((part, i) => svg("tspan", { x, dy: i ? 15 : 0 }, part.join(" "))));
    };
    const drawPlot = () => {
      const slots = Array.from({ length: n }, (_, i) => i);
      web.replaceChildren(...[0.25, 0.5, 0.75, 1].map((share) =>
        svg("polygon", { points: points(slots.map((slot) => at(angleOf(slot), share * rim()))) })));
      shapes.replaceChildren(...values.map((row, k) =>
        svg("polygon", { class: SHAPES[k], points: points(order.map((one, slot) => at(angleOf(slot), row[one] * rim()))) })));
      order.forEach((one, slot) => {
        const angle = held?.axis === one ? held.angle : angleOf(slot);
        const [x, y] = at(angle, rim());
        const [line, circle] = gripOf[one].children;
        for (const [name, value] of Object.entries({ x1: width / 2, y1: HEIGHT / 2, x2: x, y2: y })) line.setAttribute(name, value);
        circle.setAttribute("cx", x);
        circle.setAttribute("cy", y);
        gripOf[one].lastChild.replaceWith(label(axes[one], angle));
      });
    };
    const drawStrip = () => {
      const across = width < 30 * SIDE ? 15 : 30;
      const side = Math.min(SIDE, width / across);
      const rows = Math.ceil(orders.length / across);
      strip.setAttribute("height", rows * side + 2);
      const now = number();
      const corner = (i) => [1 + (i % across) * side, 1 + Math.floor(i / across) * side];
      const cell = (i) => {
        const [x, y] = corner(i);
        const box = svg("rect", { class: SHAPES[winners[i]], x, y, width: side - 2, height: side - 2 });
        const cell = svg("g", {}, box,
          svg("text", { x: x + side / 2 - 1, y: y + side / 2 + 3, "text-anchor": "middle" }, short[winners[i]]));
        cell.addEventListener("click", () => go(orders[i]));
        return cell;
      };
      const [x, y] = corner(now);
      strip.replaceChildren(...orders.map((_, i) => cell(i)),
        svg("rect", { class: "live-here", x, y, width: side - 2, height: side - 2 }));
    };
    const swatch = (k) =>
      svg("svg", { class: "live-swatch", width: 30, height: 10, "aria-hidden": "true" }, svg("polyline", { class: SHAPES[k], points: "0,5 30,5" }));
    const show = () => {
      const i = number();
      place.set(i + 1);
      drawPlot();
      drawStrip();
      const wins = things.map((_, k) => winners.filter((winner) => winner === k).length);
      live.fillTable(table, words.columns, things.map((name, k) => [
        make("span", {}, swatch(k), ` ${name} (${short[k]})`),
        words.percent(areas[k][i]),
        words.wins(wins[k], orders.length),
        words.range(Math.min(...areas[k]), Math.max(...areas[k])),
      ]));
      const first = winners[i];
      say(words.said(words.place(i + 1, orders.length), words.all(...order.map((one) => axes[one])), things[first],
        words.percent(areas[first][i]), words.all(...things.map((name, k) => `${name} ${wins[k]}`))));
    };
    const go = (next) => {
      order = next;
      show();
    };
    const gripOf = axes.map((name, one) => {
      const circle = svg("circle", { class: "live-handle", r: 9 });
      circle.onpointerdown = (event) => {
        circle.setPointerCapture(event.pointerId);
        axis.value = one;
      };
      circle.onpointermove = (event) => {
        if (!circle.hasPointerCapture(event.pointerId)) return;
        const box = plot.getBoundingClientRect();
        const angle = Math.atan2(event.clientY - box.top - HEIGHT / 2, event.clientX - box.left - width / 2);
        held = { axis: one, angle };
        const slot = (Math.round(((angle + Math.PI / 2) * n) / (2 * Math.PI)) + n) % n;
        const places = (slot - order.indexOf(one) + n) % n;
        go(live.radar.moved(order, one, places > n / 2 ? places - n : places));
      };
      circle.onlostpointercapture = () => {
        held = null;
        drawPlot();
      };
      const grip = svg("g", {}, svg("line", {}), circle, svg("text", {}));
      grips.append(grip);
      return grip;
    });

    for (const select of [run, scale]) select.addEventListener("input", compute);
    place.input.addEventListener("input", () => go(orders[place.value - 1]));
    const step = (places) => () => go(live.radar.moved(order, Number(axis.value), places));
    const turn = make("div", { className: "buttons" }, course.button(words.back, step(-1)), course.button(words.on, step(1)));
    // The order in which one leads by most (or is behind by least).
    const best = (k) => {
      const lead = orders.map((_, i) => areas[k][i] - Math.max(...areas.filter((_, other) => other !== k).map((row) => row[i])));
      return orders[live.radar.largest(lead)];
    };
    const arrange = make("div", { className: "buttons", role: "group", ariaLabel: words.arrange }, make("span", {}, words.arrange),
      ...things.map((name, k) => course.button(name, () => go(best(k)))));
    const controls = make("div", {}, runLabel, scaleLabel, place.label, axisLabel);
    const hint = make("p", { className: "live-note" }, words.hint);
    figure.append(plot, hint, strip, make("div", { className: "live-scroll" }, table), controls, turn, arrange, status);
    compute();
    new ResizeObserver(() => {
      width = plot.clientWidth;
      show();
    }).observe(plot);
  };
})();
