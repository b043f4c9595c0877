// Draws the page's interactive figures, in the colours of the reader's theme: when they scroll into view, those
// with a button when it is pressed. Until a reader has touched the page, a phone shows their still pictures.
(() => {
  const here = document.currentScript.src;
  const page = document.documentElement;
  const boxes = [...document.querySelectorAll(".interactive")];
  const isHeavy = (box) => box.querySelector("button") !== null;
  const [heavy, light] = [boxes.filter(isHeavy), boxes.filter((box) => !isHeavy(box))];
  const libraries = {};

  // One library for all figures that need no button: the smallest that draws them all. Nothing if it does not come.
  const loadPlotly = (box) => {
    const ranks = (light.includes(box) ? light : [box]).map((other) => Number(other.dataset.script));
    const rank = Math.max(...ranks);
    return (libraries[rank] ??= new Promise((resolve) => {
      const script = document.createElement("script");
      script.src = new URL(`plotly-${rank}.js`, here);
      script.onload = () => setTimeout(() => resolve(window.Plotly)); // a breath between loading and drawing
      script.onerror = () => {
        delete libraries[rank]; // it is asked for again
        resolve();
      };
      document.head.append(script);
    }));
  };

  // Colours stand in the data as the style sheet's variables: plotly wants their values.
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
    delete layout.sliders; // the page's own controls stand in their place
    delete layout.updatemenus;
    delete layout.width;
    layout.autosize = true;
    layout.dragmode = false; // a finger on the figure scrolls the page
    layout.font = { family: getComputedStyle(plot).fontFamily, ...layout.font };
    plot.querySelector(":scope > :is(p, svg)")?.remove();
    await Plotly.react(plot, { data, layout, frames, config: { displayModeBar: false, responsive: true } });
    // What the legend shows is said too.
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
      if (slider.value !== slider.defaultValue) await slider.oninput(); // drawn again, where it stood
    }
    if (menu) {
      menu.onchange = () => apply(buttons[menu.value]);
      menu.disabled = false;
      if (!menu.options[menu.value].defaultSelected) await menu.onchange();
    }
  };

  // One drawing of a figure at a time. One more may wait: it takes the colours of the theme by then.
  const [drawn, drawing, waiting] = [new Set(), new Map(), new Set()];
  const draw = async (box) => {
    if (waiting.has(box)) return;
    waiting.add(box);
    const Plotly = await loadPlotly(box);
    await drawing.get(box);
    waiting.delete(box);
    if (Plotly) drawing.set(box, render(Plotly, box)); // else the still picture stays
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
  // Pressing one button is enough: with the library there, the others are as light.
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

  // What no reader has seen yet is drawn for the printer if the library is there, and else stays in words.
  addEventListener("beforeprint", () => window.Plotly && light.forEach(start));
})();
