// What the reader has done: stored only in this browser, shown in the menu and in the week, saved to a file.
(() => {
  const words = {
    done: "(done)",
    count: (n, of) => `You have done ${n} of ${of}.`,
    bad: "This file has no progress from this course. Nothing has changed.",
  };
  const root = new URL(document.documentElement.dataset.content_root, location.href);
  const marks = document.querySelector(".mark-done");
  const box = document.querySelector(".progress-box");
  const say = (text) => {
    for (const place of [marks, box]) if (place) place.querySelector(".progress-message").textContent = text;
  };

  const isValid = (data) =>
    data?.course === course.COURSE &&
    course.isRecord(data.done) &&
    Object.values(data.done).every((date) => !isNaN(Date.parse(date)));
  const empty = () => ({ course: course.COURSE, done: {} }); // page: when it was done

  // Links in the menu and in the week, with the page they lead to, without ".html"
  const places = box ? ".bd-docs-nav a, .week a" : ".bd-docs-nav a";
  const links = Array.from(document.querySelectorAll(places), (link) => {
    const { origin, pathname } = new URL(link.href);
    const inside = origin === root.origin && pathname.startsWith(root.pathname);
    return [link, inside ? pathname.slice(root.pathname.length).replace(/\.html$/, "") : ""];
  });

  const show = () => {
    const { done } = kept.value;
    for (const [link, page] of links) {
      link.querySelector(".tick")?.remove();
      if (!(page in done)) continue;
      const tick = document.createElement("span");
      tick.className = "tick";
      tick.innerHTML = `<span aria-hidden="true"> ✓</span><span class="visually-hidden"> ${words.done}</span>`;
      link.append(tick);
    }
    if (marks) marks.querySelector("input").checked = marks.dataset.page in done;
    if (box) {
      const pages = box.dataset.pages.split(" ");
      const n = pages.filter((page) => page in done).length;
      box.querySelector("span").textContent = words.count(n, pages.length);
      Object.assign(box.querySelector("progress"), { max: pages.length, value: n });
    }
  };

  const kept = course.keep("", { empty, isValid, say, show });

  if (marks) {
    marks.hidden = false;
    marks.querySelector("input").onchange = ({ target }) =>
      kept.change(({ done }) => {
        if (target.checked) done[marks.dataset.page] = new Date().toISOString();
        else delete done[marks.dataset.page];
      });
  }

  if (box) {
    box.hidden = false;
    box.querySelector("button").onclick = () =>
      course.saveFile(`${course.COURSE}-progress.json`, JSON.stringify(kept.value, null, 2));
    const take = ([{ text }]) => {
      const data = course.parse(text);
      if (!isValid(data)) return say(words.bad);
      say("");
      kept.change((value) => (value.done = { ...data.done, ...value.done }));
    };
    course.takeFiles(box.querySelector("input"), take);
  }

  kept.refresh();
})();
