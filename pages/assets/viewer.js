// One picture to look into, or two to compare. Words are put in as text only. What Python hears: the mode, and what is
// marked (marks.js).

const TURN_MS = 700; // of a flicker: slower than three flashes a second by far
const LEVELS = [0.125, 0.25, 0.5, 1, 2, 4, 8, 16]; // screen pixels of one pixel of the picture, for the buttons
const PLACES = ["left", "right", "difference"];
const viewers = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  if (!viewers.has(parentElement)) viewers.set(parentElement, new Viewer(parentElement.querySelector(".viewer")));
  const viewer = viewers.get(parentElement);
  const call = ++viewer.calls;
  viewer.tell = (mode) => setTriggerValue("mode", mode);
  viewer.marks.send = (told) => setTriggerValue("told", told);
  viewer.show(data);
  // Streamlit may end an older call after a newer one: only a viewer that has left the page ends
  return () => setTimeout(() => call === viewer.calls && !viewer.root.isConnected && viewer.end());
}

class Viewer {
  constructor(root) {
    this.root = root;
    this.calls = 0;
    this.mode = "";
    this.sent = [];
    this.split = 50;
    this.view = { k: 1, x: 0.5, y: 0.5 };
    this.turning = { place: "left", timer: 0 };
    this.fingers = new Map();
    this.layers = Object.fromEntries(PLACES.map((place) => [place, new Layer(place, () => (this.say(), this.draw()))]));
    this.build();
    this.marks = new Marks(this);
    this.listen();
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(this.stage);
  }

  build() {
    this.modes = make("div", { class: "modes", role: "radiogroup", "aria-label": "How to compare" });
    this.out = button("Zoom out (key −)", "−", () => this.step(-1));
    this.in = button("Zoom in (key +, or Ctrl or ⌘ and the wheel)", "+", () => this.step(1));
    this.fit = button("Fit the whole picture (key 0)", "Fit", () => this.zoom(1));
    this.percent = make("output", { "aria-label": "Zoom" });
    const zoom = make("div", { class: "zoom", role: "group", "aria-label": "Zoom" }, this.out, this.percent, this.in, this.fit);
    this.play = make("button", { type: "button", title: "Space on the picture" });
    this.play.addEventListener("click", () => this.run(!this.turning.timer));
    this.other = make("button", { type: "button" });
    this.other.addEventListener("click", () => (this.run(false), this.turn(true)));
    this.flicker = make("div", { class: "flicker", role: "group", "aria-label": "Flicker" }, this.play, this.other);
    this.said = make("p", { class: "unseen", role: "status" });
    this.slider = make("input", { type: "range", min: "0", max: "100", step: "1", "aria-label": "Split of the two pictures" });
    this.handle = make("div", { class: "handle" }, make("i", { "aria-hidden": "true" }));
    this.stage = make(
      "div",
      { class: "stage", tabindex: "0", role: "group", "aria-label": "Picture. Plus and minus zoom, 0 fits, arrow keys move it." },
      ...PLACES.map((place) => this.layers[place].node),
      this.slider,
      this.handle,
    );
    this.captions = make("div", { class: "captions" });
    this.bar = make("div", { class: "bar" }, this.modes, zoom, this.flicker);
    this.body = make("div", { class: "body" }, this.stage, this.captions);
    this.root.replaceChildren(this.bar, this.body, this.said);
  }

  /** What is looked into has its bar below, so that the picture stays where it grew. */
  arrange(look) {
    if (Boolean(look) === this.root.classList.contains("looked")) return;
    this.root.classList.toggle("looked", Boolean(look));
    this.bar.append(...this.marks.bar);
    this.body[look ? "after" : "before"](this.bar);
    this.stage.setAttribute("role", "application");
    this.stage.setAttribute("aria-label", `${this.stage.getAttribute("aria-label")} Enter shows a crosshair, and takes the place under it.`);
  }

  show(data) {
    this.data = data;
    const [width, height] = data.size;
    this.root.style.setProperty("--w", width);
    this.root.style.setProperty("--h", height);
    const shape = `${width / height} ${data.look?.ground}`;
    if (shape !== this.shape) this.view = { k: 1, x: 0.5, y: 0.5 };
    this.shape = shape;
    this.arrange(data.look);
    this.marks.show(data.look);
    this.offer(data.modes);
    for (const place of PLACES) this.layers[place].show(data.pictures[place]);
    if (!data.modes.some(([name]) => name === this.mode)) this.choose(data.mode);
    else if (data.mode !== this.heard) this.hear(data.mode);
    this.heard = data.mode;
    this.say();
    this.draw();
  }

  /** An answer to an older choice than the last one does not take back the last one. */
  hear(mode) {
    const answer = this.sent.indexOf(mode);
    this.sent.splice(0, answer + 1);
    if (answer < 0 || !this.sent.length) this.choose(mode);
  }

  offer(modes) {
    const wanted = JSON.stringify(modes);
    if (wanted === this.offered) return;
    this.offered = wanted;
    this.modes.hidden = modes.length < 2;
    this.modes.replaceChildren(
      ...modes.map(([name, label]) => {
        const radio = option("mode", name, label, () => {
          this.choose(name);
          this.sent.push(name);
          this.tell(name);
        });
        radio.firstChild.checked = name === this.mode;
        return radio;
      }),
    );
  }

  choose(mode) {
    if (mode === this.mode) return;
    this.mode = mode;
    for (const radio of this.modes.querySelectorAll("input")) radio.checked = radio.value === mode;
    this.root.dataset.mode = mode;
    this.flicker.hidden = mode !== "flicker";
    this.slider.disabled = mode !== "swipe";
    this.run(mode === "flicker" && !matchMedia("(prefers-reduced-motion: reduce)").matches);
    this.say();
    this.draw();
  }

  // Words

  say() {
    if (!this.data) return;
    const { left, right, difference } = this.layers;
    const shown = { enlarge: [left], difference: [difference] }[this.mode] ?? [left, right];
    const lines = shown.map((layer) => {
      const letter = this.mode === "enlarge" ? "" : LETTERS[layer.place];
      const on = this.mode !== "flicker" || layer.place === this.turning.place;
      const { title, caption } = layer.words;
      return make("p", { class: on ? "" : "off" }, make("b", {}, `${letter} ${title}`.trim()), caption ? ` ${caption}` : "");
    });
    this.captions.replaceChildren(...lines);
    this.slider.setAttribute("aria-valuetext", `${this.split} % left: ${left.words.title}`);
  }

  // Swipe

  divide(percent) {
    this.split = Math.min(100, Math.max(0, Math.round(percent)));
    this.slider.value = this.split;
    this.say();
    this.draw();
  }

  // Flicker

  run(on) {
    clearInterval(this.turning.timer);
    this.turning.timer = on ? setInterval(() => (this.root.isConnected ? this.turn() : this.run(false)), TURN_MS) : 0;
    this.play.textContent = on ? "Pause" : "Play";
    this.turn(false, this.turning.place);
  }

  turn(aloud = false, place = this.turning.place === "left" ? "right" : "left") {
    this.turning.place = place;
    this.root.dataset.on = place;
    this.other.textContent = `Show ${place === "left" ? "B" : "A"}`;
    if (aloud) this.said.textContent = `${LETTERS[place]}: ${this.layers[place].words.title}`;
    this.say();
  }

  // Zoom: k is 1 where the picture fits, x and y are the place in the middle as parts of the picture

  /** The frame of the picture at a place of the screen; all frames have one size. */
  frame(clientX) {
    const right = this.layers.right.node.getBoundingClientRect();
    if (this.mode === "side" && clientX >= right.left) return right;
    return this.layers[this.mode === "difference" ? "difference" : "left"].node.getBoundingClientRect();
  }

  scale() {
    return this.frame(-Infinity).width / this.data.size[0] || 1;
  }

  step(direction) {
    const now = this.view.k * this.scale();
    const levels = direction > 0 ? LEVELS : [...LEVELS].reverse();
    const next = levels.find((level) => (direction > 0 ? level > now * 1.01 : level < now * 0.99));
    if (next) this.zoom(next / this.scale());
  }

  bounded(k) {
    return Math.min(Math.max(1, LEVELS.at(-1) / this.scale()), Math.max(1, k));
  }

  zoom(k, clientX, clientY) {
    const frame = this.frame(clientX ?? -Infinity);
    const [px, py] = clientX === undefined ? [0, 0] : [(clientX - frame.left) / frame.width - 0.5, (clientY - frame.top) / frame.height - 0.5];
    const view = this.view;
    const wanted = this.bounded(k);
    this.look(wanted, view.x + px / view.k - px / wanted, view.y + py / view.k - py / wanted);
  }

  look(k, x, y) {
    const inside = (part) => Math.min(1 - 0.5 / k, Math.max(0.5 / k, part));
    this.view = { k, x: inside(x), y: inside(y) };
    this.draw();
  }

  move(dx, dy) {
    const frame = this.frame(-Infinity);
    this.look(this.view.k, this.view.x - dx / frame.width / this.view.k, this.view.y - dy / frame.height / this.view.k);
  }

  /** Move so far that a place is seen. */
  reveal([x, y]) {
    const { k } = this.view;
    const near = (middle, part) => Math.min(part + 0.45 / k, Math.max(part - 0.45 / k, middle));
    this.look(k, near(this.view.x, x), near(this.view.y, y));
  }

  draw() {
    if (!this.data || !this.mode) return;
    const { k, x, y } = this.view;
    const scale = k * this.scale();
    const style = this.stage.style;
    for (const [name, value] of Object.entries({ k, x, y, split: `${this.split}%` })) style.setProperty(`--${name}`, value);
    this.root.classList.toggle("zoomed", k > 1);
    this.root.classList.toggle("pixels", scale > 0.999);
    const percent = `${Math.round(100 * scale)} %`;
    if (this.percent.textContent !== percent) this.percent.textContent = percent;
    this.out.setAttribute("aria-disabled", String(k <= 1));
    this.fit.setAttribute("aria-disabled", String(k <= 1));
    this.in.setAttribute("aria-disabled", String(scale >= LEVELS.at(-1) * 0.99));
    for (const place of PLACES) this.layers[place].squares.draw(this.view, this.data.size, scale, this.layers[place].wide);
    this.marks.draw();
  }

  // Hands

  listen() {
    const { stage, slider } = this;
    slider.value = this.split;
    slider.addEventListener("input", () => this.divide(Number(slider.value)));
    stage.addEventListener("keydown", (event) => this.press(event));
    stage.addEventListener("pointerdown", (event) => this.down(event));
    stage.addEventListener("pointermove", (event) => this.drag(event));
    for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, (event) => this.up(event));
    stage.addEventListener("touchmove", (event) => event.touches.length > 1 && event.cancelable && event.preventDefault(), { passive: false });
    stage.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey && !event.metaKey) return; // a plain wheel moves the page
        event.preventDefault();
        const lines = event.deltaMode ? 16 : 1;
        this.zoom(this.view.k * Math.exp(-Math.min(60, Math.max(-60, event.deltaY * lines)) / 150), event.clientX, event.clientY);
      },
      { passive: false },
    );
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const sliding = event.target === this.slider;
    const far = this.frame(-Infinity).width / 8;
    const moves = { ArrowLeft: [far, 0], ArrowRight: [-far, 0], ArrowUp: [0, far], ArrowDown: [0, -far] };
    const splits = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -100, End: 100 };
    if (event.target === this.stage && this.marks.key(event)) void 0;
    else if (event.key === "+" || event.key === "=") this.step(1);
    else if (event.key === "-") this.step(-1);
    else if (event.key === "0") this.zoom(1);
    else if (sliding && event.key in splits) this.divide(this.split + splits[event.key]);
    else if (!sliding && event.key in moves && this.view.k > 1) this.move(...moves[event.key]);
    else if (!sliding && event.key === " " && this.mode === "flicker") this.run(!this.turning.timer);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** What one finger or the mouse does: the split at its handle, and anywhere while all of the picture is seen. */
  grip(event) {
    if (this.mode === "swipe" && (event.target === this.handle || this.view.k === 1)) return "split";
    return this.view.k > 1 ? "move" : "";
  }

  down(event) {
    if (event.pointerType === "mouse" && event.button !== 0) return;
    this.fingers.set(event.pointerId, [event.clientX, event.clientY]);
    this.held = this.fingers.size > 1 ? "pinch" : this.grip(event);
    if (this.held === "pinch") {
      const { apart, px, py } = this.between();
      const { k, x, y } = this.view;
      this.pinched = { apart, k, x: x + px / k, y: y + py / k };
    }
    this.start = [event.clientX, event.clientY];
    this.still = this.fingers.size === 1;
    if (!this.held) return;
    this.stage.setPointerCapture(event.pointerId);
    this.root.classList.toggle("moving", this.held === "move");
    if (this.held !== "split") return;
    if (event.pointerType !== "mouse") {
      this.held = "split?"; // a finger that goes up or down moves the page
      return;
    }
    event.preventDefault();
    this.slider.focus({ preventScroll: true });
    this.divideAt(event.clientX);
  }

  divideAt(clientX) {
    const frame = this.frame(-Infinity);
    this.divide((100 * (clientX - frame.left)) / frame.width);
  }

  drag(event) {
    this.marks.hover(event);
    const before = this.fingers.get(event.pointerId);
    if (!before) return;
    const now = [event.clientX, event.clientY];
    const [along, down] = [Math.abs(now[0] - this.start[0]), Math.abs(now[1] - this.start[1])];
    this.still &&= Math.max(along, down) < 5;
    if (!this.held) return;
    if (this.held === "split?" && Math.max(along, down) > 5) this.held = along > down ? "split" : "";
    this.fingers.set(event.pointerId, now);
    if (this.held === "pinch") this.pinch();
    else if (this.held === "split") this.divideAt(event.clientX);
    else if (this.held === "move") this.move(now[0] - before[0], now[1] - before[1]);
  }

  /** Two fingers: what was between them stays between them, however they move. */
  pinch() {
    const { apart, px, py } = this.between();
    const { k, x, y } = this.pinched;
    const wanted = this.bounded((k * apart) / this.pinched.apart);
    this.look(wanted, x - px / wanted, y - py / wanted);
  }

  /** Pixels between the fingers, and where their middle is: parts of the frame from its own middle. */
  between() {
    const [[x1, y1], [x2, y2]] = [...this.fingers.values()];
    const frame = this.frame((x1 + x2) / 2);
    const px = ((x1 + x2) / 2 - frame.left) / frame.width - 0.5;
    const py = ((y1 + y2) / 2 - frame.top) / frame.height - 0.5;
    return { apart: Math.max(1, Math.hypot(x1 - x2, y1 - y2)), px, py };
  }

  up(event) {
    if (!this.fingers.delete(event.pointerId)) return;
    const tapped = this.still && event.type === "pointerup";
    if (this.held === "split?" && tapped) this.divideAt(event.clientX);
    if (tapped) this.marks.press(this.marks.place(event.clientX, event.clientY));
    this.held = this.fingers.size === 1 && this.view.k > 1 ? "move" : "";
    if (!this.fingers.size) this.root.classList.remove("moving");
  }

  end() {
    this.run(false);
    this.watch.disconnect();
  }
}
