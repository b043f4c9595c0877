// What the reader has done: kept in this browser alone, shown in the menu and the schedule, saved to a file.
(() => {
  const COURSE = "week-of-deep-learning";
  const root = new URL(document.documentElement.dataset.content_root, location.href);
  const marks = document.querySelector(".mark-done");
  const box = document.querySelector(".progress-box");
  const say = (text) => {
    for (const place of [marks, box]) if (place) place.querySelector(".progress-message").textContent = text;
  };
  let done = {}; // page: when it was done

  const isProgress = (data) =>
    data?.course === COURSE &&
    Object.prototype.toString.call(data.done) === "[object Object]" &&
    Object.values(data.done).every((date) => !isNaN(Date.parse(date)));

  const load = () => {
    try {
      const data = JSON.parse(localStorage.getItem(COURSE));
      if (isProgress(data)) ({ done } = data);
    } catch (error) {
      if (!(error instanceof SyntaxError)) say("This browser does not let the page keep what you have done.");
    }
  };

  const store = () => {
    try {
      localStorage.setItem(COURSE, JSON.stringify({ course: COURSE, done }));
      say("");
    } catch {
      say("This browser does not keep what you have done: its storage is full or forbidden.");
    }
  };

  // Links of the menu and the schedule, by the page that they lead to, with or without ".html"
  const places = box ? ".bd-docs-nav a, .bd-article table a" : ".bd-docs-nav a";
  const links = Array.from(document.querySelectorAll(places), (link) => {
    const { origin, pathname } = new URL(link.href);
    const inside = origin === root.origin && pathname.startsWith(root.pathname);
    return [link, inside ? pathname.slice(root.pathname.length).replace(/\.html$/, "") : ""];
  });

  const show = () => {
    for (const [link, page] of links) {
      link.querySelector(".tick")?.remove();
      if (!(page in done)) continue;
      const tick = document.createElement("span");
      tick.className = "tick";
      tick.innerHTML = '<span aria-hidden="true"> ✓</span><span class="visually-hidden"> (done)</span>';
      link.append(tick);
    }
    if (marks) marks.querySelector("input").checked = marks.dataset.page in done;
    if (box) {
      const pages = box.dataset.pages.split(" ");
      const n = pages.filter((page) => page in done).length;
      box.querySelector("span").textContent = `You have done ${n} of ${pages.length}.`;
      Object.assign(box.querySelector("progress"), { max: pages.length, value: n });
    }
  };

  const refresh = () => {
    load();
    show();
  };

  if (marks) {
    marks.hidden = false;
    marks.querySelector("input").onchange = ({ target }) => {
      load(); // another tab may have changed it
      if (target.checked) done[marks.dataset.page] = new Date().toISOString();
      else delete done[marks.dataset.page];
      store();
      show();
    };
  }

  if (box) {
    box.hidden = false;
    box.querySelector("button").onclick = () => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([JSON.stringify({ course: COURSE, done }, null, 2)]));
      link.download = `${COURSE}-progress.json`;
      link.click();
      URL.revokeObjectURL(link.href);
    };
    box.querySelector("input").onchange = async ({ target }) => {
      const text = await target.files[0].text();
      target.value = "";
      let data;
      try {
        data = JSON.parse(text);
      } catch {} // not JSON: said below
      if (!isProgress(data)) {
        say("This file holds no progress of this course. Nothing has changed.");
        return;
      }
      load();
      done = { ...data.done, ...done };
      store();
      show();
    };
  }

  addEventListener("storage", refresh);
  addEventListener("pageshow", refresh);
  refresh();
})();
