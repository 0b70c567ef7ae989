// Squares of a picture that is larger than what a browser gets of it: over the small one, where one looks closely.

const SQUARE = 256; // pixels a side, as the server cuts them
const MOST_SQUARES = 80; // a large screen takes fewer
const REST_MS = 120; // so long the view rests before they are fetched

class Squares {
  constructor() {
    this.node = make("div", { class: "squares", "aria-hidden": "true" });
    this.there = new Map();
    this.address = "";
  }

  /** Of another picture, or of another view of it, none stays. */
  of(address) {
    if (address !== this.address) this.clear();
    this.address = address;
  }

  clear() {
    clearTimeout(this.timer);
    this.there.clear();
    this.node.replaceChildren();
  }

  /** What is seen of it, once it rests; `scale` is screen pixels of one of its own, `has` how wide the small one is. */
  draw(view, size, scale, has) {
    clearTimeout(this.timer);
    const sharp = scale * devicePixelRatio;
    if (!this.address || !has || Math.min(1, sharp) * size[0] <= has) return this.clear();
    this.timer = setTimeout(() => this.fill(view, size, Math.max(0, Math.floor(-Math.log2(sharp)))), REST_MS);
  }

  fill({ k, x, y }, size, level) {
    const side = SQUARE << level;
    const [across, down] = [x, y].map((middle, axis) => {
      const ends = [middle - 0.5 / k, middle + 0.5 / k].map((part) => Math.min(1, Math.max(0, part)) * size[axis]);
      return [Math.floor(ends[0] / side), Math.max(0, Math.ceil(ends[1] / side) - 1)];
    });
    const wanted = new Set();
    for (let row = down[0]; row <= down[1]; row++)
      for (let column = across[0]; column <= across[1]; column++) wanted.add(`${level}/${column}/${row}`);
    if (wanted.size > MOST_SQUARES) return;
    for (const name of wanted) if (!this.there.has(name)) this.there.set(name, this.square(name, size));
    this.wanted = wanted;
    this.tidy();
  }

  square(name, [width, height]) {
    const [level, column, row] = name.split("/").map(Number);
    const side = SQUARE << level;
    const image = make("img", { class: "square", draggable: "false", alt: "" });
    const part = (start, whole) => [(100 * start) / whole, (100 * Math.min(side, whole - start)) / whole];
    const [left, wide] = part(column * side, width);
    const [top, high] = part(row * side, height);
    Object.assign(image.style, { left: `${left}%`, top: `${top}%`, width: `${wide}%`, height: `${high}%` });
    image.addEventListener("load", () => this.tidy());
    image.addEventListener("error", () => (this.there.delete(name), image.remove())); // the small one is seen there
    image.src = this.address.replace("{square}", name);
    this.node.append(image);
    return image;
  }

  /** Those of before are seen until all of the new ones have come. */
  tidy() {
    const waits = [...this.wanted].some((name) => this.there.has(name) && !this.there.get(name).complete);
    if (waits) return;
    for (const [name, image] of this.there)
      if (!this.wanted.has(name)) {
        image.remove();
        this.there.delete(name);
      }
  }
}
