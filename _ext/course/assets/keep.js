// What the scripts share: elements, files, and values that are kept in this browser alone.
const course = (() => {
  const COURSE = "week-of-deep-learning";
  const words = {
    full: "This browser does not keep what you have done here: its storage is full or forbidden. The page works until it is closed.",
    broken: "What this browser had kept for this page cannot be read, and is left out.",
  };

  const make = (tag, options = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), options);
    element.append(...children);
    return element;
  };
  // If not, `../theme.py` has put the page's own memory in the place of a storage that is full or forbidden.
  const lasts = localStorage instanceof Storage;
  const button = (text, onclick) => make("button", { type: "button", onclick }, text);
  const isRecord = (data) => Object.prototype.toString.call(data) === "[object Object]";

  // Fills a box that had only words for readers without scripts.
  const fill = (box, ...children) => {
    box.querySelector(".no-script").remove();
    box.append(...children);
  };

  // A place for messages that is read out, and the function that writes there.
  const messages = () => {
    const place = make("p", { className: "message", role: "status" });
    const say = (text) => {
      if (place.textContent !== text) place.textContent = text; // not read out anew with every key that is pressed
    };
    return [place, say];
  };

  // A value below a key. `isValid` judges what is found there, `say` shows a message, and `show` the value, which
  // may also change in another tab. Every change starts from what is stored, so that tabs lose nothing.
  const keep = (name, { empty, isValid, say, show }) => {
    const key = name ? `${COURSE}/${name}` : COURSE;
    const kept = { value: empty() };
    let unsaved = false; // then the newest value is the one in memory
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

  const saveFile = (name, text) => {
    const href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
    make("a", { href, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60000); // some browsers begin to save only later
  };

  // `take` gets the name and the text of each file that is chosen.
  const takeFiles = (input, take) => {
    input.onchange = async () => {
      const files = [...input.files];
      const texts = await Promise.all(files.map((file) => file.text().catch(() => ""))); // unreadable: as if empty
      input.value = ""; // the same file may be chosen again
      take(files.map(({ name }, i) => ({ name, text: texts[i] })));
    };
  };
  const fileButton = (text, options, take) => {
    const input = make("input", { type: "file", className: "visually-hidden", ...options });
    takeFiles(input, take);
    return make("label", { className: "button" }, text, input);
  };
  const parse = (text) => {
    try {
      return JSON.parse(text);
    } catch {} // undefined: no JSON
  };

  return { COURSE, make, button, fill, isRecord, messages, keep, saveFile, takeFiles, fileButton, parse };
})();
