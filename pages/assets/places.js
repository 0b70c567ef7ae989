// The search for a place: a combobox (ARIA 1.2) whose suggestions come from a route of ours. Words are put in as text only.
// What Python hears: the number of a picked place, or words that were written whole, for the bundled places or online.

const PAUSE = 90; // ms without a key before the server is asked

export default mounted((parent) => new Search(parent.querySelector(".places")));

class Search {
  constructor(root) {
    this.events = new Events();
    this.options = [];
    this.active = -1;
    this.input = make("input", {
      id: "field", type: "text", role: "combobox", autocomplete: "off", autocapitalize: "off", spellcheck: "false", maxlength: "2000",
      enterkeyhint: "search", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "list", "aria-describedby": "hint",
      placeholder: "Helsinki, Lake Saimaa or 52.37, 4.89",
    });
    this.list = make("ul", { id: "list", role: "listbox", "aria-label": "Places", hidden: "" });
    this.said = make("p", { class: "said", role: "status" });
    const hint = make("p", { id: "hint", class: "hint" },
      "City, lake, river, park, region or country, in English or its own language; or coordinates, latitude first, also UTM, MGRS or a link to a map.");
    const find = make("button", { type: "button" }, "Find");
    find.addEventListener("click", () => this.take());
    this.box = make("div", { class: "box" }, make("div", { class: "row" }, this.input, find), this.list);
    root.replaceChildren(make("label", { for: "field" }, "City, lake, river, park, region, country or coordinates"), this.box, this.said, hint);
    this.input.addEventListener("input", () => this.ask());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("focus", () => this.open(this.options.length > 0));
    this.input.addEventListener("blur", () => this.open(false));
  }

  show(data) {
    this.data = data;
    this.events.hear(data.heard);
    if (this.round !== undefined && this.round !== data.round) this.clear();
    this.round = data.round;
    if (data.said !== this.heardSaid) put(this.said, data.said);
    this.heardSaid = data.said;
  }

  clear() {
    this.input.value = "";
    this.offer([]);
    put(this.said, "");
  }

  ask() {
    clearTimeout(this.pause);
    this.asked?.abort();
    this.pause = setTimeout(() => this.fetch(this.input.value.trim()), PAUSE);
  }

  async fetch(text) {
    if (!text) return this.clear();
    this.asked = new AbortController();
    try {
      const answer = await fetch(`${this.data.address}?q=${encodeURIComponent(text)}`, { signal: this.asked.signal });
      if (!answer.ok) return put(this.said, answer.status === 429 ? "Wait a moment, then type on." : "The search does not answer. Press Enter.");
      const found = await answer.json();
      if (text === this.input.value.trim()) this.suggest(text, found);
    } catch (error) {
      if (error.name !== "AbortError") put(this.said, "The search does not answer. Press Enter.");
    }
  }

  suggest(text, { places, point, said }) {
    const options = places.map(({ number, name, what }) => ({ name, what, tell: ["pick", number] }));
    if (point) options.push({ name: point, what: "the tile that holds it", tell: ["words", text] });
    if (this.data.online && !point) options.push({ name: `Search online for “${text}”`, what: this.data.online, tell: ["online", text] });
    this.offer(options);
    this.first = places.length && !said ? text : ""; // of these words the first place is what Enter takes
    const count = places.length;
    const none = said || point ? "" : "No such name. Look at its spelling, or give coordinates.";
    put(this.said, said || (count ? `${count} ${count === 1 ? "place" : "places"}. Arrow keys choose; Enter takes the first.` : none));
  }

  offer(options) {
    this.options = options;
    this.list.replaceChildren(...options.map(({ name, what }, number) => {
      const node = make("li", { id: `option-${number}`, role: "option", "aria-selected": "false" }, make("b", {}, name), make("span", {}, what));
      node.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays in the field
      node.addEventListener("click", () => this.take(number));
      return node;
    }));
    this.mark(-1);
    this.open(options.length > 0 && this.input.getRootNode().activeElement === this.input);
  }

  open(shown) {
    this.list.hidden = !shown;
    this.input.setAttribute("aria-expanded", String(shown));
    if (!shown) this.mark(-1);
  }

  mark(number) {
    this.active = number;
    [...this.list.children].forEach((node, at) => node.setAttribute("aria-selected", String(at === number)));
    if (number < 0) return this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-activedescendant", `option-${number}`);
    this.list.children[number].scrollIntoView({ block: "nearest" });
  }

  key(event) {
    const count = this.options.length;
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (this.list.hidden) this.open(true);
      this.mark(this.active < 0 ? (step > 0 ? 0 : count - 1) : (this.active + step + count) % count);
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      this.take(this.active);
    } else if (event.key === "Escape") {
      if (!this.list.hidden) this.open(false);
      else this.clear();
    }
  }

  /** What is marked; or the words as they stand, for which the page decides. */
  take(number = -1) {
    clearTimeout(this.pause);
    this.asked?.abort();
    const text = this.input.value.trim();
    if (number < 0 && !text) return this.input.focus();
    const option = this.options[number < 0 && this.first === text ? 0 : number];
    if (option?.tell[0] === "pick") this.input.value = option.name;
    this.events.add(...(option ? option.tell : ["words", text]));
    this.send(this.events.told);
    this.open(false);
    put(this.said, "Looking…");
    this.heardSaid = undefined;
  }
}
