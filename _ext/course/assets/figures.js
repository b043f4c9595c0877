// Draws the page's interactive figures, in the colours of the reader's theme, when they scroll into view; those with
// a button, when it is pressed. Phones show the still pictures until the reader touches the page.
(() => {
  const here = document.currentScript.src;
  const page = document.documentElement;
  const boxes = [...document.querySelectorAll(".interactive")];
  const isHeavy = (box) => box.querySelector("button") !== null;
  const [heavy, light] = [boxes.filter(isHeavy), boxes.filter((box) => !isHeavy(box))];
  const libraries = {};

  // One library for all figures without a button: the smallest that draws them all; undefined if it fails to load.
  const loadPlotly = (box) => {
    const ranks = (light.includes(box) ? light : [box]).map((other) => Number(other.dataset.script));
    const rank = Math.max(...ranks);
    return (libraries[rank] ??= new Promise((resolve) => {
      const script = document.createElement("script");
      script.src = new URL(`plotly-${rank}.js`, here);
      script.onload = () => setTimeout(() => resolve(window.Plotly)); // let the browser breathe between loading and drawing
      script.onerror = () => {
        delete libraries[rank]; // so that it is requested again
        resolve();
      };
      document.head.append(script);
    }));
  };

  // Colours in the data are the style sheet's variables, but plotly needs their values.
  const readFigure = (box) => {
    const style = getComputedStyle(page);
    const text = box.querySelector("script").textContent;
    return JSON.parse(text.replace(/var\((--[\w-]+)\)/g, (_, name) => style.getPropertyValue(name).trim()));
  };

  const render = async (Plotly, box) => {
    const { data, layout, frames } = readFigure(box);
    const plot = box.querySelector(".plot");
    const [slider, menu] = [box.querySelector("input"), box.querySelector("select")];
    const [steps, buttons] = [layout.sliders?.[0].steps, layout.updatemenus?.[0].buttons];
    delete layout.sliders; // the page has its own controls
    delete layout.updatemenus;
    delete layout.width;
    layout.autosize = true;
    layout.dragmode = false; // a finger on the figure scrolls the page
    layout.font = { family: getComputedStyle(plot).fontFamily, ...layout.font };
    plot.querySelector(":scope > :is(p, svg)")?.remove();
    await Plotly.react(plot, { data, layout, frames, config: { displayModeBar: false, responsive: true } });
    // The label says what the legend shows, too.
    const say = () => {
      if (!slider) return;
      const { label } = steps[slider.value];
      const names = plot.data.filter((trace) => trace.visible !== false).map((trace) => trace.name);
      box.querySelector("output").value = label;
      slider.setAttribute("aria-valuetext", [label, ...names.filter(Boolean)].join(", "));
    };
    const apply = async ({ method, args }) => {
      await Plotly[method](plot, ...args);
      say();
    };
    say();
    if (slider) {
      slider.oninput = () => apply(steps[slider.value]);
      slider.disabled = false;
      if (slider.value !== slider.defaultValue) await slider.oninput(); // redrawn where it was
    }
    if (menu) {
      menu.onchange = () => apply(buttons[menu.value]);
      menu.disabled = false;
      if (!menu.options[menu.value].defaultSelected) await menu.onchange();
    }
  };

  // Draw a figure only once at a time. One more drawing may wait, and uses the theme of its time.
  const [drawn, drawing, waiting] = [new Set(), new Map(), new Set()];
  const draw = async (box) => {
    if (waiting.has(box)) return;
    waiting.add(box);
    const Plotly = await loadPlotly(box);
    await drawing.get(box);
    waiting.delete(box);
    if (Plotly) drawing.set(box, render(Plotly, box)); // otherwise the still picture stays
  };
  const start = (box) => {
    whenSeen.unobserve(box);
    drawn.add(box);
    draw(box);
  };
  const whenSeen = new IntersectionObserver(
    (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => start(entry.target)),
    { rootMargin: "300px" },
  );
  const watch = () => light.forEach((box) => whenSeen.observe(box));
  if (matchMedia("(hover: hover)").matches) watch();
  else ["pointerdown", "scroll", "keydown"].forEach((sign) => addEventListener(sign, watch, { once: true }));
  // One button is enough: once the library is there, the other figures are light, too.
  const ask = () => {
    for (const box of heavy) {
      box.querySelector("button").remove();
      whenSeen.observe(box);
    }
  };
  for (const box of heavy) Object.assign(box.querySelector("button"), { hidden: false, onclick: ask });
  const drawAgain = () => drawn.forEach(draw);
  new MutationObserver(drawAgain).observe(page, { attributeFilter: ["data-theme"] });
  addEventListener("online", drawAgain);

  // To print, draw figures not seen yet if the library is there; otherwise they stay in words.
  addEventListener("beforeprint", () => window.Plotly && light.forEach(start));
})();
