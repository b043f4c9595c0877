// Decode a digit: the reader moves a point among the codes of real images, and sees what the decoder makes of it. With
// several maps, the point lies at the same place in each, and each has a decoder of its own.
(() => {
  const words = {
    coordinates: ["First number", "Second number"],
    random: (square) => (square ? "A random point of the square" : "A random point"),
    codes: "Codes of real images, each written as its class. Drag the point.",
    waiting: "Move the point: the decoder draws here.",
    made: (nearest) => `What the decoder makes of this point. ${nearest}`,
    nearest: (name) => `The nearest code belongs to ${name}.`,
    dense: (count, total) => `${count ? count.toLocaleString("en") : "None"} of ${total.toLocaleString("en")} codes here.`,
    at: (x, y) => `At ${x}, ${y}.`,
    number: (value) => value.toFixed(2).replace("-", "−"),
  };
  const SIDE = 300; // of a map, in its own units
  const COLORS = ["blue", "orange", "green", "purple", "ink"];

  // Which of the points [x, y] is nearest to one.
  live.nearest = (points, [x, y]) => {
    const distances = points.map(([a, b]) => (a - x) ** 2 + (b - y) ** 2);
    return distances.indexOf(Math.min(...distances));
  };
  // In which row (from the top) and column of a table a point lies, whose cells fill a map.
  live.cell = (cells, edge, [x, y]) => {
    const place = (value) => Math.max(0, Math.min(cells - 1, Math.floor(((value / edge + 1) / 2) * cells)));
    return [cells - 1 - place(y), place(x)];
  };

  const svg = (tag, attributes, ...children) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  // A square for each cell in which codes lie: the more, the darker.
  const shades = (density) => {
    const [size, most] = [SIDE / density.length, Math.max(...density.flat())];
    const one = (count, row, column) => {
      const place = { x: column * size, y: row * size, width: size, height: size };
      return svg("rect", { class: "live-density", ...place, "fill-opacity": 0.6 * Math.sqrt(count / most) });
    };
    return density.flatMap((counts, row) => counts.flatMap((count, column) => (count ? one(count, row, column) : [])));
  };

  globalThis.live.kinds["decode-digit"] = (figure, about, load) => {
    const { make } = course;
    const { names, edge, shape, total } = about;
    const [height, width] = shape;
    const several = Boolean(about.maps);
    let z = about.start;
    let loading; // the decoders come with the first move

    const toMap = ([x, y]) => [((x / edge + 1) * SIDE) / 2, ((1 - y / edge) * SIDE) / 2];
    const makeMap = ({ title, points, labels, density }) => {
      const codes = points.map((point, i) => {
        const [x, y] = toMap(point);
        return svg("text", { x, y: y + 3, style: `fill: var(--figure-${COLORS[labels[i] % 5]})` }, names[labels[i]]);
      });
      const [left, top] = several ? [0, 0] : toMap([-1, 1]);
      const square = svg("rect", { x: left, y: top, width: SIDE - 2 * left, height: SIDE - 2 * top });
      const handle = svg("circle", { class: "live-handle", r: 8 });
      const shown = { class: "live-plane", viewBox: `0 0 ${SIDE} ${SIDE}`, "aria-hidden": "true" };
      const plane = svg("svg", shown, square, ...(density ? shades(density) : []), ...codes, handle);
      const canvas = make("canvas", { className: "live-seen live-decoded", ariaHidden: "true", width, height });
      const made = make("figcaption", {}, words.waiting);

      const drag = (event) => {
        const box = plane.getBoundingClientRect();
        const across = (event.clientX - box.left) / box.width;
        const down = (event.clientY - box.top) / box.height;
        move([(2 * across - 1) * edge, (1 - 2 * down) * edge]);
      };
      plane.onpointerdown = (event) => {
        plane.setPointerCapture(event.pointerId);
        drag(event);
      };
      plane.onpointermove = (event) => plane.hasPointerCapture(event.pointerId) && drag(event);

      // Move the point, and draw what belongs there if the decoder is there; returns what to say of it.
      const show = (decode) => {
        const [x, y] = toMap(z);
        handle.setAttribute("cx", x);
        handle.setAttribute("cy", y);
        if (!decode) return "";
        const { output } = decode([1, 2], Float32Array.from(z));
        const image = new ImageData(width, height);
        output.forEach((value, i) => image.data.set([255 * value, 255 * value, 255 * value, 255], 4 * i));
        canvas.getContext("2d").putImageData(image, 0, 0);
        const nearest = words.nearest(names[labels[live.nearest(points, z)]]);
        if (!density) {
          made.textContent = words.made(nearest);
          return nearest;
        }
        const [row, column] = live.cell(density.length, edge, z);
        made.textContent = `${words.dense(density[row][column], total)} ${nearest}`;
        return `${title}: ${made.textContent}`;
      };
      return { title, plane, canvas, made, show, decode: undefined };
    };
    const maps = (about.maps ?? [about]).map(makeMap);
    const [status, say] = live.status();

    const sliders = words.coordinates.map((label, i) => {
      const slider = live.slider(label, [-edge, edge, z[i], 0.01], words.number);
      slider.input.addEventListener("input", () => move(sliders.map(({ value }) => value)));
      return slider;
    });
    const show = () => {
      sliders.forEach(({ set }, i) => set(z[i]));
      const said = maps.map((map) => map.show(map.decode));
      if (maps[0].decode) say([words.at(...z.map(words.number)), ...said].join(" "));
    };
    const prepare = () =>
      (loading ??= load().then(({ models }) => {
        maps.forEach((map, i) => (map.decode = live.compile(models[i])));
        show();
      }));
    const move = (to) => {
      z = to.map((value) => Math.min(edge, Math.max(-edge, value)));
      prepare();
      show();
    };
    const reach = several ? edge : 1;
    const random = course.button(words.random(!several), () => move(z.map(() => reach * (2 * Math.random() - 1))));

    const controls = make("div", {}, ...sliders.map(({ label }) => label));
    controls.append(make("div", { className: "buttons" }, random));
    if (several) {
      figure.classList.add("live-several");
      const boxes = maps.map(({ title, plane, canvas, made }) =>
        make("figure", {}, make("strong", {}, title), make("div", {}, plane, canvas), made),
      );
      figure.append(make("div", { className: "live-planes" }, ...boxes), controls, status);
    } else {
      const [{ plane, canvas, made }] = maps;
      const caption = make("figcaption", {}, words.codes);
      const result = make("div", {}, make("figure", {}, canvas, made), controls);
      figure.append(make("figure", {}, plane, caption), result, status);
    }
    show();
  };
})();
