// Steps back: the reader takes a diffusion model from noise to an image, and sees what it guesses on the way.
(() => {
  const words = {
    start: "Start from",
    starts: (i) => `noise ${i + 1}`,
    steps: "Steps back",
    count: (n, of) => `${n} of ${of}`,
    noisy: (percent) => `Where the walk is: noise of size ${percent} %.`,
    guessed: "What the network guesses from there.",
    done: "The image, each pixel rounded.",
    reads: (name, percent) => `The judge reads ${name} (${percent} %).`,
    said: (n, of, read) => `Step ${n} of ${of}. ${read}`,
  };
  const [WIDTH, LINE, LEFT] = [200, 16, 20]; // of the bars, in their own units

  // Which class is read, and how surely, in percent.
  live.read = (shares) => {
    const most = Math.max(...shares);
    return [shares.indexOf(most), Math.round(100 * most)];
  };
  // Frame `i` of walk `n`, from frames (steps, walks, H, W).
  live.frame = ({ shape, data }, i, n) => {
    const size = shape[2] * shape[3];
    const from = (i * shape[1] + n) * size;
    return data.subarray(from, from + size);
  };

  live.kinds["denoise-steps"] = (figure, about, load) => {
    const { make } = course;
    const { steps, noise, read, names, first, shape } = about;
    const [height, width] = shape;
    const last = steps.length - 1;
    let frames, loading; // they come with the first touch; until then, the first of each is known
    const prepare = () =>
      (loading ??= load().then((data) => {
        frames = ["noisy", "guessed"].map((name) => live.unpack(data[name]));
        show();
      }));

    const boxes = first.map(() => {
      const canvas = make("canvas", { className: "live-seen live-decoded", ariaHidden: "true", width, height });
      const caption = make("figcaption");
      return { canvas, caption, box: make("figure", {}, canvas, caption) };
    });
    const svg = (tag, attributes, ...children) => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      element.append(...children);
      return element;
    };
    const bars = names.map((_, k) => svg("rect", { x: LEFT, y: k * LINE + 3, height: LINE - 6 }));
    const labels = names.map((name, k) => svg("text", { x: 0, y: k * LINE + 12 }, name));
    const shown = { class: "live-shares", viewBox: `0 0 ${WIDTH} ${names.length * LINE}`, "aria-hidden": "true" };
    const chart = svg("svg", shown, ...bars, ...labels);
    const told = make("figcaption");
    const [status, say] = live.status();

    const choice = make("select", {}, ...read[0].map((_, i) => make("option", { value: i }, words.starts(i))));
    const slider = live.slider(words.steps, [0, last, 0, 1], (i) => words.count(steps[i], steps[last]));
    const show = () => {
      const [i, n] = [slider.value, Number(choice.value)];
      boxes.forEach(({ canvas }, k) => {
        const image = new ImageData(width, height);
        const picture = frames ? live.frame(frames[k], i, n) : first[k];
        picture.forEach((grey, j) => image.data.set([grey, grey, grey, 255], 4 * j));
        canvas.getContext("2d").putImageData(image, 0, 0);
      });
      boxes[0].caption.textContent = words.noisy(Math.round(100 * noise[i]));
      boxes[1].caption.textContent = i === last ? words.done : words.guessed;
      const shares = read[i][n];
      shares.forEach((share, k) => bars[k].setAttribute("width", share * (WIDTH - LEFT)));
      const [k, percent] = live.read(shares);
      told.textContent = words.reads(names[k], percent);
      if (frames) say(words.said(steps[i], steps[last], told.textContent));
    };
    const change = () => (frames ? show() : prepare());
    slider.input.addEventListener("input", change);
    choice.addEventListener("change", change);

    const judged = make("figure", {}, chart, told);
    const walk = make("div", { className: "live-grids" }, ...boxes.map(({ box }) => box), judged);
    figure.append(slider.label, live.control(words.start, choice), walk, status);
    show();
  };
})();
