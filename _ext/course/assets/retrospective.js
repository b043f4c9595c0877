// A retrospective for each day: written on the page, stored in this browser, saved to and loaded from Markdown, and
// merged with those of others.
for (const box of document.querySelectorAll(".tool.retrospective")) {
  const words = {
    name: "Your name",
    day: "Day",
    days: { Monday: "Monday", Tuesday: "Tuesday", Wednesday: "Wednesday", Thursday: "Thursday", Friday: "Friday" }, // kept and saved by their names
    fields: {
      keep: "Keep",
      problem: "Problem",
      try: "Try",
      well: "What I did well",
      improve: "What to improve, and how",
      next: "What to attempt next",
      keywords: "Keywords",
      score: "My week, from 0 to 100",
      why: "Why this number",
    },
    no_score: "A whole number from 0 to 100, or nothing.",
    scores: (low, high) => `From ${low} to ${high}`,
    hidden: "Shown as a range, once there are three.",
    title: "Retrospective",
    file: (day, name) => `retrospective-${day}${name && `-${name}`}`.toLowerCase().replace(/\s+/g, "-"),
    save: "Export this day",
    load: "Import a day",
    sure: (day) => `Replace what you have written for ${day} with the file?`,
    loaded: (day) => `${day} was imported.`,
    kept: "Nothing has changed.",
    bad: (name) => `${name} is not a retrospective from this course: a heading is missing or changed. It was ignored.`,
    clear: "Clear this day",
    clear_sure: (day) => `Clear everything you have written for ${day}?`,
    group: "Group view",
    group_text: "Import all members' files, including yours. They stay on this page until you close it.",
    group_load: "Import the group's files",
    group_save: "Export the group view",
    group_title: "Retrospective of the group",
    members: (n) => (n === 1 ? "One file is in the view." : `${n} files are in the view.`),
  };
  const { make, button } = course;
  const keys = Object.keys(words.fields);
  const [message, say] = course.messages();
  const [storage, sayStorage] = course.messages();

  // Text lines that start with "#" are not headings: they get a backslash.
  const escape = (text) => text.replace(/^(\\*#)/gm, "\\$1");
  const unescape = (text) => text.replace(/^\\(\\*#)/gm, "$1");
  const write = ({ name, day, texts }) => {
    const parts = keys.map((key) => `## ${words.fields[key]}\n\n${escape(texts[key] ?? "")}\n`);
    return [`# ${words.title}\n\n- ${words.name}: ${name}\n- ${words.day}: ${day}\n`, ...parts].join("\n");
  };
  // A file's content, or null. An editor may have changed its line endings.
  const read = (file) => {
    const [head, ...parts] = file.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n").split(/^## /m);
    const [, name, day] = head.match(`^# ${words.title}\n+- ${words.name}: ?(.*)\n- ${words.day}: (.*)\n`) ?? [];
    if (!(day in words.days) || parts.length !== keys.length) return null;
    const texts = {};
    for (const [i, key] of keys.entries()) {
      const last = i === keys.length - 1;
      const found = parts[i].match(last ? /^(.*)\n?\n?([^]*?)\n?$/ : /^(.*)\n?\n?([^]*?)\n?\n?$/);
      if (found[1].trim() !== words.fields[key]) return null;
      texts[key] = unescape(found[2]);
    }
    return { name, day, texts };
  };

  const empty = () => ({ name: "", day: Object.keys(words.days).at(-1), days: {} });
  const isValid = (data) =>
    course.isRecord(data) &&
    typeof data.name === "string" &&
    data.day in words.days &&
    course.isRecord(data.days) &&
    Object.values(data.days).every((texts) => course.isRecord(texts) && Object.values(texts).every((text) => typeof text === "string"));
  const texts = () => kept.value.days[day.value] ?? {};
  const show = () => {
    if (name.value !== kept.value.name) name.value = kept.value.name;
    for (const key of keys) if (areas[key].value !== (texts()[key] ?? "")) areas[key].value = texts()[key] ?? "";
  };
  const kept = course.keep("retrospective", { empty, isValid, say: sayStorage, show });

  const name = make("input", { type: "text", autocomplete: "name" });
  name.oninput = () => kept.change((value) => (value.name = name.value));
  const day = make("select", {}, ...Object.entries(words.days).map(([value, word]) => make("option", { value }, word)));
  day.onchange = () => kept.change((value) => (value.day = day.value));
  const areas = {};
  for (const key of keys) {
    const isScore = key === "score";
    areas[key] = isScore ? make("input", { type: "number", min: 0, max: 100, step: 1 }) : make("textarea", { rows: key === "keywords" ? 1 : 3 });
    areas[key].oninput = () => {
      const fits = areas[key].validity.valid;
      if (isScore) say(fits ? "" : words.no_score);
      if (fits) kept.change(({ days }) => ((days[day.value] ??= {})[key] = areas[key].value));
    };
  }
  const labels = keys.map((key) => make("label", {}, words.fields[key], areas[key]));

  const save = button(words.save, () => {
    const entry = { name: kept.value.name, day: day.value, texts: texts() };
    course.saveFile(`${words.file(entry.day, entry.name)}.md`, write(entry));
  });
  const load = course.fileButton(words.load, { accept: ".md,.txt" }, ([file]) => {
    const entry = read(file.text);
    if (!entry) return say(words.bad(file.name));
    const mine = kept.value.days[entry.day] ?? {};
    const isLost = keys.some((key) => mine[key] && mine[key] !== entry.texts[key]);
    if (isLost && !confirm(words.sure(entry.day))) return say(words.kept);
    day.value = entry.day;
    kept.change((value) => {
      value.name ||= entry.name;
      value.day = entry.day;
      value.days[entry.day] = entry.texts;
    });
    say(words.loaded(entry.day));
  });
  const clear = button(words.clear, () => {
    if (confirm(words.clear_sure(day.value))) kept.change(({ days }) => delete days[day.value]);
  });

  // The group, by field; a member's later file for a day replaces the earlier one
  const members = new Map();
  const merged = make("div", { className: "merged" });
  const who = (entry) => `${entry.name} (${entry.day})`;
  const written = (key) => [...members.values()].filter((entry) => entry.texts[key].trim());
  // Scores are a range without names, and so are their reasons: never a ranking.
  const range = () => {
    const scores = written("score").map((entry) => Number(entry.texts.score)).filter((score) => score >= 0 && score <= 100);
    if (!scores.length) return [];
    return [["", scores.length < 3 ? words.hidden : words.scores(Math.min(...scores), Math.max(...scores))]];
  };
  const reasons = () => written("why").map((entry) => entry.texts.why.trim()).sort().map((text) => ["", text]);
  const named = (key) => written(key).map((entry) => [who(entry), entry.texts[key]]);
  const groups = () => keys.map((key) => [words.fields[key], key === "score" ? range() : key === "why" ? reasons() : named(key)]);
  const saveAll = button(words.group_save, () => {
    const parts = groups().flatMap(([title, rows]) => [`## ${title}\n`, ...rows.map(([from, text]) => `${from && `### ${from}\n\n`}${escape(text.trim())}\n`)]);
    course.saveFile(`${words.file(words.group, "")}.md`, [`# ${words.group_title}\n`, ...parts].join("\n"));
  });
  saveAll.hidden = true;
  const loadAll = course.fileButton(words.group_load, { accept: ".md,.txt", multiple: true }, (files) => {
    const bad = [];
    for (const file of files) {
      const entry = read(file.text);
      if (entry) entry.name ||= file.name; // so that nameless members do not replace each other
      if (entry) members.set(who(entry), entry);
      else bad.push(words.bad(file.name));
    }
    sayGroup([...bad, ...(members.size ? [words.members(members.size)] : [])].join(" "));
    saveAll.hidden = !members.size;
    const list = (rows) =>
      rows[0][0]
        ? make("dl", {}, ...rows.flatMap(([from, text]) => [make("dt", {}, from), make("dd", {}, text.trim())]))
        : make("ul", {}, ...rows.map(([, text]) => make("li", {}, text)));
    merged.replaceChildren(...groups().filter(([, rows]) => rows.length).flatMap(([title, rows]) => [make("h4", {}, title), list(rows)]));
  });
  const [groupMessage, sayGroup] = course.messages();

  course.fill(box, make("div", { className: "fields" }, make("label", {}, words.name, name), make("label", {}, words.day, day)));
  box.append(...labels, storage, message, make("div", { className: "buttons" }, save, load, clear));
  box.append(make("h3", {}, words.group), make("p", {}, words.group_text));
  box.append(make("div", { className: "buttons" }, loadAll, saveAll), groupMessage, merged);
  kept.refresh();
  day.value = kept.value.day;
  show();
}
