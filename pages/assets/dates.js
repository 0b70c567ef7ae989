// The strip of dates. Words are put in as text only. What Python hears: the date that somebody
// picks, or no date, and those that are to be used or excluded.

const ABSENT = "not cached";
const FAILED = "could not be shown";

export default mounted((parent) => new Strip(parent.querySelector(".dates")));

/** A number beside its bar. */
class Bar {
  constructor() {
    this.fill = make("i");
    this.track = make("span", { class: "track" }, this.fill);
    this.number = make("b");
    this.before = make("span");
    this.after = make("span");
    this.node = make("span", { class: "bar" }, make("span", { class: "figure" }, this.before, this.number, this.after), this.track);
  }

  show([before, number, after, part]) {
    put(this.before, before);
    put(this.number, number);
    put(this.after, after);
    this.track.classList.toggle("unknown", part === null);
    this.fill.style.width = `${100 * Math.min(1, Math.max(0, part ?? 0))}%`;
  }
}

/** One date; it stays in its place and changes what it shows, so that nothing jumps and the focus stays. */
class Face {
  constructor(strip, key) {
    this.key = key;
    this.image = make("img", { loading: "lazy", draggable: "false", alt: "" });
    this.image.addEventListener("load", () => this.come());
    this.image.addEventListener("error", () => this.fail(this.image.src));
    this.none = make("span", { class: "none" }, ABSENT);
    this.box = make("span", { class: "box" }, this.image, this.none);
    this.date = make("b");
    this.satellite = make("span");
    this.bars = [new Bar(), new Bar()];
    this.state = make("span");
    this.reason = make("small");
    this.node = make(
      "button",
      { type: "button", class: "face", tabindex: "-1", "aria-pressed": "false" },
      this.box,
      make("span", { class: "day" }, this.date, this.satellite),
      ...this.bars.map((bar) => bar.node),
      make("span", { class: "state" }, make("i", { class: "mark" }), this.state),
      this.reason,
    );
    this.tick = make("input", { type: "checkbox", tabindex: "-1" });
    this.ask = () => strip.tell(key, this.tick.checked ? "use" : "exclude");
    this.tick.addEventListener("change", this.ask);
    this.pair = make("div", { class: "pair" }, this.node, make("label", {}, this.tick, make("span", {}, "use it")));
    this.node.addEventListener("click", () => strip.choose(key));
    this.node.addEventListener("focus", () => strip.stop(key));
  }

  show(face, waiting) {
    if (!waiting) this.tick.checked = face.state === "kept";
    this.tick.disabled = face.state === "gone";
    this.tick.setAttribute("aria-label", `Use ${face.date}`);
    if (this.source !== face.thumbnail) {
      this.source = face.thumbnail;
      this.box.classList.remove("came");
      this.box.classList.toggle("absent", !face.thumbnail);
      put(this.none, ABSENT);
      if (face.thumbnail) this.image.src = face.thumbnail;
      else this.image.removeAttribute("src");
    }
    this.node.dataset.state = face.state;
    this.node.setAttribute("aria-label", face.thumbnail ? face.name : `${face.name}; picture ${ABSENT}`);
    put(this.date, face.date);
    put(this.satellite, face.satellite);
    face.bars.forEach((bar, number) => this.bars[number].show(bar));
    const [state, reason] = face.words;
    put(this.state, state);
    put(this.reason, reason);
    this.node.title = reason;
  }

  // An image does not say why it did not come; a server that fails does not say that the cache lacks it.
  async fail(address) {
    const answer = await fetch(address, { method: "HEAD" }).catch(() => undefined);
    if (address !== this.image.src) return;
    put(this.none, answer && answer.status < 500 ? ABSENT : FAILED);
    this.box.classList.add("absent");
  }

  reach(index) {
    this.node.setAttribute("tabindex", index);
    this.tick.setAttribute("tabindex", index);
  }

  come() {
    this.box.classList.add("came");
    this.box.classList.toggle("tall", this.image.naturalHeight > this.image.naturalWidth);
  }
}

class Strip {
  constructor(root) {
    this.events = new Events();
    this.picked = "";
    this.faces = new Map();
    this.caption = make("p");
    this.scroll = make("div", { class: "scroll", role: "group" });
    this.earlier = this.mover("Earlier dates", "‹", -1);
    this.later = this.mover("Later dates", "›", 1);
    this.movers = make("div", { class: "movers" }, this.earlier, this.later);
    this.scroll.addEventListener("keydown", (event) => this.step(event));
    this.scroll.addEventListener("scroll", () => this.edges(), { passive: true });
    new ResizeObserver(() => this.edges()).observe(this.scroll);
    root.replaceChildren(make("div", { class: "head" }, this.caption, this.movers), this.scroll);
  }

  mover(name, sign, way) {
    const button = make("button", { type: "button", "aria-label": name }, sign);
    button.addEventListener("click", () => {
      const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
      this.scroll.scrollBy({ left: way * 0.85 * this.scroll.clientWidth, behavior });
    });
    return button;
  }

  show(data) {
    this.events.hear(data.heard);
    put(this.caption, data.caption);
    this.scroll.setAttribute("aria-label", data.label);
    const others = this.build(data.faces);
    const ticked = new Set(this.events.unheard.filter((event) => event.length === 3).map((event) => event[1]));
    for (const face of data.faces) this.faces.get(face.key).show(face, ticked.has(face.key));
    // an answer that does not know of the last choice does not take it back
    const picked = this.events.unheard.some((event) => event.length === 2) ? this.picked : data.picked;
    const moved = others || picked !== this.picked;
    this.mark(picked);
    if (others) this.scroll.scrollLeft = 0;
    if (moved) this.reveal(this.faces.get(picked));
    this.edges();
  }

  /** Months and dates, anew only where they are others. */
  build(faces) {
    const shape = JSON.stringify(faces.map((face) => face.key));
    if (shape === this.shape) return false;
    this.shape = shape;
    const before = this.faces;
    this.faces = new Map();
    const months = [];
    for (const face of faces) {
      this.faces.set(face.key, before.get(face.key) ?? new Face(this, face.key));
      if (months.at(-1)?.name !== face.month) months.push({ name: face.month, nodes: [] });
      months.at(-1).nodes.push(this.faces.get(face.key).pair);
    }
    const parts = months.map(({ name, nodes }) => {
      const days = make("div", { class: "days" }, ...nodes);
      return make("div", { class: "month", role: "group", "aria-label": name }, make("p", { "aria-hidden": "true" }, name), days);
    });
    this.scroll.replaceChildren(...parts);
    this.at = this.faces.has(this.at) ? this.at : (faces[0]?.key ?? "");
    return true;
  }

  mark(picked) {
    this.picked = picked;
    for (const [key, face] of this.faces) face.node.setAttribute("aria-pressed", String(key === picked));
    this.stop(this.faces.has(picked) ? picked : this.at);
  }

  /** The date that Tab leads to: the one with the focus, or else the picked one. */
  stop(key) {
    const active = this.scroll.getRootNode().activeElement;
    for (const [one, face] of this.faces) if (face.node === active) key = one;
    this.faces.get(this.at)?.reach("-1");
    this.faces.get(key)?.reach("0");
    this.at = key;
  }

  choose(key) {
    this.mark(key === this.picked ? "" : key);
    this.tell(this.picked);
  }

  tell(...event) {
    this.events.add(...event);
    this.send(this.events.told);
  }

  /** Along the strip alone: the page stays where it is. */
  reveal(face) {
    if (!face) return;
    const [frame, inside] = [this.scroll.getBoundingClientRect(), face.node.getBoundingClientRect()];
    if (inside.left < frame.left) this.scroll.scrollLeft += inside.left - frame.left - inside.width / 2;
    else if (inside.right > frame.right) this.scroll.scrollLeft += inside.right - frame.right + inside.width / 2;
  }

  edges() {
    const { scrollLeft, scrollWidth, clientWidth } = this.scroll;
    const most = scrollWidth - clientWidth;
    this.movers.hidden = most < 2;
    this.earlier.setAttribute("aria-disabled", String(scrollLeft < 1));
    this.later.setAttribute("aria-disabled", String(scrollLeft > most - 1));
  }

  /** Arrow keys go from date to date, Home and End to the first and the last; x uses or excludes the date. */
  step(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.key === "x") this.faces.get(this.at)?.tick.click();
    const keys = [...this.faces.keys()];
    const here = keys.indexOf(this.at);
    const goal = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: keys.length - 1 }[event.key];
    if (goal === undefined) return;
    event.preventDefault();
    const face = this.faces.get(keys[goal]);
    face?.node.focus({ preventScroll: true });
    this.reveal(face);
  }
}
