// The table of an area's orders by years and max. cloud cover. Words are put in as text only. All that one does in it is to
// follow a link: Python hears its address, so that the page goes there without being loaded anew.

const tables = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  if (!tables.has(parentElement)) tables.set(parentElement, new Years(parentElement.querySelector(".years")));
  const table = tables.get(parentElement);
  table.send = (told) => setTriggerValue("told", told);
  table.show(data);
}

class Years {
  constructor(root) {
    this.root = root;
    this.events = new Events();
    this.images = new Map();
    this.table = make("table");
    this.table.addEventListener("click", (event) => this.go(event));
    this.scroll = make("div", { class: "scroll" }, this.table);
    root.replaceChildren(make("div", { class: "matrix" }, this.scroll));
  }

  show(data) {
    this.events.hear(data.heard);
    const told = JSON.stringify([data.columns, data.rows, data.cells, data.size, data.caption]);
    if (told !== this.told) this.build(data);
    this.told = told;
    if (data.shown === this.shown) return;
    if (this.shown !== undefined) lead();
    this.shown = data.shown;
    const current = this.table.querySelector(".chosen")?.closest("td"); // is seen where not all columns are
    if (current) this.scroll.scrollLeft = current.offsetLeft + current.offsetWidth - this.scroll.clientWidth;
  }

  build(data) {
    const focused = this.root.getRootNode().activeElement?.dataset.place;
    const heads = data.columns.map((limit) =>
      make("th", { scope: "col" }, `≤ ${limit} %`, make("span", {}, " cloud cover")),
    );
    const cells = new Map(data.cells.map((cell) => [`${cell.year} ${cell.limit}`, cell]));
    const rows = data.rows.map((year) => {
      const row = data.columns.map((limit) => cells.get(`${year} ${limit}`));
      const bare = row.every((cell) => cell.state === "missing"); // no picture will stand in it: it is low
      const head = make("th", { scope: "row" }, String(year));
      return make("tr", bare ? { class: "bare" } : {}, head, ...row.map((cell) => this.cell(cell)));
    });
    this.table.replaceChildren(
      make("caption", {}, make("span", {}, data.caption)),
      make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Year"), ...heads)),
      make("tbody", {}, ...rows),
    );
    this.table.style.setProperty("--wide", data.size[0] / data.size[1]);
    this.root.style.setProperty("--columns", data.columns.length);
    if (focused) this.table.querySelector(`[data-place="${focused}"]`)?.focus({ preventScroll: true });
  }

  cell(cell) {
    const name = `${cell.year}, ≤ ${cell.limit} %`;
    const { state } = cell;
    const box = make("div", { class: `box${cell.current ? " chosen" : ""}${state === "here" ? " came" : ""}` });
    const inside = make("div", { class: "cell" }, box);
    if (state === "missing") {
      const bill = this.link(cell, "fetch", cell.go, { "aria-label": `What it takes: ${name}` }, "What it takes");
      box.append(make("div", { class: "note" }, ...(cell.go ? [bill] : [make("p", {}, "Not ordered")])));
    } else {
      const current = cell.current ? { "aria-current": "page" } : {};
      const title = make("span", { class: "unseen" }, `${name}. `);
      const what = state === "here" ? [this.image(cell)] : this.state(cell, name);
      box.append(this.link(cell, state === "here" ? "pick" : "note", cell.go, current, title, ...what));
      if (cell.current) box.append(make("span", { class: "chip", "aria-hidden": "true" }, "This order"));
      if (state === "here") inside.append(make("p", { class: "words" }, cell.words));
    }
    const beside = { "aria-label": `Beside this order: ${name}` };
    if (cell.beside) inside.append(this.link(cell, "beside", cell.beside, beside, "Beside this order"));
    return make("td", { "data-state": state }, inside);
  }

  /** What stands in a picture's place. */
  state(cell, name) {
    const words = make("p", {}, cell.words);
    if (cell.progress === null) return [words];
    const part = Math.floor(100 * cell.progress);
    return [words, make("progress", { max: "1", value: cell.progress, "aria-label": `Progress of ${name}: ${part} %` })];
  }

  /** The same node for the same address, so that a table that is built anew does not flicker. */
  image(cell) {
    if (!this.images.has(cell.picture)) {
      this.images.set(cell.picture, make("img", { loading: "lazy", draggable: "false", src: cell.picture }));
    }
    const image = this.images.get(cell.picture);
    image.alt = cell.alt;
    return image;
  }

  link(cell, kind, href, attributes, ...children) {
    const place = `${kind === "beside" ? kind : "go"} ${cell.year} ${cell.limit}`;
    return make("a", { class: kind, href, "data-place": place, ...attributes }, ...children);
  }

  /** A press with a key held opens it elsewhere, as any link. */
  go(event) {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.events.add("go", link.getAttribute("href"));
    this.send(this.events.told);
    if (link.matches(".fetch")) document.querySelector('[data-testid="stMain"]')?.scrollTo(0, 0); // a bill begins above
  }
}

/** The page shows another order, or two: what one sees of it lies above. */
function lead() {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  document.querySelector(".st-key-order-picture")?.scrollIntoView({ behavior: calm ? "instant" : "smooth" });
}
