// Gives everyone a question. The seed determines the draw. A link holds it all after its "#", which browsers send to
// no server: seed, names, and the questions drawn, so that the draw stays the same when the book changes.
course.draws = (() => {
  // Numbers below 2 ** 32: sfc32 from C. Doty-Humphrey's PractRand, seeded by a hash like bryc's cyrb128.
  const generator = (seed) => {
    let h = [1779033703, 3144134277, 1013904242, 2773480762];
    for (const sign of seed) {
      const k = sign.codePointAt(0);
      h = [597399067, 2869860233, 951274213, 2716044179].map((m, i) => h[(i + 1) % 4] ^ Math.imul(h[i] ^ k, m));
    }
    let [a, b, c, d] = h;
    const next = () => {
      const t = (a + b + d) | 0;
      d = (d + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + t) | 0;
      return t >>> 0;
    };
    for (let i = 0; i < 20; i++) next(); // until the state is well mixed
    return next;
  };

  // All orders are equally likely: Fisher-Yates, without the bias of a remainder.
  const shuffle = (items, seed) => {
    const next = generator(seed);
    const below = (n) => {
      const end = 2 ** 32 - (2 ** 32 % n);
      for (;;) {
        const x = next();
        if (x < end) return x % n;
      }
    };
    const mixed = [...items];
    for (let i = mixed.length - 1; i > 0; i--) {
      const j = below(i + 1);
      [mixed[i], mixed[j]] = [mixed[j], mixed[i]];
    }
    return mixed;
  };

  const MOST = 30; // names
  const areDistinct = (items) => new Set(items).size === items.length;
  const write = ({ seed, names, ids }) => {
    const pairs = names.flatMap((name, i) => [["name", name], ["question", ids[i]]]);
    return `#${new URLSearchParams([["draw", seed], ...pairs])}`;
  };
  // The draw in a URL, or null
  const read = (address) => {
    const data = new URLSearchParams(address.slice(address.indexOf("#") + 1).trim());
    const [seed, names, ids] = [data.get("draw"), data.getAll("name"), data.getAll("question")];
    const isDraw = seed && names.length && names.length <= MOST && names.length === ids.length;
    return isDraw && names.every(Boolean) && areDistinct(names) && areDistinct(ids) ? { seed, names, ids } : null;
  };
  const isLink = (address) => address.includes("#draw=");

  const bank = (box) => new Map(JSON.parse(box.querySelector(".bank").textContent).map((entry) => [entry.id, entry]));
  // A question as a link, or a message if it is gone
  const link = (entry, id, gone) =>
    entry ? course.make("a", { href: entry.url, innerHTML: entry.title }) : course.make("em", {}, gone(id));
  // The last draw is stored: without a link, both pages show it.
  const keepLast = (say, show) =>
    course.keep("draw", {
      empty: () => ({ hash: "" }),
      isValid: (data) => course.isRecord(data) && (data.hash === "" || (typeof data.hash === "string" && read(data.hash) !== null)),
      say,
      show,
    });
  return { MOST, areDistinct, shuffle, write, read, isLink, bank, link, keepLast };
})();

for (const box of document.querySelectorAll(".tool.draw")) {
  const words = {
    names: "Names, one per line or separated by commas",
    draw: "Draw",
    again: "Draw again? This replaces the questions already drawn.",
    none: "Type a name first.",
    many: (most) => `There are more than ${most} names.`,
    same: (name) => `Two names are the same: ${name}. Tell them apart, as in ${name} A and ${name} B.`,
    few: (n) => `There are only ${n} questions.`,
    drawn: (n) => (n === 1 ? "One question is drawn." : `${n} questions are drawn.`),
    link: "Link to this draw. It contains the names, but no server ever sees them.",
    copy: "Copy link",
    friday: "Open this draw on Friday's page",
    gone: (id) => `This question is no longer in the book: ${id}`,
    changed: "The seed no longer gives this draw: the book's questions have changed since, or the link was edited. You see the draw as it is in the link.",
    broken: "This page's link has no complete draw. Was it cut off?",
  };
  const { draws, make, button } = course;
  const bank = draws.bank(box);
  const ids = [...bank.keys()].sort();
  const [message, say] = course.messages();
  const [storage, sayStorage] = course.messages();
  const names = make("textarea", { rows: 5, spellcheck: false });
  const list = make("ol", { className: "drawn" });
  const link = make("input", { readOnly: true, type: "text" });
  const friday = make("a", {}, words.friday);
  const copy = course.copyButton(words.copy, link, say);
  const result = make("div", { hidden: true }, list, make("label", {}, words.link, link), make("div", { className: "buttons" }, copy, friday));
  const drawn = (seed, n) => draws.shuffle(ids, seed).slice(0, n);

  const show = () => {
    const isOpened = draws.isLink(location.hash);
    const draw = draws.read(isOpened ? location.hash : kept.value.hash);
    result.hidden = !draw;
    if (!draw) return isOpened && say(words.broken);
    const rows = draw.names.map((name, i) => {
      const entry = bank.get(draw.ids[i]);
      const topic = entry ? [make("span", { className: "topic" }, entry.topic)] : [];
      return make("li", {}, make("strong", {}, name), " ", draws.link(entry, draw.ids[i], words.gone), " ", ...topic);
    });
    list.replaceChildren(...rows);
    names.value = draw.names.join("\n");
    const hash = draws.write(draw);
    if (kept.value.hash !== hash) kept.change((value) => (value.hash = hash)); // for when the URL changes
    link.value = new URL(hash, location.href);
    friday.href = box.dataset.presentations + hash;
    const same = draw.ids.length <= ids.length && drawn(draw.seed, draw.ids.length).join() === draw.ids.join();
    say(same ? words.drawn(rows.length) : words.changed);
  };
  const kept = draws.keepLast(sayStorage, () => {}); // another tab's draw must not replace this one

  const start = button(words.draw, () => {
    const all = names.value.split(/[\n,;、，]/).map((name) => name.normalize().trim().replace(/\s+/g, " ")).filter(Boolean);
    const same = all.find((name, i) => all.indexOf(name) < i);
    if (!all.length) return say(words.none);
    if (all.length > draws.MOST) return say(words.many(draws.MOST));
    if (same) return say(words.same(same));
    if (all.length > ids.length) return say(words.few(ids.length));
    if (kept.value.hash && !confirm(words.again)) return; // it may not be the one shown
    const seed = Array.from(crypto.getRandomValues(new Uint32Array(2)), (x) => x.toString(36)).join("");
    const hash = draws.write({ seed, names: all, ids: drawn(seed, all.length) });
    history.replaceState(null, "", hash);
    show();
  });
  course.fill(box, make("label", {}, words.names, names), make("div", { className: "buttons" }, start), storage, message, result);
  addEventListener("hashchange", show);
  kept.refresh();
  show();
}
