// The order of the presenters, a timer for each, and one listener's scores. Scores are saved as CSV; the means are
// computed from several listeners' files.
for (const box of document.querySelectorAll(".tool.presentations")) {
  const words = {
    link: "Link to Wednesday's draw",
    load: "Show",
    bad: "This is not a link to a draw. Copy one from Wednesday's page. Nothing has changed.",
    order: (n) => (n === 1 ? "One presentation." : `${n} presentations, in an order set by the draw and the same for everyone.`),
    gone: (id) => `This question is no longer in the book: ${id}`,
    minutes: "Minutes each",
    listener: "Your name, for your score file",
    criteria: {
      level: "Level in the rubric",
      right: "Right",
      clear: "Clear",
      measured: "Supported by a measurement",
      followups: "Answered follow-ups",
    },
    scores: ["–", "1 weak", "2 sound", "3 strong"],
    note: "Note",
    save: "Export my scores",
    nameless: "Type your name first: it goes into the file.",
    merge: "Import all listeners' files",
    no_file: (name) => `${name} has no scores from this course, and was ignored.`,
    merged: (n) => (n === 1 ? "The scores of one listener." : `The means of ${n} listeners.`),
    means: "Means of all listeners",
    save_means: "Export the means",
    presenter: "Presenter",
    listeners: "Listeners",
    mean: "Mean",
    clear: "Clear all scores",
    sure: "Clear all scores and notes in this browser? Export them first if you may need them.",
  };
  const HEAD = ["listener", "presenter", "question", ...Object.keys(words.criteria), "note"];
  const { draws, make, button } = course;
  const bank = draws.bank(box);
  const [message, say] = course.messages();
  const [fileMessage, sayFile] = course.messages(); // next to the file buttons
  const [storage, sayStorage] = course.messages();

  // Stored: minutes, the listener's name, and scores by question and name, so that a new draw overwrites none.
  const empty = () => ({ minutes: 5, listener: "", scores: {} });
  const isValid = (data) =>
    course.isRecord(data) &&
    data.minutes >= 1 &&
    data.minutes <= 60 &&
    typeof data.listener === "string" &&
    course.isRecord(data.scores) &&
    Object.values(data.scores).every((row) => course.isRecord(row) && Object.values(row).every((value) => typeof value === "string"));
  let draw = null;
  let built = ""; // the draw and minutes the list was built for
  let timer = null;
  let fields = []; // [element, key of the row, key of the field]

  const show = () => {
    const { minutes, listener, scores } = kept.value;
    const wanted = draw ? `${minutes} ${draws.write(draw)}` : "";
    if (wanted !== built) build();
    built = wanted;
    for (const [field, row, name] of fields) {
      const value = scores[row]?.[name] ?? "";
      if (field.value !== value) field.value = value;
    }
    if (who.value !== listener) who.value = listener;
    if (Number(time.value) !== minutes && document.activeElement !== time) time.value = minutes;
  };

  const presenters = () => {
    const pairs = draw.names.map((name, i) => ({ name, id: draw.ids[i], row: `${draw.ids[i]} ${name}` }));
    return draws.shuffle(pairs, `${draw.seed} order`);
  };

  const build = () => {
    timer?.stop();
    fields = [];
    const people = presenters();
    const folds = people.map(({ name, id, row }, i) => {
      const entry = bank.get(id);
      const field = (element, key) => {
        element.oninput = () => kept.change(({ scores }) => ((scores[row] ??= {})[key] = element.value));
        fields.push([element, row, key]);
        return element;
      };
      const scores = Object.entries(words.criteria).map(([key, text]) => {
        const options = words.scores.map((word, score) => make("option", { value: score || "" }, word));
        return make("label", {}, text, field(make("select", {}, ...options), key));
      });
      const rubric = make("div", { innerHTML: entry?.rubric ?? "" });
      const note = make("label", {}, words.note, field(make("textarea", { rows: 3 }), "note"));
      return make(
        "details",
        { className: "presenter" },
        make("summary", {}, make("strong", {}, `${i + 1}. ${name}`)),
        make("p", {}, draws.link(entry, id, words.gone)),
        rubric,
        make("div", { className: "scores" }, ...scores),
        note,
      );
    });
    let open = -1;
    const mark = (part) => {
      if (part === open) return;
      folds.forEach((fold, i) => (fold.open = i === part));
      open = part;
    };
    const parts = people.map(({ name }) => ({ name, minutes: kept.value.minutes }));
    timer = course.timer(parts, `presentations/${draw.seed}`, mark);
    list.replaceChildren(timer, make("div", { className: "sheet" }, ...folds));
  };

  const kept = course.keep("presentations", { empty, isValid, say: sayStorage, show });
  const last = draws.keepLast(sayStorage, () => {});
  const take = (address) => {
    const found = draws.read(address);
    if (!found) return say(words.bad);
    draw = found;
    body.hidden = false;
    last.change((value) => (value.hash = draws.write(draw)));
    kept.refresh();
    say(words.order(draw.names.length));
  };

  // A file of scores: cells with commas, quotes or new lines are quoted (RFC 4180). An apostrophe precedes what a
  // spreadsheet would take for a formula.
  const escape = (text) => text.replace(/^(?='*[=+@\t\r-])/, "'");
  const unescape = (text) => text.replace(/^'(?='*[=+@\t\r-])/, "");
  const cell = (text) => (/[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const toCsv = (rows) => `\uFEFF${rows.map((row) => row.map((value) => cell(escape(String(value)))).join(",")).join("\r\n")}\r\n`;
  const fromCsv = (text) => {
    const [rows, pattern] = [[[]], /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|$)/gy];
    const whole = text.replace(/^\uFEFF/, "");
    let read = 0;
    for (const [all, value, end] of whole.matchAll(pattern)) {
      read += all.length;
      rows.at(-1).push(unescape(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value));
      if (end !== ",") rows.push([]);
    }
    if (read < whole.length) return []; // a quote is missing
    return rows.filter((row) => row.join(""));
  };
  const isScore = (text) => ["", "1", "2", "3"].includes(text);
  const isFile = ([head, ...rows]) =>
    head?.join() === HEAD.join() &&
    rows.length > 0 &&
    rows.every((row) => row.length === HEAD.length && row[1] && row.slice(3, -1).every(isScore));

  const save = button(words.save, () => {
    const { listener, scores } = kept.value;
    if (!listener.trim()) {
      sayFile(words.nameless);
      return who.focus();
    }
    const keys = HEAD.slice(3);
    const rows = presenters().map(({ name, id, row }) => [listener.trim(), name, id, ...keys.map((key) => scores[row]?.[key] ?? "")]);
    sayFile("");
    course.saveFile(`scores-${listener.trim().replace(/\s+/g, "-")}.csv`, toCsv([HEAD, ...rows]));
  });

  const given = new Map(); // rows from all files; a listener's later file replaces the earlier one
  const mean = (values) => (values.length ? (values.reduce((a, b) => a + b, 0) / values.length).toFixed(2) : "");
  const means = () => {
    const groups = Map.groupBy(given.values(), (row) => JSON.stringify(row.slice(1, 3)));
    return [...groups.values()].map((rows) => {
      const columns = Object.keys(words.criteria).map((_, i) => rows.map((row) => row[3 + i]).filter(Boolean).map(Number));
      const listeners = rows.filter((row) => row.slice(3, -1).some(Boolean)).length;
      return [rows[0][1], listeners, ...columns.map(mean), mean(columns.flat())];
    });
  };
  const header = [words.presenter, words.listeners, ...Object.values(words.criteria), words.mean];
  const table = make("div", { className: "means", tabIndex: 0, role: "region", ariaLabel: words.means, hidden: true });
  const saveMeans = button(words.save_means, () => course.saveFile("means.csv", toCsv([header, ...means()])));
  saveMeans.hidden = true;
  const merge = course.fileButton(words.merge, { accept: ".csv", multiple: true }, (files) => {
    const bad = [];
    for (const { name, text } of files) {
      const rows = fromCsv(text);
      if (isFile(rows)) for (const row of rows.slice(1)) given.set(JSON.stringify(row.slice(0, 3)), row);
      else bad.push(words.no_file(name));
    }
    const listeners = new Set(Array.from(given.values(), ([listener]) => listener)).size;
    sayFile([...bad, ...(listeners ? [words.merged(listeners)] : [])].join(" "));
    table.hidden = saveMeans.hidden = !listeners;
    const line = (tag, cells) => make("tr", {}, ...cells.map((text) => make(tag, {}, String(text))));
    table.replaceChildren(make("table", {}, line("th", header), ...means().map((cells) => line("td", cells))));
  });
  const clear = button(words.clear, () => {
    if (confirm(words.sure)) kept.change((value) => (value.scores = {}));
  });

  const link = make("input", { type: "text", autocomplete: "off" });
  const load = button(words.load, () => take(link.value));
  link.onkeydown = ({ key }) => key === "Enter" && load.click();
  const time = make("input", { type: "number", min: 1, max: 60, required: true });
  time.onchange = () => time.reportValidity() && kept.change((value) => (value.minutes = Number(time.value)));
  const who = make("input", { type: "text", autocomplete: "name" });
  who.oninput = () => kept.change((value) => (value.listener = who.value));
  const list = make("div", {});
  const body = make("div", { hidden: true }, make("label", {}, words.minutes, time), list, make("label", {}, words.listener, who));
  body.append(make("div", { className: "buttons" }, save, clear));
  course.fill(box, make("label", {}, words.link, link), make("div", { className: "buttons" }, load), storage, message, body);
  box.append(fileMessage, make("div", { className: "buttons" }, merge, saveMeans), table);
  addEventListener("hashchange", () => draws.isLink(location.hash) && take(location.hash));
  kept.refresh();
  last.refresh();
  if (draws.isLink(location.hash)) take(location.hash);
  else if (last.value.hash) take(last.value.hash);
}
