// A timer for a list of parts. It compares clock times, so that it keeps running in a hidden tab and while the page
// reloads. A part that takes longer delays the others: the next one starts, with all its minutes, when the group
// says so.
course.timer = (() => {
  const words = {
    first: (part) => `Not started. First: ${part}.`,
    now: (i, n, part) => `Part ${i} of ${n}: ${part}.`,
    next: (part) => ` Next: ${part}.`,
    last: " This is the last part.",
    paused: "Paused. ",
    up: (i, n) => `Time is up for part ${i} of ${n}.`,
    end: " That was the last part.",
    part: ({ name, minutes }) => `${name}, ${minutes} min`,
    left: (part, all) => `${part} left in this part, ${all} in all`,
    over: (part, all) => `${part} too long in this part, ${all} left in all`,
    late: (minutes) => `, ${minutes} min later than planned`,
    over_title: "Time is up",
    buttons: { start: "Start", pause: "Pause", back: "Back", next: "Next part", reset: "Reset" },
    reset: "Set the timer back to the start?",
    sound: "Play a tone when a part's time is up",
    bar: "Time of this part",
  };
  const { make, button } = course;
  const title = document.title;
  let owner = null; // of the page's title: the timer started last
  let audio = null; // browsers allow audio only after a click

  const clock = (ms) => `${Math.floor(ms / 60000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;
  const up = (ms) => Math.ceil(ms / 1000) * 1000; // so that 0:00 means that nothing is left
  const play = () => {
    const [tone, volume] = [audio.createOscillator(), audio.createGain()];
    tone.connect(volume).connect(audio.destination);
    volume.gain.setValueAtTime(0.2, audio.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.8);
    tone.start();
    tone.stop(audio.currentTime + 0.8);
  };

  // `key` is the storage key; `mark` is called with the current part, or -1.
  return (parts, key, mark) => {
    const me = {};
    const n = parts.length;
    const [status, line] = [make("p", { role: "status", className: "status" }), make("p", { role: "timer" })];
    const [message, say] = course.messages();
    const bar = make("progress", { ariaLabel: words.bar });
    const sound = make("input", { type: "checkbox" });
    sound.onchange = () => (audio ??= sound.checked ? new AudioContext() : null);
    let wasOver = true; // no sound for a part that was over before the page opened
    let gone = false; // another timer has replaced it

    const empty = () => ({ part: 0, started: null, spent: parts.map(() => 0) }); // times in ms
    const isValid = (data) =>
      course.isRecord(data) &&
      Number.isInteger(data.part) &&
      data.part in parts &&
      (data.started === null || Number.isFinite(data.started)) &&
      Array.isArray(data.spent) &&
      data.spent.length === n &&
      data.spent.every((ms) => Number.isFinite(ms) && ms >= 0);

    const show = () => {
      if (gone) return;
      const { part, started, spent } = kept.value;
      const times = spent.map((ms, i) => ms + (i === part && started ? Math.max(0, Date.now() - started) : 0));
      const [fresh, running] = [!started && times.every((ms) => !ms), started !== null];
      const lefts = parts.map(({ minutes }, i) => minutes * 60000 - times[i]);
      const left = lefts[part];
      const over = left <= 0;
      const rest = lefts.slice(part).reduce((sum, ms) => sum + Math.max(0, ms), 0);
      const all = up(rest);
      const late = Math.floor((rest - lefts.reduce((a, b) => a + b)) / 60000);
      const next = part + 1 < n ? words.next(words.part(parts[part + 1])) : over ? words.end : words.last;
      const now = over ? words.up(part + 1, n) : words.now(part + 1, n, words.part(parts[part]));
      const text = fresh ? words.first(words.part(parts[0])) : (running ? "" : words.paused) + now + next;
      if (status.textContent !== text) status.textContent = text; // as screen readers read it out
      const ticking = over ? words.over(clock(-left), clock(all)) : words.left(clock(up(left)), clock(all));
      line.textContent = ticking + (late > 0 ? words.late(late) : "");
      Object.assign(bar, { max: parts[part].minutes * 60000, value: times[part] });
      box.classList.toggle("over", over);
      start.textContent = running ? words.buttons.pause : words.buttons.start;
      [back.disabled, following.disabled] = [part === 0, part === n - 1];
      mark(fresh ? -1 : part);
      if (running) owner ??= me;
      if (owner === me) {
        if (!running) owner = null;
        document.title = running ? `${over ? words.over_title : clock(up(left))} · ${title}` : title;
      }
      if (over && !wasOver && running && sound.checked) play();
      wasOver = over;
    };

    const kept = course.keep(key, { empty, isValid, say, show });
    const stop = (state) => {
      if (state.started) state.spent[state.part] += Math.max(0, Date.now() - state.started);
      const ran = state.started !== null;
      state.started = null;
      return ran;
    };
    const go = (step) => () =>
      kept.change((state) => {
        const ran = stop(state);
        state.part = Math.min(n - 1, Math.max(0, state.part + step));
        if (ran) state.started = Date.now();
      });
    const start = button("", () => {
      owner = me;
      kept.change((state) => stop(state) || (state.started = Date.now()));
    });
    const [back, following] = [button(words.buttons.back, go(-1)), button(words.buttons.next, go(1))];
    const reset = button(words.buttons.reset, () => {
      if (confirm(words.reset)) kept.change((state) => Object.assign(state, empty()));
    });
    const controls = make("div", { className: "buttons" }, start, back, following, reset);
    const label = make("label", {}, sound, ` ${words.sound}`);
    const box = make("div", { className: "tool timer" }, status, bar, line, controls, label, message);
    kept.refresh();
    const ticking = setInterval(show, 500);
    document.addEventListener("visibilitychange", show);
    box.stop = () => {
      gone = true;
      clearInterval(ticking);
      document.removeEventListener("visibilitychange", show);
      if (owner !== me) return;
      owner = null;
      document.title = title;
    };
    return box;
  };
})();

for (const box of document.querySelectorAll(".agenda")) {
  const items = [...box.querySelectorAll(":scope > ol > li")];
  const parts = items.map((item) => ({
    name: (item.querySelector("strong") ?? item.querySelector(":scope > div p")).textContent.trim().replace(/[.:]$/, ""),
    minutes: Number(item.dataset.minutes),
  }));
  const mark = (part) =>
    items.forEach((item, i) => (i === part ? item.setAttribute("aria-current", "step") : item.removeAttribute("aria-current")));
  box.append(course.timer(parts, `agenda/${box.dataset.page}`, mark));
}
