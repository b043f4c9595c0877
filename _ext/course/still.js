// Draws plotly figures as SVG in Node, where no browser measures texts: `widths` has the width of every character
// (of a font of size 1).
const { JSDOM, VirtualConsole } = require("jsdom");
const { readFileSync } = require("fs");

// Where an element's `transform` moves a point; plotly writes only these three.
const moved = (element, [x, y]) => {
  const steps = [...(element.getAttribute("transform") ?? "").matchAll(/(\w+)\(([^)]*)\)/g)];
  return steps.reduceRight(([x, y], [, kind, list]) => {
    const [a, b, c = 0] = list.split(/[\s,]+/).map(Number);
    if (kind === "translate") return [x + a, y + (b || 0)];
    if (kind === "scale") return [x * a, y * (b ?? a)];
    const [cos, sin, x0, y0] = [Math.cos((a * Math.PI) / 180), Math.sin((a * Math.PI) / 180), b || 0, c];
    return [x0 + (x - x0) * cos - (y - y0) * sin, y0 + (x - x0) * sin + (y - y0) * cos];
  }, [x, y]);
};
const size = (element) =>
  parseFloat(element.style?.fontSize) || (element.parentNode ? size(element.parentNode) : 12);
const textWidth = (element) =>
  size(element) * [...element.textContent].reduce((sum, letter) => sum + (widths[letter] ?? 1), 0);

// The corners of a text, which may have several lines, before its own transform.
const corners = (text) => {
  const lines = [...text.querySelectorAll("tspan.line")];
  const width = lines.length ? Math.max(...lines.map(textWidth)) : textWidth(text);
  const anchor = text.style.textAnchor || text.getAttribute("text-anchor");
  const left = (Number(text.getAttribute("x")) || 0) - width * ({ middle: 0.5, end: 1 }[anchor] ?? 0);
  const top = (Number(text.getAttribute("y")) || 0) - 0.9 * size(text);
  const bottom = top + size(text) * (1.2 + 1.3 * Math.max(0, lines.length - 1));
  return [[left, top], [left, bottom], [left + width, top], [left + width, bottom]];
};
// The box around all texts in an element; plotly measures nothing else.
const box = (element, root) => {
  const points = [element, ...element.querySelectorAll("text")].flatMap((text) => {
    if (text.tagName !== "text") return [];
    let found = corners(text);
    for (let at = text; at && at !== root; at = at.parentElement) found = found.map((point) => moved(at, point));
    return found;
  });
  if (!points.length) points.push([0, 0]);
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, top, right, bottom] = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  return { x: left, y: top, left, top, right, bottom, width: right - left, height: bottom - top };
};

// A page with plotly's script, one for each script.
const pages = {};
const page = (script) => {
  if (pages[script]) return pages[script];
  const options = { runScripts: "outside-only", virtualConsole: new VirtualConsole() };
  const { window } = new JSDOM("<!DOCTYPE html>", options);
  Object.assign(window.SVGElement.prototype, {
    getBBox() { return box(this, this); },
    getBoundingClientRect() { return box(this, null); },
    getComputedTextLength() { return textWidth(this); },
  });
  window.URL.createObjectURL = () => "";
  window.eval(readFileSync(script, "utf-8"));
  return (pages[script] = window);
};

// Leave out what shows nothing, and give the rest short names that are the same in every build.
const hex = (...numbers) => "#" + numbers.map((number) => Number(number).toString(16).padStart(2, "0")).join("");
const short = (value) =>
  value
    .replace(/(?:font-family|white-space|vector-effect|[\w-]*opacity): (?:inherit|pre|none|1);? ?/g, "")
    .replace(/\d+\.\d{2,}(?:e-\d+)?/g, (number) => Math.round(number * 100) / 100)
    .replace(/rgb\((\d+), (\d+), (\d+)\)/g, (_, red, green, blue) => hex(red, green, blue));

// Takes the figure, its size in px, and the path of plotly's script; the result is null if plotly needs a canvas
// or WebGL.
return async ({ figure, width, height, script }) => {
  const { document, Plotly } = page(script);
  const layout = { ...figure.layout, width, height };
  layout.font = { family: "inherit", ...layout.font };
  delete layout.sliders; // the page has its own controls
  delete layout.updatemenus;
  try {
    const options = { format: "svg", imageDataOnly: true, width, height };
    document.body.innerHTML = await Plotly.toImage({ data: figure.data, layout }, options);
  } catch {
    return null;
  }
  const used = new Map();
  for (const element of document.querySelectorAll("[clip-path]")) {
    const id = element.getAttribute("clip-path").match(/#([^'")]+)/)[1];
    if (!used.has(id)) used.set(id, `clip${used.size}`);
    element.setAttribute("clip-path", `url(#${used.get(id)})`);
  }
  for (const element of [...document.querySelectorAll("svg *")].reverse()) {
    const name = used.get(element.id);
    const empty = !element.childNodes.length && ["g", "defs", "clipPath", "text"].includes(element.tagName);
    const shapeless = element.tagName === "path" && ["", "M0,0", null].includes(element.getAttribute("d"));
    if (empty || shapeless || (element.tagName === "clipPath" && !name)) element.remove();
    for (const attribute of ["id", "class", "data-notex"]) element.removeAttribute(attribute);
    if (name) element.id = name;
    for (const attribute of element.attributes) attribute.value = short(attribute.value);
    if (element.getAttribute("style") === "") element.removeAttribute("style");
  }
  return document.querySelector("svg").outerHTML;
};
