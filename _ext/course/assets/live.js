// Live figures: replaces each still picture with the figure when the reader comes near. A script `live-KIND.js` for each
// kind builds it, from what the page says about it; networks and tensors are loaded when they are asked for.
globalThis.live ??= {};
live.data = {};
live.kinds = {};
(() => {
  const here = document.currentScript.src;
  const loading = here ? {} : null; // a page of its own has all scripts in it
  const load = (name) =>
    loading && (loading[name] ??= new Promise((resolve, reject) => {
      const script = Object.assign(document.createElement("script"), { src: new URL(name, here), onload: resolve });
      script.onerror = () => {
        delete loading[name]; // so that it is asked for again
        script.remove();
        reject(Error(`${name} cannot be loaded`));
      };
      document.head.append(script);
    }));

  live.load = load; // for what kinds share

  // A control with its label.
  live.control = (label, ...controls) =>
    course.make("label", { className: "live-control" }, course.make("span", {}, label), ...controls);
  // A slider with its label, which also shows its value; `set` moves it.
  live.slider = (label, [min, max, value, step], say) => {
    const input = course.make("input", { type: "range", min, max, step, value });
    const shown = course.make("span", { ariaHidden: "true" });
    const show = () => (shown.textContent = input.ariaValueText = say(Number(input.value)));
    input.addEventListener("input", show);
    show();
    const set = (number) => {
      input.value = number;
      show();
    };
    return { label: live.control(label, input, shown), input, set, get value() { return Number(input.value); } };
  };

  // Fill a table: the names of its columns, and its rows, each with its name first.
  live.fillTable = (table, columns, rows) => {
    const { make } = course;
    const names = columns.map((text) => (text ? make("th", { scope: "col" }, text) : make("td")));
    const lines = rows.map(([name, ...cells]) =>
      make("tr", {}, make("th", { scope: "row" }, name), ...cells.map((content) => make("td", {}, content))),
    );
    table.replaceChildren(make("thead", {}, make("tr", {}, ...names)), make("tbody", {}, ...lines));
    return table;
  };
  live.folded = (title, ...inside) => course.make("details", {}, course.make("summary", {}, title), ...inside);

  // What a screen reader is told: the last sentence, once nothing has changed for half a second.
  live.status = () => {
    const place = course.make("p", { className: "live-status", role: "status" });
    let waiting;
    const say = (text) => {
      clearTimeout(waiting);
      waiting = setTimeout(() => (place.textContent = text), 500);
    };
    return [place, say];
  };

  // Call a function now, and whenever the theme changes.
  live.withTheme = (draw) => {
    draw();
    new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  };
  live.color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--figure-${name}`).trim();

  const start = async (box) => {
    whenSeen.unobserve(box);
    const { kind, source } = box.dataset;
    await load(`live-${kind}.js`);
    const figure = course.make("div", { className: "live-figure" });
    await live.kinds[kind](figure, JSON.parse(box.querySelector("script").textContent), async () => {
      await Promise.all([load("interpreter.js"), load(`live/${source}.js`)]);
      return live.data[source];
    });
    box.append(figure);
    box.classList.add("started");
  };
  // The still picture stays until there is a network again.
  const wait = (box) => addEventListener("online", () => whenSeen.observe(box), { once: true });
  const onSight = (entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) start(target).catch(() => wait(target));
  };
  const whenSeen = new IntersectionObserver(onSight, { rootMargin: "300px" });
  document.querySelectorAll(".live").forEach((box) => whenSeen.observe(box));
})();
