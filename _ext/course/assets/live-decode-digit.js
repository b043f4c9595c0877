// Decode a digit: the reader moves a point among the codes of real images, and sees what the decoder makes of it.
(() => {
  const words = {
    coordinates: ["First number", "Second number"],
    random: "A random point of the square",
    codes: "Codes of real images, each written as its class. Drag the point.",
    waiting: "Move the point: the decoder draws here.",
    made: (name) => `What the decoder makes of this point. The nearest code belongs to ${name}.`,
    said: (x, y, name) => `At ${x}, ${y}. The nearest code belongs to ${name}.`,
    number: (value) => value.toFixed(2).replace("-", "−"),
  };
  const SIDE = 300; // of the map, in its own units
  const COLORS = ["blue", "orange", "green", "purple", "ink"];

  // Which of the points [x, y] is nearest to one.
  live.nearest = (points, [x, y]) => {
    const distances = points.map(([a, b]) => (a - x) ** 2 + (b - y) ** 2);
    return distances.indexOf(Math.min(...distances));
  };

  globalThis.live.kinds["decode-digit"] = (figure, about, load) => {
    const { make } = course;
    const { points, labels, names, edge, shape } = about;
    let z = about.start;
    let decode, loading; // the decoder comes with the first move

    const svg = (tag, attributes, ...children) => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      element.append(...children);
      return element;
    };
    const toMap = ([x, y]) => [((x / edge + 1) * SIDE) / 2, ((1 - y / edge) * SIDE) / 2];
    const [left, top] = toMap([-1, 1]);
    const square = svg("rect", { x: left, y: top, width: SIDE - 2 * left, height: SIDE - 2 * top });
    const codes = points.map((point, i) => {
      const [x, y] = toMap(point);
      return svg("text", { x, y: y + 3, style: `fill: var(--figure-${COLORS[labels[i] % 5]})` }, names[labels[i]]);
    });
    const handle = svg("circle", { class: "live-handle", r: 8 });
    const shown = { class: "live-plane", viewBox: `0 0 ${SIDE} ${SIDE}`, "aria-hidden": "true" };
    const map = svg("svg", shown, square, ...codes, handle);
    const [height, width] = shape;
    const canvas = make("canvas", { className: "live-seen live-decoded", ariaHidden: "true", width, height });
    const made = make("figcaption", {}, words.waiting);
    const [status, say] = live.status();

    const sliders = words.coordinates.map((label, i) => {
      const slider = live.slider(label, [-edge, edge, z[i], 0.01], words.number);
      slider.input.addEventListener("input", () => move(sliders.map(({ value }) => value)));
      return slider;
    });
    const show = () => {
      const [x, y] = toMap(z);
      handle.setAttribute("cx", x);
      handle.setAttribute("cy", y);
      sliders.forEach(({ set }, i) => set(z[i]));
      if (!decode) return;
      const { output } = decode([1, 2], Float32Array.from(z));
      const image = new ImageData(width, height);
      output.forEach((value, i) => image.data.set([255 * value, 255 * value, 255 * value, 255], 4 * i));
      canvas.getContext("2d").putImageData(image, 0, 0);
      const name = names[labels[live.nearest(points, z)]];
      made.textContent = words.made(name);
      say(words.said(...z.map(words.number), name));
    };
    const prepare = () =>
      (loading ??= load().then(({ models }) => {
        decode = live.compile(models[0]);
        show();
      }));
    const move = (to) => {
      z = to.map((value) => Math.min(edge, Math.max(-edge, value)));
      prepare();
      show();
    };

    const drag = (event) => {
      const box = map.getBoundingClientRect();
      const across = (event.clientX - box.left) / box.width;
      const down = (event.clientY - box.top) / box.height;
      move([(2 * across - 1) * edge, (1 - 2 * down) * edge]);
    };
    map.onpointerdown = (event) => {
      map.setPointerCapture(event.pointerId);
      drag(event);
    };
    map.onpointermove = (event) => map.hasPointerCapture(event.pointerId) && drag(event);
    const random = course.button(words.random, () => move(z.map(() => 2 * Math.random() - 1)));

    const caption = make("figcaption", {}, words.codes);
    const controls = make("div", {}, ...sliders.map(({ label }) => label));
    controls.append(make("div", { className: "buttons" }, random));
    const result = make("div", {}, make("figure", {}, canvas, made), controls);
    figure.append(make("figure", {}, map, caption), result, status);
    show();
  };
})();
