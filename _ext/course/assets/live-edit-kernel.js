// Edit a kernel: its nine numbers, over a photograph, and the sum at one place written out.
(() => {
  const words = {
    photo: "Photograph",
    result: "What the kernel makes of it",
    kernel: "Kernel",
    own: "your own",
    weight: "Chosen number",
    cell: (row, column) => `Row ${row}, column ${column} of the kernel`,
    turn: "Turn it by half a turn",
    column: "Place: column",
    row: "Place: row",
    asPicture: "Black: 0. White: 1.",
    aroundZero: (most) => `Grey: 0. Black: ${number(-most)}. White: ${number(most)}.`,
    product: (weight, pixel) => `(${number(weight)})·${pixel.toFixed(2)}`,
    sum: (value) => `= ${number(value)}`,
    said: (name, row, column, sum) => `Kernel: ${name}. Row ${row}, column ${column}: the sum is ${number(sum)}.`,
  };
  const number = (value) => String(Math.round(100 * value) / 100 || 0).replace("-", "−");
  const SIDE = 3;
  const [MOST, STEP] = [4, 0.25]; // of the slider for a number

  live.kernel = {
    // Multiply each number by the pixel under it, and add up; at every place where the kernel fits.
    apply: (image, [height, width], kernel) => {
      const [rows, columns] = [height - SIDE + 1, width - SIDE + 1];
      const out = new Float32Array(rows * columns);
      for (let i = 0; i < out.length; i++) {
        const corner = Math.floor(i / columns) * width + (i % columns);
        for (let k = 0; k < SIDE * SIDE; k++) {
          out[i] += kernel[k] * image[corner + Math.floor(k / SIDE) * width + (k % SIDE)];
        }
      }
      return out;
    },
    turned: (kernel) => kernel.toReversed(),
    // What is black and what is white. If the numbers add up to nothing, so do flat areas: they are grey.
    shades: (kernel) => {
      const [sum, size] = [kernel.reduce((a, b) => a + b, 0), kernel.reduce((a, b) => a + Math.abs(b), 0)];
      return Math.abs(sum) < 0.01 && size > 0 ? [-size / 4, size / 4] : [0, 1];
    },
  };

  globalThis.live.kinds["edit-kernel"] = async (figure, about, load) => {
    const { make } = course;
    const packed = await load();
    const { shape, data } = live.unpack(packed.photo);
    const [height, width] = shape;
    const photo = Float32Array.from(data, (value) => value / 255);
    const names = Object.keys(about.kernels);
    let kernel = about.kernels[names[0]];
    let [name, chosen] = [names[0], 4];

    const paint = (canvas, data, wide, [low, high]) => {
      Object.assign(canvas, { width: wide, height: data.length / wide });
      const pixels = new ImageData(wide, data.length / wide);
      data.forEach((value, i) => {
        const bright = (255 * (value - low)) / (high - low);
        pixels.data.set([bright, bright, bright, 255], 4 * i);
      });
      canvas.getContext("2d").putImageData(pixels, 0, 0);
    };
    const panel = (canvas, mark, ...caption) =>
      make("figure", {}, make("div", { className: "live-view", ariaHidden: "true" }, canvas, mark),
        make("figcaption", {}, ...caption));
    const [from, to] = [make("canvas", { className: "live-photo" }), make("canvas")];
    const [patch, spot] = [make("span", { className: "live-patch" }), make("span", { className: "live-patch" })];
    const scale = make("span");
    const pictures = make("div", { className: "live-pictures" },
      panel(from, patch, words.photo), panel(to, spot, words.result, make("br"), scale));

    const options = [...names, words.own].map((value) => make("option", { value }, value));
    const choose = make("select", {}, ...options);
    const inputs = kernel.map((_, i) => {
      const ariaLabel = words.cell(Math.floor(i / SIDE) + 1, (i % SIDE) + 1);
      return make("input", { type: "number", step: "any", ariaLabel });
    });
    const grid = make("div", { className: "live-kernel" }, ...inputs);
    const weight = live.slider(words.weight, [-MOST, MOST, 0, STEP], number);
    const place = (label, last, value) => live.slider(label, [1, last, value, 1], String);
    const column = place(words.column, width - SIDE + 1, about.place[0]);
    const row = place(words.row, height - SIDE + 1, about.place[1]);
    const sum = make("p", { className: "live-sum" });
    const [status, say] = live.status();

    const put = (mark, size, [wide, high]) => {
      const share = (value, of) => `${(100 * value) / of}%`;
      mark.style.left = share(column.value - 1, wide);
      mark.style.top = share(row.value - 1, high);
      mark.style.width = share(size, wide);
      mark.style.height = share(size, high);
    };
    const show = () => {
      const out = live.kernel.apply(photo, [height, width], kernel);
      const columns = width - SIDE + 1;
      const [low, high] = live.kernel.shades(kernel);
      paint(to, out, columns, [low, high]);
      scale.textContent = low < 0 ? words.aroundZero(high) : words.asPicture;
      put(patch, SIDE, [width, height]);
      put(spot, 1, [columns, height - SIDE + 1]);
      const corner = (row.value - 1) * width + column.value - 1;
      const product = (k) => words.product(kernel[k], photo[corner + Math.floor(k / SIDE) * width + (k % SIDE)]);
      const total = out[(row.value - 1) * columns + column.value - 1];
      const lines = [0, 3, 6].map((k) => [0, 1, 2].map((j) => product(k + j)).join(" + "));
      sum.replaceChildren(...lines.flatMap((line, i) => [line, i < 2 ? " +" : "", make("br")]), words.sum(total));
      inputs.forEach((input, k) => input.classList.toggle("chosen", k === chosen));
      weight.set(kernel[chosen]);
      choose.value = name;
      say(words.said(name, row.value, column.value, total));
    };
    const fill = () => inputs.forEach((input, k) => (input.value = Math.round(1000 * kernel[k]) / 1000));
    const use = (numbers) => {
      kernel = numbers;
      const same = (other) => other.every((value, k) => Math.abs(value - kernel[k]) < 1e-6);
      name = names.find((known) => same(about.kernels[known])) ?? words.own;
      show();
    };
    const set = (k, value) => use(kernel.with(k, Number.isFinite(value) ? value : 0));

    inputs.forEach((input, k) => {
      input.onfocus = () => {
        chosen = k;
        show();
      };
      input.oninput = () => set(k, input.valueAsNumber);
    });
    weight.input.addEventListener("input", () => {
      set(chosen, weight.value);
      fill();
    });
    choose.onchange = () => {
      if (choose.value !== words.own) use(about.kernels[choose.value]);
      fill();
    };
    const turn = course.button(words.turn, () => {
      use(live.kernel.turned(kernel));
      fill();
    });
    [column, row].forEach(({ input }) => input.addEventListener("input", show));
    const point = (event) => {
      const box = from.getBoundingClientRect();
      const at = (share, size) => Math.min(size - SIDE, Math.max(0, Math.floor(share * size) - 1)) + 1;
      column.set(at((event.clientX - box.left) / box.width, width));
      row.set(at((event.clientY - box.top) / box.height, height));
      show();
    };
    from.onpointerdown = (event) => {
      from.setPointerCapture(event.pointerId);
      point(event);
    };
    from.onpointermove = (event) => {
      if (from.hasPointerCapture(event.pointerId)) point(event);
    };

    paint(from, photo, width, [0, 1]);
    fill();
    const controls = make("div", {}, live.control(words.kernel, choose), grid, weight.label,
      make("div", { className: "buttons" }, turn));
    const places = make("div", {}, column.label, row.label, sum);
    figure.append(pictures, controls, places, status);
    show();
  };
})();
