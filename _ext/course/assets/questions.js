// Turns each question into a form. The list of answers stays below, folded, as it is without scripts.
(() => {
  const words = {
    choose: "Choose an answer first.",
    more: "Right so far, but not all.",
    right: "Right.",
    wrong: "Not right.",
    all: "Choose all that are right.",
    one: "Choose one.",
    type: "Type a number first, such as 12 or 0.5.",
    number: "Your number:",
    up: (text) => `Move up: ${text}`,
    down: (text) => `Move down: ${text}`,
    now: (i, n) => `Now number ${i} of ${n}.`,
    start: (n, of) => (n ? `The first ${n} of ${of} are in place.` : "The first is not in place."),
    think: (start) => `Not right. ${start} Think about:`,
    order: "Put in order.",
    check: "Check",
    answers: "All answers, explained",
  };
  const { make } = course;
  const copy = (nodes) => Array.from(nodes, (node) => node.cloneNode(true));
  const isRight = (item) => item.classList.contains("right");
  const answer = (item) =>
    copy(item.querySelector(".answer").childNodes).filter((node) => !node.classList?.contains("sign"));
  const listAll = (items) => items.map((item) => make("li", { className: item.className }, ...copy(item.childNodes)));

  // For each kind of question, what to show and how to judge it: whether it is right, what to say, what to explain.
  const choice = (type) => (items, name) => {
    const inputs = items.map(() => make("input", { type, name }));
    const judge = () => {
      const chosen = items.filter((_, i) => inputs[i].checked);
      if (!chosen.length) return { say: words.choose };
      const missing = items.filter((item) => isRight(item) && !chosen.includes(item)).length;
      const right = !missing && chosen.every(isRight);
      const more = type === "checkbox" && missing && chosen.every(isRight);
      return { right, say: more ? words.more : right ? words.right : words.wrong, explain: chosen };
    };
    const labels = items.map((item, i) =>
      make("label", { className: "choice" }, inputs[i], make("span", {}, ...answer(item))),
    );
    return { hint: type === "checkbox" ? words.all : words.one, controls: labels, judge };
  };

  const number = (items) => {
    const input = make("input", { type: "text", inputMode: "decimal", autocomplete: "off" });
    const judge = () => {
      // 1,024 and 1 024 have thousands separators; any other comma is a decimal point.
      const text = input.value.replace(/\s/g, "").replace(/,(?=\d{3}(\D|$))/g, "").replace(",", ".");
      if (!text || isNaN(text)) return { say: words.type };
      const close = ({ dataset }) => Math.abs(text - dataset.value) <= Number(dataset.tolerance) + 1e-9;
      const hit = items.find(close);
      const right = Boolean(hit) && isRight(hit);
      return { right, say: right ? words.right : words.wrong, explain: hit ? [hit] : [] };
    };
    return { hint: "", controls: [make("label", { className: "number" }, `${words.number} `, input)], judge };
  };

  const order = (items, name, status) => {
    const list = make("ol", {});
    const rows = new Map(items.map((item) => [make("li", {}, make("span", {}, ...answer(item))), item]));
    for (const row of rows.keys()) {
      for (const [sign, word, step] of [["↑", "up", -1], ["↓", "down", 1]]) {
        const button = make("button", { type: "button", ariaLabel: words[word](row.firstChild.textContent) }, sign);
        button.onclick = () => {
          const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
          if (other) step < 0 ? other.before(row) : other.after(row);
          button.focus();
          status.textContent = words.now([...list.children].indexOf(row) + 1, items.length);
        };
        row.append(button);
      }
    }
    const current = () => Array.from(list.children, (row) => rows.get(row));
    do list.replaceChildren(...[...rows.keys()].sort(() => Math.random() - 0.5));
    while (current().every((item, i) => item === items[i]));
    const judge = () => {
      const mine = current();
      const first = mine.findIndex((item, i) => item !== items[i]);
      if (first < 0) return { right: true, say: words.right, explain: items };
      return { right: false, say: words.think(words.start(first, items.length)), explain: [mine[first]] };
    };
    return { hint: words.order, controls: [list], judge };
  };

  const first = course.firstAnswers();
  const page = location.pathname.split("/").pop().replace(/\.html$/, "");
  const kinds = { one: choice("radio"), several: choice("checkbox"), number, order };

  for (const box of document.querySelectorAll(".question")) {
    const text = box.querySelector(".question-text");
    const fold = box.querySelector(".answers");
    const status = make("div", { role: "status", className: "verdict" });
    const items = [...fold.querySelector("ul, ol").children];
    const { hint, controls, judge } = kinds[box.dataset.kind](items, box.id, status);
    const legend = make("legend", {}, ...text.childNodes);
    const more = [...box.children].slice([...box.children].indexOf(text) + 1, -1); // the rest of the question: a figure, code
    text.remove();
    const fieldset = make("fieldset", {}, legend, ...more, make("p", { className: "hint" }, hint), ...controls);
    const check = make("button", { className: "check" }, words.check);
    const form = make("form", { noValidate: true }, fieldset, check, status);
    form.onsubmit = (event) => {
      event.preventDefault();
      const { right, say, explain = [] } = judge();
      const key = box.id.replace("question-", `${page} `);
      if (right !== undefined && !(key in first.value)) first.change((value) => (value[key] = right));
      const verdict = right === undefined ? "" : right ? "right" : "wrong";
      const reasons = make(box.dataset.kind === "order" && right ? "ol" : "ul", {}, ...listAll(explain));
      status.replaceChildren(make("p", { className: verdict }, say), ...(explain.length ? [reasons] : []));
    };
    fold.before(form);
    fold.querySelector("summary").textContent = words.answers;
  }
})();
