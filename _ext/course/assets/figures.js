// Draws the page's interactive figures when they scroll into view, in the colours of the reader's theme.
(() => {
  const here = document.currentScript.src;
  const page = document.documentElement;
  let library;

  const loadPlotly = () =>
    (library ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      const ranks = Array.from(document.querySelectorAll(".interactive"), (box) => Number(box.dataset.script));
      script.src = new URL(`plotly-${Math.max(...ranks)}.js`, here);
      script.onload = () => resolve(window.Plotly);
      script.onerror = reject;
      document.head.append(script);
    }));

  // Colours stand in the data as the style sheet's variables: plotly wants their values.
  const readFigure = (box) => {
    const style = getComputedStyle(page);
    const text = box.querySelector("script").textContent;
    return JSON.parse(text.replace(/var\((--[\w-]+)\)/g, (_, name) => style.getPropertyValue(name).trim()));
  };

  const draw = async (box) => {
    const Plotly = await loadPlotly();
    const { data, layout, frames } = readFigure(box);
    const plot = box.querySelector(".plot");
    const slider = box.querySelector("input");
    const steps = layout.sliders?.[0].steps;
    delete layout.sliders; // the page's own slider stands in its place
    delete layout.width;
    layout.autosize = true;
    layout.dragmode = false; // a finger on the figure scrolls the page
    layout.font = { family: getComputedStyle(plot).fontFamily, ...layout.font };
    plot.querySelector(":scope > p")?.remove();
    await Plotly.react(plot, { data, layout, frames, config: { displayModeBar: false, responsive: true } });
    if (!slider) return;
    const move = () => {
      const step = steps[slider.value];
      box.querySelector("output").value = step.label;
      slider.setAttribute("aria-valuetext", step.label);
      return Plotly[step.method](plot, ...step.args);
    };
    slider.oninput = move;
    slider.disabled = false;
    await move();
  };

  const drawn = new Set();
  const whenSeen = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        whenSeen.unobserve(target);
        drawn.add(target);
        draw(target);
      }
    },
    { rootMargin: "300px" },
  );
  document.querySelectorAll(".interactive").forEach((box) => whenSeen.observe(box));
  new MutationObserver(() => drawn.forEach(draw)).observe(page, { attributeFilter: ["data-theme"] });
})();
