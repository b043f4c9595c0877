// Which of the chapters' questions a group got wrong. Each member's are ticked on the page (a first wrong answer in a
// chapter ticks itself) and make a line to send; the lines of all, pasted or from files, put the most missed first.
for (const box of document.querySelectorAll(".quiz")) {
  const words = {
    wrong: "I got it wrong",
    mine: "Your line: send it to the group before the hour",
    none: "none",
    copy: "Copy line",
    save: "Save line as a file",
    file: "my-quiz.txt",
    all: "The lines of all, one for each of you",
    load: "Import files",
    example: "Kim: mlp 2, 5; history 1",
    first: "Begin with these",
    count: (n, people) => `wrong: ${n} of ${people}`,
    unknown: (keys) => `Not questions of this page: ${keys.join(", ")}.`,
  };
  const { make } = course;
  const items = new Map(Array.from(box.querySelectorAll("[data-question]"), (item) => [item.dataset.question, item]));
  const [storage, say] = course.messages();
  const [message, sayCount] = course.messages();

  // "mlp 2, 5; history 1" for ["mlp 2", "mlp 5", "history 1"], and back
  const write = (keys) => {
    const pages = new Map();
    for (const [page, number] of keys.map((key) => key.split(" "))) pages.set(page, [...(pages.get(page) ?? []), number]);
    return Array.from(pages, ([page, numbers]) => `${page} ${numbers.join(", ")}`).join("; ") || words.none;
  };
  const read = (text) => {
    const found = text.toLowerCase().matchAll(/([a-z][a-z-]*)((?:[\s,]*\d+)+)/g);
    return new Set([...found].flatMap(([, page, numbers]) => numbers.match(/\d+/g).map((number) => `${page} ${Number(number)}`)));
  };

  const ticks = new Map();
  const counts = new Map();
  for (const [key, item] of items) {
    const tick = make("input", { type: "checkbox" });
    tick.onchange = () => kept.change((value) => (value[key] = !tick.checked));
    const count = make("strong", { className: "missed" });
    ticks.set(key, tick);
    counts.set(key, count);
    item.id = `quiz-${key.replace(" ", "-")}`;
    item.append(make("div", { className: "fields" }, make("label", {}, tick, ` ${words.wrong}`), count));
  }
  const line = make("input", { readOnly: true, type: "text" });
  const show = () => {
    for (const [key, tick] of ticks) tick.checked = kept.value[key] === false;
    line.value = write([...items.keys()].filter((key) => kept.value[key] === false));
  };
  const kept = course.firstAnswers({ say, show });

  const all = make("textarea", { rows: 3, spellcheck: false, placeholder: words.example });
  const list = make("ol", {});
  const order = make("div", { hidden: true }, make("p", {}, make("strong", {}, words.first)), list);
  const count = () => {
    const people = all.value.split("\n").filter((text) => text.trim()).map((text) => read(text.replace(/^[^:;]*:/, "")));
    const missed = (key) => people.filter((keys) => keys.has(key)).length;
    const unknown = [...new Set(people.flatMap((keys) => [...keys]))].filter((key) => !items.has(key));
    for (const [key, place] of counts) place.textContent = missed(key) ? words.count(missed(key), people.length) : "";
    const most = [...items.keys()].filter(missed).sort((a, b) => missed(b) - missed(a)).slice(0, 3);
    const rows = most.map((key) => {
      const name = make("a", { href: `#${items.get(key).id}` }, write([key]));
      return make("li", {}, name, `, ${words.count(missed(key), people.length)}`);
    });
    list.replaceChildren(...rows);
    order.hidden = !rows.length;
    sayCount(unknown.length ? words.unknown(unknown) : "");
  };
  all.oninput = count;
  const load = course.fileButton(words.load, { accept: ".txt", multiple: true }, (files) => {
    all.value = [all.value, ...files.map(({ text }) => text)].map((text) => text.trim()).filter(Boolean).join("\n");
    count();
  });
  const save = course.button(words.save, () => course.saveFile(words.file, `${line.value}\n`));
  const tool = make("div", { className: "tool" }, make("label", {}, words.mine, line));
  tool.append(make("div", { className: "buttons" }, course.copyButton(words.copy, line, say), save), storage);
  tool.append(make("label", {}, words.all, all), make("div", { className: "buttons" }, load), message, order);
  box.prepend(tool);
  kept.refresh();
}
