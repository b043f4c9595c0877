// What the scripts share: elements, files, and values stored only in this browser.
const course = (() => {
  const COURSE = "week-of-deep-learning";
  const words = {
    full: "This browser cannot save what you do here: its storage is full or blocked. The page works until you close it.",
    broken: "What this browser saved for this page cannot be read, and is ignored.",
    copied: "It is copied.",
    select: "It is selected. Copy it with Ctrl+C, or ⌘C on a Mac.",
  };

  const make = (tag, options = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), options);
    element.append(...children);
    return element;
  };
  // If not, the storage is full or blocked, and `../theme.py` has replaced it with one that lasts as long as the page.
  const lasts = localStorage instanceof Storage;
  const button = (text, onclick) => make("button", { type: "button", onclick }, text);
  const isRecord = (data) => Object.prototype.toString.call(data) === "[object Object]";

  // Fills a box that had only a text for readers without scripts.
  const fill = (box, ...children) => {
    box.querySelector(".no-script").remove();
    box.append(...children);
  };

  // An element for messages, which screen readers read out, and a function that writes to it.
  const messages = () => {
    const place = make("p", { className: "message", role: "status" });
    const say = (text) => {
      if (place.textContent !== text) place.textContent = text; // not read out again at every keystroke
    };
    return [place, say];
  };

  // A value stored under a key. `isValid` checks what is stored, `say` shows a message, and `show` shows the value,
  // which may also change in another tab. Every change starts from what is stored, so that tabs lose nothing.
  const keep = (name, { empty, isValid, say, show }) => {
    const key = name ? `${COURSE}/${name}` : COURSE;
    const kept = { value: empty() };
    let unsaved = false; // if so, the newest value is the one in memory
    const load = () => {
      if (!lasts) say(words.full);
      if (unsaved) return;
      const text = localStorage.getItem(key);
      const data = text === null ? empty() : parse(text);
      if (isValid(data)) kept.value = data;
      else say(words.broken);
    };
    kept.change = (edit) => {
      load();
      edit(kept.value);
      try {
        localStorage.setItem(key, JSON.stringify(kept.value));
        if (unsaved) say("");
        unsaved = false;
      } catch {
        unsaved = true;
        say(words.full);
      }
      show();
    };
    kept.refresh = () => {
      load();
      show();
    };
    addEventListener("storage", (event) => [key, null].includes(event.key) && kept.refresh());
    addEventListener("pageshow", (event) => event.persisted && kept.refresh());
    return kept;
  };

  // The first answer to each question of the chapters: `mlp 3` is true if it was right.
  const firstAnswers = ({ say = () => {}, show = () => {} } = {}) =>
    keep("quiz", {
      empty: () => ({}),
      isValid: (data) => isRecord(data) && Object.values(data).every((right) => typeof right === "boolean"),
      say,
      show,
    });

  const saveFile = (name, text) => {
    const href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
    make("a", { href, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60000); // some browsers start saving only later
  };

  // `take` gets the name and text of each chosen file.
  const takeFiles = (input, take) => {
    input.onchange = async () => {
      const files = [...input.files];
      const texts = await Promise.all(files.map((file) => file.text().catch(() => ""))); // treat unreadable as empty
      input.value = ""; // so that the same file can be chosen again
      take(files.map(({ name }, i) => ({ name, text: texts[i] })));
    };
  };
  const fileButton = (text, options, take) => {
    const input = make("input", { type: "file", className: "visually-hidden", ...options });
    takeFiles(input, take);
    return make("label", { className: "button" }, text, input);
  };
  // Copies what is in a field; where the browser refuses, as for a page opened from a folder, it selects it.
  const copyButton = (text, field, say) =>
    button(text, async () => {
      try {
        await navigator.clipboard.writeText(field.value);
        say(words.copied);
      } catch {
        field.select();
        say(words.select);
      }
    });
  const parse = (text) => {
    try {
      return JSON.parse(text);
    } catch {} // undefined if it is not JSON
  };

  return { COURSE, make, button, fill, isRecord, messages, keep, firstAnswers, saveFile, takeFiles, fileButton, copyButton, parse };
})();
