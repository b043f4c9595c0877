// Detect digits: the reader drags digits about in a scene, and a one-stage detector answers; what its sliders cost and
// gain is seen on held-out scenes.
(() => {
  const words = {
    hint: "Drag a digit",
    scene: "A scene of yours, and the detector's boxes. A dot marks the cell that answers.",
    waiting: "Drag a digit: then the detector answers.",
    curve: (n) => `Precision and recall on ${n} test scenes. The ring is where you are.`,
    axes: ["recall", "precision"],
    which: "Digit to move",
    ordinal: (i) => `digit ${i + 1}`,
    class: "What it is",
    none: "not there",
    x: "Centre: from the left",
    y: "Centre: from the top",
    side: "Size",
    score: "Smallest score",
    limit: "NMS: largest IoU",
    one: "Two centres in one cell",
    reset: "Start again",
    pixels: (n) => `${n} px`,
    share: (n) => n.toFixed(2),
    percent: (p) => `${Math.round(100 * p)} %`,
    box: (name, score) => `${name} ${Math.round(100 * score)} %`,
    found: (boxes) => (boxes.length ? `Found: ${boxes.join(", ")}.` : "Nothing is found."),
    cells: (names) => `The centres of ${names.join(" and ")} lie in one cell.`,
    table: ["right", "false alarms", "missed", "precision", "recall"],
    rest: (p, r) => `On the test scenes: precision ${p}, recall ${r}.`,
    undefined: "none",
  };
  const SIDE = 64; // pixels of a scene
  const ZOOM = 8; // pixels of the canvas for one of the scene
  const INK = 0.35; // from which a pixel belongs to a digit, as in `helpers/scenes.py`
  const FEWEST = 0.02; // score below which nothing is kept
  const [STEP, UNITS] = [8, [0.1, 0.1, 0.2, 0.2]]; // of the cells, in pixels; and of the offsets

  const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

  live.detection = {
    // What every cell says, as boxes (left, top, right, bottom) and the scores of the classes.
    decode: (output, cell) => {
      const grid = SIDE / STEP;
      const size = output.length / grid ** 2;
      return Array.from({ length: grid ** 2 }, (_, i) => {
        const out = output.slice(i * size, (i + 1) * size);
        const [x, y] = [(i % grid) * STEP + STEP / 2, Math.floor(i / grid) * STEP + STEP / 2];
        const shift = (k) => out[1 + k] * UNITS[k];
        const [cx, cy] = [x + shift(0) * cell[0], y + shift(1) * cell[1]];
        const [w, h] = [2, 3].map((k) => cell[k - 2] * Math.exp(Math.min(2, shift(k))));
        const box = [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2].map((value) => clamp(value, 0, SIDE));
        const sure = 1 / (1 + Math.exp(-out[0]));
        return { cell: [x, y], box, scores: Array.from(live.softmax(out.slice(5)), (p) => sure * p) };
      });
    },
    iou: (a, b) => {
      const area = ([x1, y1, x2, y2]) => (x2 - x1) * (y2 - y1);
      const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
      const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
      const shared = Math.max(0, width) * Math.max(0, height);
      return shared / (area(a) + area(b) - shared) || 0;
    },
    // What is left of { box, label, score } of one image, the best first; classes do not disturb each other. Overlaps
    // are rounded to 32 bits, as torchvision's are.
    nms: (found, limit) => {
      const kept = [];
      for (const one of [...found].sort((a, b) => b.score - a.score)) {
        const same = (other) => other.label === one.label && Math.fround(live.detection.iou(one.box, other.box)) > limit;
        if (!kept.some(same)) kept.push(one);
      }
      return kept;
    },
    // Was each detection of one image right? They come best first, and each takes the best true box that is left.
    match: (found, truth, threshold = 0.5) => {
      const free = new Set(truth);
      return found.map(({ box, label }) => {
        let [best, most] = [null, threshold];
        for (const one of free) {
          const overlap = one.label === label ? live.detection.iou(box, one.box) : -1;
          if (overlap >= most) [best, most] = [one, overlap];
        }
        return free.delete(best);
      });
    },
    // Scores and verdicts of all images, the best first, and the number of true objects.
    grade: (scenes, limit) => {
      const all = scenes.flatMap(({ found, truth }) => {
        const kept = live.detection.nms(found, limit);
        const right = live.detection.match(kept, truth);
        return kept.map(({ score }, i) => ({ score, right: right[i] }));
      });
      all.sort((a, b) => b.score - a.score);
      return { all, total: scenes.reduce((sum, { truth }) => sum + truth.length, 0) };
    },
    // How many are right and wrong with at least this score.
    count: ({ all }, least) => {
      const shown = all.filter(({ score }) => score >= least);
      const right = shown.filter((one) => one.right).length;
      return [right, shown.length - right];
    },
    // How much ink of a digit is on each pixel: its picture (side, pixels) enlarged around a centre.
    ink: ({ side, pixels }, { x, y, size }) => {
      const at = (row, column) =>
        row < 0 || column < 0 || row >= side || column >= side ? 0 : pixels[row * side + column];
      return Float32Array.from({ length: SIDE * SIDE }, (_, i) => {
        const [u, v] = [i % SIDE - x, Math.floor(i / SIDE) - y].map((d) => ((d + 0.5) / size + 0.5) * side - 0.5);
        const [left, top] = [Math.floor(u), Math.floor(v)];
        const row = (r) => at(r, left) * (left + 1 - u) + at(r, left + 1) * (u - left);
        return row(top) * (top + 1 - v) + row(top + 1) * (v - top);
      });
    },
    // The centre of the box that lies tightly around the ink, or null.
    centre: (ink) => {
      const [xs, ys] = [[], []];
      ink.forEach((value, i) => value > INK && (xs.push(i % SIDE), ys.push(Math.floor(i / SIDE))));
      return xs.length ? [xs, ys].map((all) => (Math.min(...all) + Math.max(...all) + 1) / 2) : null;
    },
  };
  const { decode, nms, grade, count, ink, centre } = live.detection;

  // Sixteen greys, written as one letter each.
  const shades = (text) => Float32Array.from(text, (letter) => parseInt(letter, 16) / 15);
  // Rows of a tensor, each of `size` numbers.
  const rows = ({ data }, size) =>
    Array.from({ length: data.length / size }, (_, i) => Array.from(data.slice(i * size, (i + 1) * size)));

  live.kinds["detect-digits"] = (figure, about, load) => {
    const { make } = course;
    const ground = shades(about.background);
    const glyphs = about.glyphs.map((text) => ({ side: Math.sqrt(text.length), pixels: shades(text) }));
    const copy = () => about.digits.map((digit) => ({ ...digit }));
    let digits = copy();
    let [run, scenes, loading, result] = [];

    const canvas = make("canvas", { className: "live-canvas", ariaHidden: "true", width: SIDE * ZOOM, height: SIDE * ZOOM });
    const hint = make("p", { className: "live-hint", ariaHidden: "true" }, words.hint);
    const told = make("p", { className: "live-told" }, words.waiting);
    const [status, say] = live.status();

    const svg = (tag, attributes, ...children) => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      element.append(...children);
      return element;
    };
    const [WIDTH, HEIGHT, LEFT, TOP] = [270, 200, 45, 8];
    const place = (recall, precision) => [LEFT + recall * WIDTH, TOP + (1 - precision) * HEIGHT];
    const marks = [0, 0.5, 1].flatMap((value) => {
      const [[x], [, y]] = [place(value, 0), place(0, value)];
      return [
        svg("line", { x1: x, x2: x, y1: TOP, y2: TOP + HEIGHT }), svg("line", { x1: LEFT, x2: LEFT + WIDTH, y1: y, y2: y }),
        svg("text", { x, y: TOP + HEIGHT + 14, "text-anchor": "middle" }, String(value)),
        svg("text", { x: LEFT - 6, y: y + 4, "text-anchor": "end" }, String(value)),
      ];
    });
    const line = svg("polyline", { class: "live-yours" });
    const ring = svg("circle", { class: "live-handle", r: 6 });
    const curve = svg("svg", { class: "live-curve live-recall", viewBox: `0 0 ${LEFT + WIDTH + 15} ${TOP + HEIGHT + 32}`, "aria-hidden": "true" },
      ...marks, line, ring,
      svg("text", { x: LEFT + WIDTH / 2, y: TOP + HEIGHT + 28, "text-anchor": "middle" }, words.axes[0]),
      svg("text", { x: 12, y: TOP + HEIGHT / 2, "text-anchor": "middle", transform: `rotate(-90 12 ${TOP + HEIGHT / 2})` }, words.axes[1]));
    const table = make("table", {});

    const options = (texts) => texts.map((text, value) => make("option", { value }, text));
    const which = make("select", {}, ...options(digits.map((_, i) => words.ordinal(i))));
    const what = make("select", {}, ...options([...about.names, words.none]));
    const sliders = {
      x: live.slider(words.x, [0, SIDE, 0, 1], words.pixels),
      y: live.slider(words.y, [0, SIDE, 0, 1], words.pixels),
      size: live.slider(words.side, [16, 34, 16, 1], words.pixels),
    };
    const score = live.slider(words.score, [0.05, 0.95, about.score, 0.01], words.share);
    const limit = live.slider(words.limit, [0.05, 0.95, about.limit, 0.05], words.share);
    const chosen = () => digits[which.value];
    const isThere = (digit) => digit.class < about.names.length;

    const inks = () => digits.filter(isThere).map((digit) => ({ digit, ink: ink(glyphs[digit.class], digit) }));
    const compose = (parts) => {
      const image = ground.slice();
      for (const part of parts) part.ink.forEach((value, i) => (image[i] += value * (0.9 - image[i])));
      return image;
    };
    const small = make("canvas", { width: SIDE, height: SIDE });
    const paint = (image, boxes) => {
      const pixels = new ImageData(SIDE, SIDE);
      image.forEach((value, i) => pixels.data.set([255 * value, 255 * value, 255 * value, 255], 4 * i));
      small.getContext("2d").putImageData(pixels, 0, 0);
      const pen = canvas.getContext("2d");
      pen.imageSmoothingEnabled = false;
      pen.drawImage(small, 0, 0, canvas.width, canvas.height);
      const [color, paper] = [live.color("orange"), live.color("paper")];
      Object.assign(pen, { font: "bold 30px sans-serif", textBaseline: "bottom", lineWidth: 5, strokeStyle: color });
      for (const { box, cell, name, score: p } of boxes) {
        const [x1, y1, x2, y2] = box.map((value) => value * ZOOM);
        pen.strokeRect(x1, y1, x2 - x1, y2 - y1);
        pen.fillStyle = color;
        pen.beginPath();
        pen.arc(cell[0] * ZOOM, cell[1] * ZOOM, 8, 0, 7);
        pen.fill();
        const text = words.box(name, p);
        const [width, left, bottom] = [pen.measureText(text).width + 12, Math.min(x1, canvas.width - 130), Math.max(y1, 36)];
        pen.fillRect(left - 2, bottom - 36, width, 36);
        pen.fillStyle = paper;
        pen.fillText(text, left + 4, bottom - 2);
      }
    };
    const answers = (image) => {
      const all = decode(run([1, 1, SIDE, SIDE], image).output, about.cell);
      const sure = all.flatMap(({ cell, box, scores }) =>
        scores.flatMap((p, label) => (p > FEWEST ? [{ cell, box, label, score: p, name: about.names[label] }] : [])));
      return nms(sure, limit.value).filter(({ score: p }) => p >= score.value);
    };

    const show = () => {
      const digit = chosen();
      what.value = digit.class;
      for (const [name, { set }] of Object.entries(sliders)) set(digit[name]);
      const parts = inks();
      const image = compose(parts);
      const boxes = run ? answers(image) : [];
      paint(image, boxes);
      if (!run) return;
      const texts = [words.found(boxes.map(({ name, score: p }) => words.box(name, p)))];
      const cells = new Map();
      for (const part of parts) {
        const key = centre(part.ink)?.map((value) => Math.floor(value / STEP)).join();
        if (key) cells.set(key, [...(cells.get(key) ?? []), about.names[part.digit.class]]);
      }
      for (const names of cells.values()) if (names.length > 1) texts.push(words.cells(names));
      told.textContent = texts.join(" ");
      const [right, wrong] = count(result, score.value);
      const [precision, recall] = [right / (right + wrong), right / result.total];
      const shown = right + wrong ? words.percent(precision) : words.undefined;
      live.fillTable(table, ["", ""], [right, wrong, result.total - right, shown, words.percent(recall)].map((value, i) =>
        [words.table[i], String(value)]));
      const [x, y] = place(recall, right + wrong ? precision : 1);
      ring.setAttribute("cx", x);
      ring.setAttribute("cy", y);
      say([...texts, words.rest(shown, words.percent(recall))].join(" "));
    };
    // The whole list, from the surest on: the curve depends on the NMS alone.
    const judge = () => {
      result = grade(scenes, limit.value);
      let right = 0;
      const points = result.all.map((one, i) => place((right += one.right) / result.total, right / (i + 1)));
      line.setAttribute("points", points.map((point) => point.map((value) => value.toFixed(1))).join(" "));
    };
    const prepare = () =>
      (loading ??= load().then((data) => {
        const truth = rows(live.unpack(data.truth), 6);
        scenes = Array.from({ length: about.n }, () => ({ found: [], truth: [] }));
        for (const [i, label, ...box] of truth) scenes[i].truth.push({ label, box });
        for (const [i, label, p, ...box] of rows(live.unpack(data.found), 7)) scenes[i].found.push({ label, score: p, box });
        judge();
        run = live.compile(data.models[0]);
        hint.hidden = true;
        show();
      }, () => (loading = undefined)));
    let waiting = false;
    const change = (edit) => {
      edit();
      prepare();
      if (waiting) return;
      waiting = true; // one answer a frame is enough
      requestAnimationFrame(() => {
        waiting = false;
        show();
      });
    };

    which.onchange = () => change(() => {});
    what.onchange = () => change(() => (chosen().class = Number(what.value)));
    for (const [name, slider] of Object.entries(sliders)) {
      slider.input.addEventListener("input", () => change(() => (chosen()[name] = slider.value)));
    }
    score.input.addEventListener("input", () => change(() => {}));
    limit.input.addEventListener("input", () => change(() => scenes && judge()));

    let grip; // where in the digit the hand has taken hold of it
    const point = (event) => {
      const box = canvas.getBoundingClientRect();
      return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height].map((share) => share * SIDE);
    };
    canvas.onpointerdown = (event) => {
      const [x, y] = point(event);
      const far = digits.map((digit) => (isThere(digit) ? Math.hypot(digit.x - x, digit.y - y) : Infinity));
      which.value = far.indexOf(Math.min(...far));
      grip = [chosen().x - x, chosen().y - y];
      canvas.setPointerCapture(event.pointerId);
      change(() => {});
    };
    canvas.onpointermove = (event) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      const [x, y] = point(event);
      change(() => {
        chosen().x = clamp(Math.round(x + grip[0]), 0, SIDE);
        chosen().y = clamp(Math.round(y + grip[1]), 0, SIDE);
      });
    };
    const buttons = make("div", { className: "buttons" },
      course.button(words.one, () => change(() => Object.assign(digits, copy().map((digit, i) => ({ ...digit, ...about.one[i] }))))),
      course.button(words.reset, () => change(() => {
        digits = copy();
        score.set(about.score);
        limit.set(about.limit);
        if (scenes) judge();
      })));

    const paper = make("div", { className: "live-scene" }, canvas, hint);
    const left = make("figure", {}, paper, make("figcaption", {}, words.scene));
    const right = make("figure", {}, curve, make("figcaption", {}, words.curve(about.n)), table);
    const hand = make("div", {}, live.control(words.which, which), live.control(words.class, what),
      ...Object.values(sliders).map(({ label }) => label), buttons);
    const bars = make("div", {}, score.label, limit.label, told);
    figure.append(left, right, hand, bars, status);
    live.withTheme(show);
  };
})();
