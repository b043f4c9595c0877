// Filters the interview questions by topic and words, and turns those shown into cards.
//
// Cards return by Sebastian Leitner's system (So lernt man lernen, 1972): a good answer moves the card to the next
// box, which waits twice as long; a failed one moves it back to the first, for a minute.
for (const tools of document.querySelectorAll(".interview-tools")) {
  const words = {
    topic: "Topic",
    all: "All topics",
    search: "Words in the question or its answers",
    shown: (n, of) => `${n} of ${of} questions are shown.`,
    revise: "Revise with cards",
    due: (due, fresh) => `Of their cards, ${due} are due and ${fresh} are new.`,
    nothing: "None of these cards is due now. Choose another topic, or come back tomorrow.",
    done: "That was the last card for now.",
    card: (n) => (n === 1 ? "Last card" : `${n} cards to go`),
    show: "Show answer",
    rate: "How was your answer?",
    ratings: ["Again", "Hard", "Good", "Easy"],
    wait: (days) => (days ? (days === 1 ? "1 day" : `${days} days`) : "1 min"),
    close: "Close",
    save: "Export cards",
    load: "Import cards",
    loaded: (n) => (n === 1 ? "1 newer card imported." : `${n} newer cards imported.`),
    bad: "This file has no cards from this course. Nothing has changed.",
    reset: "Reset all cards",
    sure: "Reset the schedule of all cards? Export them first if you may need them.",
  };
  const WAITS = [0, 1, 2, 4, 8, 16, 32]; // days a card waits in each box
  const MOVES = [() => 0, (box) => Math.max(1, box), (box) => box + 1, (box) => box + 2]; // Again to Easy
  const { make, button } = course;
  const boxes = [...document.querySelectorAll(".interview")];
  const texts = boxes.map((box) => box.textContent.toLowerCase());
  const [message, say] = course.messages();
  const [storage, sayStorage] = course.messages();
  const [count, sayCount] = course.messages();

  // Filter
  const topics = [...new Set(boxes.map((box) => box.dataset.topic))];
  const topic = make("select", {}, ...["", ...topics].map((value) => make("option", { value }, value || words.all)));
  const search = make("input", { type: "search", autocomplete: "off" });
  const shown = () => boxes.filter((box) => !box.hidden);
  const filter = () => {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    boxes.forEach((box, i) => {
      const fits = !topic.value || box.dataset.topic === topic.value;
      box.hidden = !fits || !wanted.every((word) => texts[i].includes(word));
    });
    for (const section of new Set(boxes.map((box) => box.closest("section"))))
      section.hidden = section !== tools.closest("section") && !section.querySelector(".interview:not([hidden])");
    show();
  };
  topic.onchange = search.oninput = filter;
  // A link to a question shows it even if it is filtered out.
  const follow = () => {
    const box = boxes.find(({ id, hidden }) => hidden && `#${id}` === location.hash);
    if (!box) return;
    topic.value = search.value = "";
    filter();
    box.scrollIntoView();
  };

  // Cards, by the question's name: box, due time, and time of the last rating (in ms)
  const isCard = (card) =>
    course.isRecord(card) && card.box in WAITS && Number.isInteger(card.box) && [card.due, card.rated].every(Number.isFinite);
  const isValid = (data) =>
    data?.course === course.COURSE && course.isRecord(data.cards) && Object.values(data.cards).every(isCard);
  const empty = () => ({ course: course.COURSE, cards: {} });
  const cardOf = (box) => (Object.hasOwn(kept.value.cards, box.id) ? kept.value.cards[box.id] : null);
  const isDue = (box) => cardOf(box)?.due <= Date.now();
  // Due cards, oldest first, then new ones in page order, then those that wait a minute
  const queue = () => {
    const sorted = (boxes) => boxes.sort((a, b) => cardOf(a).due - cardOf(b).due);
    const waits = (box) => cardOf(box)?.box === 0 && !isDue(box);
    return [...sorted(shown().filter(isDue)), ...shown().filter((box) => !cardOf(box)), ...sorted(shown().filter(waits))];
  };
  const show = () => {
    const [due, fresh] = [shown().filter(isDue), shown().filter((box) => !cardOf(box))];
    sayCount(`${words.shown(shown().length, boxes.length)} ${words.due(due.length, fresh.length)}`);
  };
  const kept = course.keep("cards", { empty, isValid, say: sayStorage, show });

  // The card itself: the question's own box, moved into a dialog and back
  const dialog = make("dialog", { className: "cards", ariaLabel: words.revise });
  const place = document.createComment("a card");
  let current = null;
  const putBack = () => {
    if (current) place.replaceWith(current);
    current?.classList.remove("asked");
    current?.querySelector(".interview-text").removeAttribute("id");
    current?.querySelectorAll("details").forEach((fold) => (fold.open = false));
    current = null;
  };
  const rate = (rating) => {
    const now = new Date();
    const box = Math.min(WAITS.length - 1, MOVES[rating](cardOf(current)?.box ?? 0));
    const days = WAITS[box]; // cards that wait for days are due in the morning
    const due = days ? new Date(now.getFullYear(), now.getMonth(), now.getDate() + days).getTime() : now.getTime() + 60000;
    const { id } = current;
    kept.change(({ cards }) => (cards[id] = { box, due, rated: now.getTime() }));
    turn();
  };
  const turn = () => {
    putBack();
    const left = queue();
    if (!left.length) {
      dialog.close();
      say(words.done);
      return;
    }
    [current] = left;
    current.replaceWith(place);
    current.classList.add("asked");
    current.querySelector(".interview-text").id = "card-question"; // read out with the button below
    const ratings = words.ratings.map((word, i) => {
      const box = Math.min(WAITS.length - 1, MOVES[i](cardOf(current)?.box ?? 0));
      return make("button", { type: "button", onclick: () => rate(i) }, word, make("small", {}, ` ${words.wait(WAITS[box])}`));
    });
    const buttons = make("div", { className: "buttons" });
    const open = button(words.show, () => {
      current.classList.remove("asked");
      current.querySelectorAll("details").forEach((fold) => (fold.open = true));
      buttons.replaceChildren(make("span", {}, words.rate), ...ratings);
      ratings[2].focus({ preventScroll: true });
    });
    open.setAttribute("aria-describedby", "card-question");
    buttons.append(open);
    const top = make("div", { className: "top" }, make("span", {}, words.card(left.length)), button(words.close, () => dialog.close()));
    dialog.replaceChildren(top, current, buttons);
    dialog.scrollTop = 0;
    open.focus();
  };
  dialog.onclose = () => {
    putBack();
    show();
  };
  const revise = button(words.revise, () => {
    if (!queue().length) return say(words.nothing);
    say("");
    dialog.showModal();
    turn();
  });

  const save = button(words.save, () => course.saveFile(`${course.COURSE}-cards.json`, JSON.stringify(kept.value, null, 2)));
  const load = course.fileButton(words.load, { accept: ".json" }, ([{ text }]) => {
    const data = course.parse(text);
    if (!isValid(data)) return say(words.bad);
    let n = 0;
    kept.change(({ cards }) => {
      for (const [id, card] of Object.entries(data.cards)) {
        if (Object.hasOwn(cards, id) && cards[id].rated >= card.rated) continue;
        cards[id] = card;
        n++;
      }
    });
    say(words.loaded(n));
  });
  const reset = button(words.reset, () => {
    if (confirm(words.sure)) kept.change((value) => (value.cards = {}));
  });
  const fields = make("div", { className: "fields" }, make("label", {}, words.topic, topic), make("label", {}, words.search, search));
  course.fill(tools, fields, count, make("div", { className: "buttons" }, revise, save, load, reset), storage, message, dialog);
  addEventListener("hashchange", follow);
  kept.refresh();
  filter(); // some browsers restore what was typed before
  follow();
}
