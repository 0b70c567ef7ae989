// One picture of the viewer, in its frame; it stands until the next one has come.

const CALM_MS = 250; // so long a picture stands before the same one is fetched in full
const LETTERS = { left: "A", right: "B", difference: "" };
const MISSING = "The picture did not come. Load the page again.";

function button(label, text, act) {
  const node = make("button", { type: "button", "aria-label": label, title: label }, text);
  node.addEventListener("click", () => node.getAttribute("aria-disabled") !== "true" && act());
  return node;
}

/** One picture in its frame. Words and picture change together, when the new picture has come. */
class Layer {
  constructor(place, changed) {
    this.place = place;
    this.changed = changed;
    this.turn = 0;
    this.words = { title: "", caption: "", alt: "" };
    this.sheet = make("div", { class: "sheet" });
    this.chip = make("span", { class: "chip", "aria-hidden": "true" });
    this.notice = make("span", { class: "notice", "aria-hidden": "true" }); // the words of the picture say it too
    this.squares = new Squares();
    this.node = make("div", { class: `layer ${place}` }, this.sheet, this.chip, this.notice);
  }

  show(picture) {
    const wanted = picture ? picture.src : "";
    if (wanted !== this.wanted) this.load(picture);
    else if (picture && this.node.getAttribute("aria-busy") !== "true") this.name(picture);
    else this.next = picture;
  }

  async load(picture) {
    const turn = ++this.turn;
    this.wanted = picture ? picture.src : "";
    this.next = picture;
    if (!picture) return this.put(null);
    this.node.setAttribute("aria-busy", "true");
    if (!this.words.title) this.name(picture);
    const image = await this.fetch(picture.src);
    if (turn !== this.turn) return;
    this.put(image, MISSING);
    if (image && picture.full) setTimeout(() => this.sharpen(picture.full, turn), CALM_MS);
  }

  /** The same with every pixel; the smaller one is seen until it has come, and where it does not. */
  async sharpen(source, turn) {
    if (turn !== this.turn) return;
    const image = await this.fetch(source);
    if (turn === this.turn && image) this.put(image);
  }

  async fetch(source) {
    const image = make("img", { draggable: "false", alt: "" });
    image.src = source;
    return image.decode().then(() => image, () => null);
  }

  put(image, missing = "") {
    this.squares.of(image && this.next ? this.next.squares : "");
    this.sheet.replaceChildren(...(image ? [image, this.squares.node] : missing ? [make("p", { class: "missing", role: "alert" }, missing)] : []));
    this.node.classList.toggle("here", Boolean(image));
    this.node.removeAttribute("aria-busy");
    this.name(this.next ?? { title: "", caption: "", alt: "" });
  }

  /** How many pixels wide the picture is that has come; 0 before. */
  get wide() {
    return this.sheet.querySelector("img")?.naturalWidth ?? 0;
  }

  name(picture) {
    this.words = picture;
    const letter = LETTERS[this.place];
    this.chip.replaceChildren(...(letter ? [make("b", {}, letter), ` ${picture.title}`] : [picture.title]));
    this.notice.textContent = picture.notice ?? "";
    const image = this.sheet.querySelector("img");
    if (image) image.alt = picture.alt;
    this.changed();
  }
}
