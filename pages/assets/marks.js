// What is marked on a picture: the edges of its tiles, the pixel or polygon that is looked into, and the crosshair.
// Places are parts of the picture from its north-western corner. What Python hears: a pixel, a polygon, or neither.

const NEAR = 14; // screen pixels: a press so near to the first corner closes the polygon
const MOST_CORNERS = 200;
const TOOLS = { pixel: "Pixel", polygon: "Polygon" };

function drawn(tag, attributes = {}) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

function option(name, value, label, act) {
  const radio = make("input", { type: "radio", name, value });
  radio.addEventListener("change", () => act(value));
  return make("label", {}, radio, make("span", {}, label));
}

class Marks {
  constructor(viewer) {
    this.viewer = viewer;
    this.events = new Events();
    this.tool = "pixel";
    this.at = null;
    this.ring = [];
    this.corners = []; // of the polygon that is being drawn
    this.loose = null; // where the pointer is meanwhile
    this.cross = null;
    this.build();
  }

  build() {
    this.lines = drawn("g", { class: "lines" });
    this.shape = drawn("g", { class: "shape" });
    this.svg = drawn("svg", { preserveAspectRatio: "none" });
    this.svg.append(this.lines, this.shape);
    this.dot = make("i", { class: "dot" });
    this.aim = make("i", { class: "aim" });
    this.node = make("div", { class: "ink", "aria-hidden": "true" }, this.svg, this.dot, this.aim);
    this.viewer.layers.left.chip.before(this.node);
    const radios = Object.entries(TOOLS).map(([name, label]) => option("tool", name, label, () => this.take(name)));
    radios[0].firstChild.checked = true;
    this.tools = make("div", { class: "modes", role: "radiogroup", "aria-label": "A press takes a" }, ...radios);
    this.keys = button("Crosshair for the keyboard: arrow keys move it, Enter takes the place (key C)", "Crosshair", () => this.show_cross(!this.cross));
    this.edges = button("Tile outlines", "Tile outlines", () => this.outline(!this.outlined));
    this.wipe = button("Clear the mark", "Clear", () => this.clear());
    this.switches = make("div", { class: "flicker", role: "group", "aria-label": "Marks" }, this.keys, this.edges, this.wipe);
    this.close_it = button("Close the polygon (Enter on its first or last corner)", "Close polygon", () => this.close());
    this.back = button("Take the last corner back (Backspace)", "Undo corner", () => this.undo());
    this.stop = button("Stop drawing (Escape)", "Cancel", () => this.cancel());
    this.drawing = make("div", { class: "flicker", role: "group", "aria-label": "Polygon" }, this.close_it, this.back, this.stop);
    this.bar = [this.tools, this.drawing, this.switches];
    this.outline(false);
  }

  /** What Python knows; what it has not heard yet stays as it is here. */
  show(look) {
    this.look = look;
    this.node.hidden = !look;
    for (const one of this.bar) one.hidden = !look;
    if (!look) return;
    this.events.hear(look.heard);
    if (!this.events.unheard.length) [this.at, this.ring] = [look.at, look.ring];
    if (look.side !== this.side) this.rule(look.side);
    this.draw();
  }

  rule(side) {
    this.side = side;
    const edges = [...Array(side + 1).keys()].map((edge) => `M${edge / side} 0V1M0 ${edge / side}H1`).join("");
    const [low, high] = [Math.floor(side / 2) / side, (Math.floor(side / 2) + 1) / side];
    const middle = `M${low} ${low}H${high}V${high}H${low}Z`;
    this.lines.replaceChildren(
      drawn("path", { class: "under", d: edges }),
      drawn("path", { class: "over", d: edges }),
      drawn("path", { class: "over wide", d: middle }),
      drawn("path", { class: "centre", d: middle }),
    );
  }

  outline(on) {
    this.outlined = on;
    this.edges.setAttribute("aria-pressed", String(on));
    this.lines.style.visibility = on ? "visible" : "hidden";
  }

  draw() {
    if (!this.look) return;
    const { k, x, y } = this.viewer.view;
    this.svg.setAttribute("viewBox", `${x - 0.5 / k} ${y - 0.5 / k} ${1 / k} ${1 / k}`);
    for (const [node, place] of [[this.dot, this.at], [this.aim, this.cross]]) {
      node.hidden = !place;
      if (place) node.style.cssText = `left: ${50 + 100 * k * (place[0] - x)}%; top: ${50 + 100 * k * (place[1] - y)}%`;
    }
    this.draw_shape();
    const drawing = this.corners.length > 0;
    this.drawing.hidden = !drawing;
    this.switches.hidden = drawing;
    this.close_it.setAttribute("aria-disabled", String(this.corners.length < 3));
    this.keys.setAttribute("aria-pressed", String(Boolean(this.cross)));
    this.wipe.setAttribute("aria-disabled", String(!this.at && !this.ring.length));
  }

  draw_shape() {
    const corners = this.corners.length ? [...this.corners, ...(this.loose ? [this.loose] : [])] : this.ring;
    const line = corners.map(([x, y], place) => `${place ? "L" : "M"}${x} ${y}`).join("") + (this.corners.length || !corners.length ? "" : "Z");
    const dots = this.corners.map(([x, y]) => `M${x} ${y}h0`).join("");
    const parts = [["under", line], ["over", line], ["under dots", dots], ["over dots", dots]].filter(([, d]) => d);
    this.shape.replaceChildren(...parts.map(([kind, d]) => drawn("path", { class: kind, d })));
  }

  // Hands and keys

  take(tool) {
    this.tool = tool;
    this.cancel();
    put(this.viewer.said, tool === "polygon" ? "Press the corners one after another; the first one again closes the polygon." : "");
  }

  place(clientX, clientY) {
    const frame = this.viewer.frame(clientX);
    const { k, x, y } = this.viewer.view;
    return [x + ((clientX - frame.left) / frame.width - 0.5) / k, y + ((clientY - frame.top) / frame.height - 0.5) / k];
  }

  press(place) {
    if (!this.look || Math.min(...place) < 0 || Math.max(...place) >= 1) return;
    if (this.tool === "pixel") this.pick(place);
    else this.corner(place);
  }

  /** The middle of the pixel at a place. */
  middle(place) {
    return place.map((part, axis) => (Math.floor(part * this.look.pixels[axis]) + 0.5) / this.look.pixels[axis]);
  }

  pick(place) {
    [this.at, this.ring] = [this.middle(place), []];
    this.tell("pixel", [this.at]);
  }

  corner(place) {
    const [first, last] = [this.corners[0], this.corners.at(-1)];
    if (this.corners.length > 2 && (this.near(place, first) || this.near(place, last))) return this.close();
    if (this.corners.length < MOST_CORNERS && !(last && this.near(place, last, 1))) this.corners.push(place);
    put(this.viewer.said, `Corner ${this.corners.length}: ${this.words(place)}`);
    this.draw();
  }

  near(one, other, most = NEAR) {
    const frame = this.viewer.frame(-Infinity);
    const { k } = this.viewer.view;
    return Math.hypot((one[0] - other[0]) * frame.width * k, (one[1] - other[1]) * frame.height * k) <= most;
  }

  close() {
    if (this.corners.length < 3) return;
    [this.at, this.ring, this.corners, this.loose] = [null, this.corners, [], null];
    this.tell("polygon", this.ring);
  }

  undo() {
    this.corners.pop();
    this.draw();
  }

  cancel() {
    [this.corners, this.loose] = [[], null];
    this.draw();
  }

  clear() {
    [this.at, this.ring] = [null, []];
    this.tell("clear", []);
  }

  tell(kind, places) {
    put(this.viewer.said, { pixel: `Pixel at ${this.at && this.words(this.at)}`, polygon: `Polygon of ${places.length} corners`, clear: "No mark" }[kind] + ". What is found there follows after the picture.");
    this.draw();
    this.events.add(kind, places);
    this.send(this.events.told);
  }

  hover(event) {
    if (!this.corners.length || event.pointerType !== "mouse") return;
    this.loose = this.place(event.clientX, event.clientY);
    this.draw_shape();
  }

  show_cross(on) {
    const { x, y } = this.viewer.view;
    this.cross = on ? this.middle([x, y]) : null;
    if (on) this.viewer.stage.focus({ preventScroll: true });
    put(this.viewer.said, on ? `Crosshair at ${this.words(this.cross)}. Arrow keys move it, with Shift by ten; Enter takes it.` : "Crosshair off.");
    this.draw();
  }

  move_cross(dx, dy) {
    const [width, height] = this.look.pixels;
    const inside = (part, count) => Math.min(1 - 0.5 / count, Math.max(0.5 / count, part));
    this.cross = [inside(this.cross[0] + dx / width, width), inside(this.cross[1] + dy / height, height)];
    this.viewer.reveal(this.cross);
    put(this.viewer.said, this.words(this.cross));
    this.draw();
  }

  /** Whether the key was meant for the marks. */
  key(event) {
    if (!this.look) return false;
    const far = event.shiftKey ? 10 : 1;
    const moves = { ArrowLeft: [-far, 0], ArrowRight: [far, 0], ArrowUp: [0, -far], ArrowDown: [0, far] };
    if (event.key === "c" || event.key === "C") this.show_cross(!this.cross);
    else if (event.key === "Enter") this.cross ? this.press(this.cross) : this.show_cross(true);
    else if (event.key === "Escape" && this.corners.length) this.cancel();
    else if (event.key === "Escape" && this.cross) this.show_cross(false);
    else if (event.key === "Backspace" && this.corners.length) this.undo();
    else if (this.cross && event.key in moves) this.move_cross(...moves[event.key]);
    else return false;
    return true;
  }

  words([x, y]) {
    const [west, south, east, north] = this.look.ground;
    const metres = (from, to, part) => Math.round(from + (to - from) * part).toLocaleString("en");
    return `east ${metres(west, east, x)} m, north ${metres(north, south, y)} m`;
  }
}
