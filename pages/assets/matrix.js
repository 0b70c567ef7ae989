// The table of years, sources and max. cloud cover. Words are put in as text only. What Python hears: a choice, and a request to fetch.

const MOST_BESIDE = 4;

export default mounted((parent) => new Table(parent.querySelector(".matrix")));

function named(year, limit, title) {
  return `${year}, ≤ ${limit} %${title && `, ${title}`}`;
}

/** The source of a row or column, where several are compared. */
function title(source) {
  return source?.[1] ? [make("span", { class: "source" }, source[1])] : [];
}

/** One cell; it stays in its place and changes what it shows, so that nothing jumps and the focus stays. */
class Cell {
  constructor(table, year, limit, [source, title]) {
    this.table = table;
    this.name = named(year, limit, title);
    this.place = [year, limit, source];
    this.image = make("img", { loading: "lazy", draggable: "false", alt: "" });
    this.image.addEventListener("load", () => this.box.classList.add("came"));
    this.role = make("span", { class: "unseen" });
    this.pick = make("button", { type: "button", class: "pick", "aria-pressed": "false" });
    this.pick.append(make("span", { class: "unseen" }, `${this.name}. `), this.image, this.role);
    this.pick.addEventListener("click", () => table.choose(this.place));
    this.text = make("p");
    this.bar = make("progress", { max: "1", "aria-label": `Progress of ${this.name}` });
    this.fetch = make("button", { type: "button", class: "fetch", "aria-label": `Fetch ${this.name}` });
    this.fetch.addEventListener("click", () => this.fetch.getAttribute("aria-disabled") !== "true" && this.ask());
    this.note = make("div", { class: "note", tabindex: "-1" }, this.text, this.bar, this.fetch);
    this.chip = make("span", { class: "chip", "aria-hidden": "true" });
    this.box = make("div", { class: "box" }, this.pick, this.note, this.chip);
    this.words = make("p", { class: "words" });
    this.node = make("td", {}, make("div", { class: "cell" }, this.box, this.words));
  }

  ask() {
    this.asked = this.table.tell("fetch", [this.place]);
    this.wait();
  }

  /** A request is on its way until Python has heard it: no second one meanwhile. */
  wait() {
    const waiting = this.table.events.unheard.some((event) => event[0] === this.asked);
    this.fetch.setAttribute("aria-disabled", String(waiting));
    put(this.fetch, waiting ? "Asking …" : "Fetch");
  }

  show(cell) {
    const active = this.node.contains(this.table.root.getRootNode().activeElement);
    const { state } = cell;
    if (this.state === "making" && state === "here") this.table.say(`${this.name} is here.`);
    this.state = state;
    this.node.dataset.state = state;
    this.pick.hidden = state !== "here";
    this.note.hidden = state === "here";
    this.fetch.hidden = state !== "missing";
    this.bar.hidden = state !== "making";
    if (state === "here") {
      if (this.image.getAttribute("src") !== cell.picture) this.image.src = cell.picture;
      this.image.alt = cell.alt;
    }
    const words = cell.words.join(" · ");
    const beneath = state === "here" || state === "missing";
    put(this.words, beneath ? words : "");
    put(this.text, state === "missing" ? cell.bill : words || (state === "unknown" ? "Asking the catalogue …" : ""));
    if (cell.progress === null) this.bar.removeAttribute("value");
    else this.bar.value = cell.progress;
    this.wait();
    if (active && !this.node.contains(this.table.root.getRootNode().activeElement)) (this.pick.hidden ? this.note : this.pick).focus();
  }

  mark(side) {
    const word = ["", "left", "right"][side];
    this.box.classList.toggle("chosen", side > 0);
    this.pick.setAttribute("aria-pressed", String(side > 0));
    put(this.role, word && ` ${"-AB"[side]} ${word}`);
    this.chip.hidden = !word;
    if (word) this.chip.replaceChildren(make("b", {}, "-AB"[side]), ` ${word}`);
  }
}

class Table {
  constructor(root) {
    this.root = root;
    this.events = new Events();
    this.selected = [];
    this.caption = make("span");
    this.head = make("thead");
    this.body = make("tbody");
    this.said = make("p", { class: "unseen", role: "status" });
    this.table = make("table", {}, make("caption", {}, this.caption), this.head, this.body);
    this.table.addEventListener("keydown", (event) => this.step(event));
    root.replaceChildren(make("div", { class: "scroll" }, this.table), this.said);
  }

  show(data) {
    this.events.hear(data.heard);
    this.build(data);
    put(this.caption, data.caption);
    this.table.style.setProperty("--ratio", `${data.size[0]} / ${data.size[1]}`);
    for (const cell of data.cells) this.cells.get(`${cell.year} ${cell.limit} ${cell.source}`)?.show(cell);
    // an answer that does not know of the last choice does not take it back
    if (!this.events.unheard.some((event) => event[1] === "select")) this.selected = data.selected;
    this.mark();
  }

  /** Rows and columns, anew only where they are others. */
  build(data) {
    const there = new Set(data.cells.map((cell) => `${cell.year} ${cell.limit} ${cell.source}`));
    const shape = JSON.stringify([data.rows, data.sources, data.columns, [...there].sort()]);
    if (shape === this.shape) return;
    this.shape = shape;
    const before = this.cells ?? new Map();
    this.cells = new Map();
    // sources stand beside each other where few columns come of it, else below each other
    const beside = data.sources.length * data.columns.length <= MOST_BESIDE;
    const lines = data.rows.flatMap((year) => (beside ? [[year]] : data.sources.map((source) => [year, source])));
    const columns = data.columns.flatMap((limit) => (beside ? data.sources.map((source) => [limit, source]) : [[limit]]));
    const heads = columns.map(([limit, source]) =>
      make("th", { scope: "col" }, `≤ ${limit} %`, make("span", {}, " cloud cover"), ...title(source)),
    );
    this.head.replaceChildren(make("tr", {}, make("th", { scope: "col" }, "Year"), ...heads));
    const rows = lines.map(([year, below]) => {
      const cells = columns.map(([limit, source = below]) => {
        const key = `${year} ${limit} ${source[0]}`;
        if (!there.has(key)) return make("td");
        this.cells.set(key, before.get(key) ?? new Cell(this, year, limit, source));
        return this.cells.get(key).node;
      });
      return make("tr", {}, make("th", { scope: "row" }, String(year), ...title(below)), ...cells);
    });
    this.body.replaceChildren(...rows);
    this.root.style.setProperty("--columns", columns.length);
  }

  mark() {
    const chosen = this.selected.map(String);
    for (const cell of this.cells.values()) cell.mark(chosen.indexOf(String(cell.place)) + 1);
  }

  /** The first is enlarged, a second is compared with it, a third takes the place of the older one. */
  choose(place) {
    const others = this.selected.filter((one) => String(one) !== String(place));
    this.selected = others.length < this.selected.length ? others : [...others, place].slice(-2);
    this.mark();
    this.tell("select", this.selected);
  }

  tell(kind, places) {
    const number = this.events.add(kind, places);
    this.send(this.events.told);
    return number;
  }

  say(words) {
    this.said.textContent = words;
  }

  /** Arrow keys go from cell to cell; Tab goes through all of them. */
  step(event) {
    const [rows, columns] = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key] ?? [];
    const from = event.target.closest("td");
    if (rows === undefined || !from || event.ctrlKey || event.metaKey || event.altKey) return;
    let [row, column] = [from.parentNode.sectionRowIndex + rows, from.cellIndex + columns];
    for (let cell; (cell = this.body.rows[row]?.cells[column]); row += rows, column += columns) {
      const goal = [...cell.querySelectorAll("button")].find((one) => !one.hidden && !one.closest("[hidden]"));
      if (!goal) continue;
      goal.focus();
      event.preventDefault();
      return;
    }
  }
}
