// Draw a digit: several networks answer side by side, and show what their units see.
(() => {
  const words = {
    hint: "Draw a digit here",
    clear: "Clear",
    real: "A real digit",
    change: "Shift it, or cover a part",
    right: "Shift right",
    down: "Shift down",
    size: "Cover: size",
    coverX: "Cover: from the left",
    coverY: "Cover: from the top",
    pixels: (n) => `${n} px`,
    sees: "What the networks see",
    isReal: (name) => `A real digit: ${name}.`,
    truth: (name) => `a ${name}`,
    network: "Network",
    answer: "Answer",
    details: (note, n) => [note, `${n.toLocaleString("en")} parameters`].filter(Boolean).join(" · "),
    numbers: "All probabilities",
    bars: "As bars",
    maps: "What the units see",
    units: (name) => `${name}: one picture for each unit; bright where it answers`,
    empty: "Nothing is drawn yet.",
    said: (name, digit, percent) => `${name}: ${digit}, ${percent}.`,
    percent: (p) => `${Math.round(100 * p)}%`,
    failed: "The networks could not be loaded. Draw again to try once more.",
  };
  const SIDE = 28; // pixels of an image
  const BOX = 20; // pixels of a digit's longer side, as in MNIST
  const PEN = 2.6; // pixels, the width of a stroke
  const SCALE = 10; // pixels of the drawing area for one of the image

  // The first and the last pixel that a line from a to b may reach.
  const reach = (a, b) => [
    Math.max(0, Math.floor(Math.min(a, b) - PEN)),
    Math.min(SIDE - 1, Math.ceil(Math.max(a, b) + PEN)),
  ];

  // How dark each pixel is: full within the pen's width from a stroke, with soft edges.
  const render = (strokes) => {
    const image = new Float32Array(SIDE * SIDE);
    for (const stroke of strokes) {
      stroke.forEach(([x2, y2], i) => {
        const [x1, y1] = stroke[Math.max(i - 1, 0)];
        const [dx, dy] = [x2 - x1, y2 - y1];
        const length = dx * dx + dy * dy || 1;
        const [left, right] = reach(x1, x2);
        const [top, bottom] = reach(y1, y2);
        for (let row = top; row <= bottom; row++) {
          for (let column = left; column <= right; column++) {
            const [x, y] = [column + 0.5 - x1, row + 0.5 - y1];
            const along = Math.min(1, Math.max(0, (x * dx + y * dy) / length));
            const distance = Math.hypot(x - along * dx, y - along * dy);
            const value = Math.min(1, Math.max(0, PEN / 2 + 0.5 - distance));
            const at = row * SIDE + column;
            image[at] = Math.max(image[at], value);
          }
        }
      });
    }
    return image;
  };

  // Size and place as in MNIST: the longer side fills the box, the centre of mass is in the middle.
  live.digit = (strokes) => {
    const points = strokes.flat();
    if (!points.length) return new Float32Array(SIDE * SIDE);
    const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
    const [left, top] = [Math.min(...xs), Math.min(...ys)];
    const longer = Math.max(Math.max(...xs) - left, Math.max(...ys) - top, 1);
    const scale = Math.min((BOX - PEN) / longer, 4);
    const moved = (right, down) =>
      strokes.map((stroke) => stroke.map(([x, y]) => [(x - left) * scale + right, (y - top) * scale + down]));
    const [width, height] = [Math.max(...xs) - left, Math.max(...ys) - top].map((side) => side * scale);
    const [right, down] = [(SIDE - width) / 2, (SIDE - height) / 2];
    const image = render(moved(right, down));
    let [sum, x, y] = [0, 0, 0];
    image.forEach((value, i) => {
      sum += value;
      x += value * ((i % SIDE) + 0.5);
      y += value * (Math.floor(i / SIDE) + 0.5);
    });
    return render(moved(right + SIDE / 2 - x / sum, down + SIDE / 2 - y / sum));
  };

  // An image moved, with a square of it covered.
  const changed = (image, { right, down, size, x, y }) =>
    image.map((_, i) => {
      const [column, row] = [i % SIDE, Math.floor(i / SIDE)];
      if (column >= x && column < x + size && row >= y && row < y + size) return 0;
      const [fromColumn, fromRow] = [column - right, row - down];
      const inside = fromColumn >= 0 && fromColumn < SIDE && fromRow >= 0 && fromRow < SIDE;
      return inside ? image[fromRow * SIDE + fromColumn] : 0;
    });

  // Bright where numbers are high, on black.
  const picture = (canvas, data, width, height, low, high) => {
    Object.assign(canvas, { width, height });
    const pixels = new ImageData(width, height);
    data.forEach((value, i) => {
      const bright = (255 * (value - low)) / (high - low || 1);
      pixels.data.set([bright, bright, bright, 255], 4 * i);
    });
    canvas.getContext("2d").putImageData(pixels, 0, 0);
    return canvas;
  };

  // A place to draw on, with its buttons. `ready` gives the test images once they are loaded, `changed` hears of every
  // change. `strokes` are lists of points; `under` is a test image below them, or null.
  live.pad = (about, ready, changed) => {
    const { make } = course;
    const canvas = make("canvas", { className: "live-pad", ariaHidden: "true" });
    Object.assign(canvas, { width: SIDE * SCALE, height: SIDE * SCALE });
    const hint = make("p", { className: "live-hint", ariaHidden: "true" }, about.hint ?? words.hint);
    const pen = canvas.getContext("2d");
    const truth = make("span", { className: "live-truth" });
    const pad = { strokes: [], under: null };
    pad.redraw = () => {
      const ink = live.color("blue");
      pen.clearRect(0, 0, canvas.width, canvas.height);
      Object.assign(pen, { strokeStyle: ink, fillStyle: ink, lineWidth: PEN * SCALE });
      Object.assign(pen, { lineCap: "round", lineJoin: "round" });
      pad.under?.forEach((value, i) => {
        pen.globalAlpha = value;
        pen.fillRect((i % SIDE) * SCALE, Math.floor(i / SIDE) * SCALE, SCALE, SCALE);
      });
      pen.globalAlpha = 1;
      for (const stroke of pad.strokes) {
        pen.beginPath();
        for (const [x, y] of [stroke[0], ...stroke]) pen.lineTo(x * SCALE, y * SCALE);
        pen.stroke();
      }
      hint.hidden = !pad.isEmpty();
      truth.textContent = pad.under ? words.truth(about.truths[shown]) : "";
    };
    const update = () => {
      pad.redraw();
      changed();
    };
    const set = (under) => {
      [pad.strokes, pad.under] = [[], under];
      update();
    };
    let shown = -1;
    const next = async () => {
      const tests = await ready();
      if (!tests) return;
      shown = (shown + 1) % about.truths.length;
      set(Float32Array.from(tests.subarray(shown * SIDE * SIDE, (shown + 1) * SIDE * SIDE), (value) => value / 255));
    };
    pad.isEmpty = () => !pad.under && !pad.strokes.length;
    // What is drawn, for a screen reader.
    pad.said = () => (pad.under ? [words.isReal(about.truths[shown])] : []);
    // What the networks see. Where a test image lies below, or if they are `placed`, strokes stay where they are drawn.
    pad.image = () => {
      if (!pad.under && !about.placed) return live.digit(pad.strokes);
      return render(pad.strokes).map((ink, i) => Math.max(ink, pad.under?.[i] ?? 0));
    };
    const point = (event) => {
      const box = canvas.getBoundingClientRect();
      return [((event.clientX - box.left) / box.width) * SIDE, ((event.clientY - box.top) / box.height) * SIDE];
    };
    canvas.onpointerdown = (event) => {
      canvas.setPointerCapture(event.pointerId);
      pad.strokes.push([point(event)]);
      update();
    };
    canvas.onpointermove = (event) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      pad.strokes.at(-1).push(point(event));
      update();
    };
    const box = (className, ...inside) => make("div", { className }, ...inside);
    const buttons = box("buttons", course.button(words.real, next), course.button(words.clear, () => set(null)), truth);
    pad.drawing = box("live-drawing", box("live-paper", canvas, hint), buttons);
    return pad;
  };

  // A row for each network: its answer, and its probabilities as bars. `show` returns the answers in words.
  live.answers = (about) => {
    const { make } = course;
    const bars = (className, names) =>
      make("div", { className, ariaHidden: "true" }, ...names.map((name) => make("span", {}, name)));
    const rows = make("tbody");
    const places = about.models.map(({ name, parameters }) => {
      const details = make("small", {}, words.details(about.notes?.[name], parameters));
      const [answer, shares] = [make("td", { className: "live-answer" }), bars("live-bars", about.names.map(() => ""))];
      rows.append(make("tr", {}, make("th", { scope: "row" }, name, details), answer, make("td", {}, shares)));
      return { name, answer, bars: [...shares.children] };
    });
    const digits = bars("live-bars live-digits", about.names);
    const head = [words.network, words.answer].map((text) => make("th", { scope: "col" }, text));
    const heading = make("span", { className: "visually-hidden" }, words.bars);
    const top = make("tr", {}, ...head, make("th", { scope: "col" }, heading, digits));
    const table = make("table", { className: "live-answers" }, make("thead", {}, top), rows);
    const show = (probabilities, isEmpty) =>
      places.map((place, i) => {
        const p = probabilities[i];
        const answer = p.indexOf(Math.max(...p));
        const [name, percent] = [about.names[answer], live.percent(p[answer])];
        place.bars.forEach((bar, k) => {
          bar.style.setProperty("--share", isEmpty ? 0 : p[k]);
          bar.classList.toggle("most", k === answer);
        });
        place.answer.replaceChildren(...(isEmpty ? [] : [make("strong", {}, name), ` ${percent}`]));
        return words.said(place.name, name, percent);
      });
    return { table, show };
  };
  live.percent = words.percent;
  live.picture = picture;

  globalThis.live.kinds["draw-digit"] = (figure, about, load) => {
    const { make } = course;
    const hidden = (tag, className, ...inside) => make(tag, { className, ariaHidden: "true" }, ...inside);
    const seen = hidden("canvas", "live-seen");
    const [status, say] = live.status();
    let tests; // pixels of the test images, once they are loaded

    const slider = (label, min, max, value) => live.slider(label, [min, max, value, 1], words.pixels);
    const sliders = {
      right: slider(words.right, -10, 10, 0),
      down: slider(words.down, -10, 10, 0),
      size: slider(words.size, 0, 16, 0),
      x: slider(words.coverX, 0, SIDE - 1, 8),
      y: slider(words.coverY, 0, SIDE - 1, 8),
    };

    const networks = about.models.map(({ name }) => ({ name }));
    const answers = live.answers(about);
    const numbers = make("table", {});
    const scroll = make("div", { className: "live-scroll", tabIndex: 0, role: "group" }, numbers);
    scroll.ariaLabel = words.numbers;
    const maps = make("div", {});
    const looking = live.folded(words.maps, maps);
    looking.hidden = true;

    // One picture for each unit of each network that may be looked into.
    const showMaps = () => {
      if (!looking.open || !tests) return;
      const shown = networks.filter(({ look }) => look).map(({ name, look: { shape, data } }) => {
        const [height, width] = shape.length === 4 ? shape.slice(2) : [1, 1];
        const [low, high] = [Math.min(...data), Math.max(...data)];
        const units = [];
        for (let i = 0; i < data.length; i += height * width) {
          const canvas = make("canvas", { className: height * width > 1 ? "live-map" : "live-unit" });
          units.push(live.picture(canvas, data.subarray(i, i + height * width), width, height, low, high));
        }
        return make("figure", {}, make("figcaption", {}, words.units(name)), hidden("div", "live-maps", ...units));
      });
      maps.replaceChildren(...shown);
    };

    const ask = () => {
      if (!tests) return;
      const isEmpty = pad.isEmpty();
      const [right, down, size, x, y] = Object.values(sliders).map(({ value }) => value);
      const shown = changed(pad.image(), { right, down, size, x, y });
      live.picture(seen, shown, SIDE, SIDE, 0, 1);
      const shares = networks.map((network) => {
        const { output, look } = network.run([1, 1, SIDE, SIDE], shown);
        network.look = look;
        return live.softmax(output);
      });
      const said = answers.show(shares, isEmpty);
      const rows = networks.map(({ name }, i) => [name, ...Array.from(shares[i], (p) => (isEmpty ? "" : live.percent(p)))]);
      live.fillTable(numbers, ["", ...about.names], rows);
      showMaps();
      say(isEmpty ? words.empty : [...pad.said(), ...said].join(" "));
    };

    let loading;
    const prepare = () => (loading ??= load().then(({ models, images }) => {
      models.forEach((model, i) => (networks[i].run = live.compile(model)));
      tests = live.unpack(images).data;
      looking.hidden = !models.some(({ look }) => look);
      figure.classList.add("loaded");
    }).catch(() => {
      loading = undefined;
      say(words.failed);
    }));
    const update = async () => {
      await prepare();
      ask();
    };
    const pad = live.pad(about, () => prepare().then(() => tests), update);
    Object.values(sliders).forEach(({ input }) => input.addEventListener("input", update));
    ["pointerenter", "focusin"].forEach((sign) => figure.addEventListener(sign, prepare, { once: true }));
    looking.ontoggle = showMaps;

    const see = make("figure", { className: "live-see" }, seen, make("figcaption", {}, words.sees));
    const more = live.folded(words.change, ...Object.values(sliders).map(({ label }) => label), see);
    more.open = looking.open = Boolean(about.open);
    const result = make("div", { className: "live-result" }, answers.table, more, looking, live.folded(words.numbers, scroll));
    figure.append(pad.drawing, result, status);
    live.withTheme(pad.redraw);
    live.picture(seen, new Float32Array(SIDE * SIDE), SIDE, SIDE, 0, 1);
  };
})();
