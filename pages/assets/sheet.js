// All dates in a calendar or as a table. Words are put in as text only. What Python hears: the date that somebody
// picks, and those that are to be used or excluded.

const WEEK = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

export default mounted((parent) => new Sheet(parent.querySelector(".sheet")));

/** One date: a button that looks at it, and in the table a tick. It stays in its place and changes what it shows. */
class Entry {
  constructor(sheet, face, words) {
    this.key = face.key;
    this.button = make("button", { type: "button", class: "date", tabindex: "-1", "aria-pressed": "false" }, words);
    this.button.addEventListener("click", () => sheet.tell("pick", this.key));
    this.tick = make("input", { type: "checkbox", tabindex: "-1", "aria-label": `Use ${face.date}` });
    this.ask = () => sheet.tell(this.tick.checked ? "use" : "exclude", this.key);
    this.tick.addEventListener("change", this.ask);
    for (const node of [this.button, this.tick]) node.addEventListener("focus", () => sheet.stop(this.key));
    this.cells = face.cells.map(() => make("td"));
    this.row = make("tr", {}, make("td", {}, this.tick), make("th", { scope: "row" }, this.button), ...this.cells);
  }

  show(face, picked, waiting) {
    this.button.setAttribute("aria-label", face.name);
    this.button.title = face.name;
    this.button.setAttribute("aria-pressed", String(picked));
    for (const node of [this.button, this.row]) node.dataset.state = face.state;
    this.button.classList.toggle("unknown", face.clear === null);
    this.button.style.setProperty("--clear", `${100 * (face.clear ?? 0)}%`);
    if (!waiting) this.tick.checked = face.used;
    this.tick.disabled = face.state === "gone";
    face.cells.forEach((words, number) => put(this.cells[number], words));
  }

  reach(index) {
    this.button.setAttribute("tabindex", index);
    this.tick.setAttribute("tabindex", index);
  }
}

class Sheet {
  constructor(root) {
    this.events = new Events();
    this.entries = new Map();
    this.place = make("div", { role: "group" });
    this.place.addEventListener("keydown", (event) => this.step(event));
    root.replaceChildren(this.place);
  }

  tell(...event) {
    this.events.add(...event);
    this.send(this.events.told);
  }

  show(data) {
    this.events.hear(data.heard);
    this.place.setAttribute("aria-label", data.label);
    const shape = JSON.stringify([data.mode, data.faces.map((face) => face.key)]);
    if (shape !== this.shape) this.build(data);
    this.shape = shape;
    const waiting = new Set(this.events.unheard.map((event) => event.at(-1)));
    for (const face of data.faces) this.entries.get(face.key).show(face, face.key === data.picked, waiting.has(face.key));
    if (data.picked !== this.picked && this.entries.has(data.picked)) this.stop(data.picked);
    this.picked = data.picked;
    this.place.classList.toggle("beside", Boolean(data.picked)); // the large date covers the foot of the window
  }

  build({ mode, columns, faces }) {
    this.mode = mode;
    this.days = new Map(faces.map((face) => [face.key, Date.parse(face.date) / 86400000]));
    const words = (face) => (mode === "calendar" ? String(Number(face.date.slice(8))) : face.date);
    this.entries = new Map(faces.map((face) => [face.key, new Entry(this, face, words(face))]));
    this.place.className = mode;
    this.place.replaceChildren(...(mode === "calendar" ? this.months(faces) : [this.table(columns, faces)]));
    this.at = this.entries.has(this.at) ? this.at : faces[0]?.key;
    this.entries.get(this.at)?.reach("0");
  }

  table(columns, faces) {
    const head = make("tr", {}, ...columns.map((name) => make("th", { scope: "col" }, name)));
    const rows = faces.map((face) => this.entries.get(face.key).row);
    return make("div", { class: "scroll" }, make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)));
  }

  months(faces) {
    const months = Map.groupBy(faces, (face) => face.month);
    return [...months].map(([name, some]) => this.month(name, some));
  }

  /** All its days, Monday first; those with a date are buttons. */
  month(name, faces) {
    const [year, month] = faces[0].date.split("-").map(Number);
    const first = new Date(Date.UTC(year, month - 1, 1));
    const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
    const grid = make("div", { class: "days" }, ...WEEK.map((day) => make("span", { class: "week", "aria-hidden": "true" }, day.slice(0, 2))));
    for (let day = 1; day <= last; day++) {
      const some = faces.filter((face) => Number(face.date.slice(8)) === day);
      const cell = make("span", { class: "day" }, ...some.map((face) => this.entries.get(face.key).button));
      if (!some.length) cell.append(make("span", { class: "none", "aria-hidden": "true" }, String(day)));
      if (day === 1) cell.style.gridColumnStart = ((first.getUTCDay() + 6) % 7) + 1;
      grid.append(cell);
    }
    return make("div", { class: "month", role: "group", "aria-label": name }, make("p", { "aria-hidden": "true" }, name), grid);
  }

  /** The date that Tab leads to. */
  stop(key) {
    this.entries.get(this.at)?.reach("-1");
    this.entries.get(key)?.reach("0");
    this.at = key;
  }

  /** Arrow keys go from date to date, in the calendar up and down by a week; x uses or excludes the date. */
  step(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const entry = this.entries.get(this.at);
    if (event.key === "x" && entry && !entry.tick.disabled) {
      entry.tick.checked = !entry.tick.checked; // in the calendar it is not in the page, and tells nothing by itself
      entry.ask();
      return;
    }
    const goal = this.goal(event.key);
    if (goal === undefined) return;
    event.preventDefault();
    const active = this.place.getRootNode().activeElement;
    const next = this.entries.get(goal);
    (active?.type === "checkbox" ? next.tick : next.button).focus();
  }

  goal(key) {
    const keys = [...this.entries.keys()];
    const here = keys.indexOf(this.at);
    if (key === "Home") return keys[0];
    if (key === "End") return keys.at(-1);
    const calendar = this.mode === "calendar";
    if (calendar && key === "ArrowUp") return keys.findLast((one) => this.days.get(one) <= this.days.get(this.at) - 7);
    if (calendar && key === "ArrowDown") return keys.find((one) => this.days.get(one) >= this.days.get(this.at) + 7);
    return { ArrowUp: keys[here - 1], ArrowDown: keys[here + 1], ArrowLeft: keys[here - 1], ArrowRight: keys[here + 1] }[key];
  }
}
