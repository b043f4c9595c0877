// Balance a pole on a cart: the reader plays, and hands over to networks at two moments of their training.
(() => {
  const words = {
    player: "Who pushes",
    you: "You",
    speed: "Steps a second",
    start: "Start",
    pause: "Pause",
    resume: "Go on",
    again: "New game",
    left: "← Left",
    right: "Right →",
    hint: "The last push goes on until the next one. Arrow keys push too, and so does a tap to the left or right of the cart. While the game is paused, each push is one step.",
    columns: ["who pushed", "games", "longest", "last"],
    steps: (n) => `${n} step${n === 1 ? "" : "s"}`,
    values: (left, right) => `The network's values: left ${left}, right ${right}.`,
    state: (n, lean, place) => `Step ${n}: the pole leans ${lean}, the cart is ${place}.`,
    lean: (degrees) => (degrees === "0.0" ? "to neither side" : `${degrees.replace("-", "")}° to the ${degrees < 0 ? "left" : "right"}`),
    place: (x) => (Number(x) === 0 ? "in the middle" : `${x.replace("-", "")} to the ${x < 0 ? "left" : "right"}`),
    ends: { pole: "The pole fell", cart: "The cart left the track", time: "Balanced to the end" },
    ended: (end, player, n) => `${end}. ${player}: ${words.steps(n)}.`,
    together: "Several in turn",
    now: (player) => `Now pushing: ${player}.`,
  };
  const [MOST, TRACK, FALL] = [500, 2.4, (12 * 2 * Math.PI) / 360]; // steps, half its length, radians
  const [WIDTH, HEIGHT, GROUND] = [5.2, 1.6, 1.4]; // of the picture, in units of the track

  // The state is the place of the cart, its speed, the lean of the pole, and how fast it turns.
  live.cartPole = {
    step: ([x, speed, lean, turn], right) => {
      const [cos, sin] = [Math.cos(lean), Math.sin(lean)];
      const push = ((right ? 10 : -10) + 0.05 * turn * turn * sin) / 1.1;
      const faster = (9.8 * sin - cos * push) / (0.5 * (4 / 3 - (0.1 * cos * cos) / 1.1));
      const away = push - (0.05 * faster * cos) / 1.1;
      return [x + 0.02 * speed, speed + 0.02 * away, lean + 0.02 * turn, turn + 0.02 * faster];
    },
    end: ([x, , lean], steps) =>
      Math.abs(lean) > FALL ? "pole" : Math.abs(x) > TRACK ? "cart" : steps >= MOST ? "time" : null,
  };

  globalThis.live.kinds["cart-pole"] = async (figure, about, load) => {
    const { make, button } = course;
    const names = [words.you, ...about.models.map(({ name }) => name)];
    let networks; // loaded when one of them is to play
    const run = (player, state) => networks[player - 1]([1, 4], Float32Array.from(state)).output;

    const svg = (tag, attributes, ...children) => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      element.append(...children);
      return element;
    };
    const ray = (lean, className) =>
      svg("line", { class: className, y1: -0.2, x2: 1.2 * Math.sin(lean), y2: -0.2 - Math.cos(lean) });
    const [pole, arrow] = [ray(0, "live-pole"), svg("path", { class: "live-push" })];
    const body = svg("rect", { class: "live-cart", x: -0.25, y: -0.3, width: 0.5, height: 0.25 });
    const cart = svg("g", {}, ray(FALL, "live-limit"), ray(-FALL, "live-limit"), body, pole, arrow);
    const ends = [-TRACK, TRACK].map((x) => svg("line", { class: "live-track", x1: x, x2: x, y1: -0.1, y2: 0.1 }));
    const track = svg("line", { class: "live-track", x1: -TRACK, x2: TRACK });
    const viewBox = `${-WIDTH / 2} ${-GROUND} ${WIDTH} ${HEIGHT}`;
    const scene = svg("svg", { class: "live-cart-pole", viewBox, "aria-hidden": "true" }, track, ...ends, cart);

    const [status, say] = live.status();
    const [counter, values] = [make("strong", { className: "live-count" }), make("p", { className: "live-legend" })];
    const table = make("table", { className: "live-games" });
    const choose = make("select", {}, ...names.map((name, i) => make("option", { value: i }, name)));
    const speed = live.slider(words.speed, [1, 50, about.speed, 1], String);
    const results = [...names, words.together].map((name) => ({ name, games: 0, longest: 0, last: 0 }));

    let state, steps, right, players, end;
    let timer = null;
    const player = () => Number(choose.value);
    const fresh = () => {
      state = Array.from({ length: 4 }, () => 0.1 * Math.random() - 0.05);
      [steps, right, end] = [0, state[2] > 0, null];
      players = new Set();
    };
    const describe = () =>
      words.state(steps, words.lean(((state[2] * 180) / Math.PI).toFixed(1)), words.place(state[0].toFixed(1)));
    const show = () => {
      const [x, , lean] = state;
      cart.setAttribute("transform", `translate(${x.toFixed(3)} 0)`);
      pole.setAttribute("x2", (1.2 * Math.sin(lean)).toFixed(3));
      pole.setAttribute("y2", (-0.2 - 1.2 * Math.cos(lean)).toFixed(3));
      const side = right ? 1 : -1;
      arrow.setAttribute("d", `M${-0.45 * side} -0.27l${0.14 * side} 0.1l${-0.14 * side} 0.1z`);
      counter.textContent = end ? words.ended(words.ends[end], results[who()].name, steps) : words.steps(steps);
      toggle.textContent = timer ? words.pause : steps && !end ? words.resume : words.start;
      values.hidden = !player() || !networks;
      if (!values.hidden) values.textContent = words.values(...Array.from(run(player(), state), (v) => v.toFixed(3)));
    };
    // Whose game it was: that of the only player, or of several.
    const who = () => (players.size === 1 ? [...players][0] : names.length);
    const fill = () =>
      live.fillTable(table, words.columns, results.map(({ name, games, longest, last }) => [name, games, longest, last]));
    const stop = () => {
      clearInterval(timer);
      timer = null;
    };
    const step = () => {
      if (player()) {
        const [left, other] = run(player(), state);
        right = other > left;
      }
      players.add(player());
      state = live.cartPole.step(state, right);
      end = live.cartPole.end(state, ++steps);
      if (end) {
        stop();
        const result = results[who()];
        result.games += 1;
        [result.last, result.longest] = [steps, Math.max(result.longest, steps)];
        fill();
        say(words.ended(words.ends[end], result.name, steps));
      }
      show();
    };
    const go = () => {
      stop();
      timer = setInterval(step, 1000 / speed.value);
    };
    const toggle = button(words.start, () => {
      toggle.focus({ preventScroll: true }); // not every browser does, and keys are heard inside the figure alone
      if (timer) {
        stop();
        say(describe());
      } else {
        if (end) fresh();
        go();
      }
      show();
    });
    const reset = button(words.again, () => {
      stop();
      fresh();
      show();
    });
    // A push by hand takes the game back. If it does not run, it is one step.
    const push = (toRight) => {
      if (end) return;
      choose.value = 0;
      right = toRight;
      if (timer) return show();
      step();
      if (!end) say(describe());
    };
    const pushes = [words.left, words.right].map((text, i) => {
      const made = button(text, (event) => event.detail === 0 && push(Boolean(i))); // by keyboard
      made.onpointerdown = () => push(Boolean(i)); // at once, not when the finger leaves
      return made;
    });
    figure.addEventListener("keydown", (event) => {
      if (!["ArrowLeft", "ArrowRight"].includes(event.key) || event.target.matches("select, input")) return;
      event.preventDefault();
      push(event.key === "ArrowRight");
    });
    scene.onpointerdown = (event) => {
      const box = scene.getBoundingClientRect();
      push(((event.clientX - box.left) / box.width - 0.5) * WIDTH > state[0]);
    };
    speed.input.addEventListener("input", () => timer && go());
    choose.onchange = async () => {
      const wanted = choose.value;
      if (player() && !networks) {
        choose.value = 0; // until they are here
        networks = (await load()).models.map(live.compile);
        choose.value = wanted;
      }
      say(words.now(names[wanted]));
      show();
    };

    fresh();
    fill();
    show();
    const buttons = make("div", { className: "buttons" }, ...pushes, toggle, reset);
    const controls = make("div", {}, live.control(words.player, choose), speed.label);
    figure.append(scene, make("p", { className: "live-legend" }, counter), buttons, controls, values);
    figure.append(make("small", {}, words.hint), table, status);
  };
})();
