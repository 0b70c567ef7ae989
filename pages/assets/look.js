// One date large. Words are put in as text only. What Python hears: the date before or after, where somebody goes there.

export default mounted((parent) => new Look(parent.querySelector(".look")));

class Look {
  constructor(root) {
    this.events = new Events();
    this.image = make("img", { alt: "", draggable: "false" });
    this.image.addEventListener("error", () => this.frame.classList.add("absent"));
    this.none = make("span", { class: "none" }, "no picture of it is cached");
    this.frame = make("div", { class: "frame", tabindex: "0", role: "group" }, this.image, this.none);
    this.caption = make("p", { role: "status" });
    this.before = this.mover("Date before", "‹", -1);
    this.after = this.mover("Date after", "›", 1);
    this.frame.addEventListener("keydown", (event) => this.step(event));
    root.replaceChildren(this.frame, make("div", { class: "foot" }, this.before, this.caption, this.after));
  }

  mover(name, sign, way) {
    const button = make("button", { type: "button", "aria-label": name }, sign);
    button.addEventListener("click", () => this.go(way));
    return button;
  }

  show({ faces, at, heard }) {
    this.events.hear(heard);
    this.faces = faces;
    if (this.events.unheard.length) return; // an answer that does not know of the last step does not take it back
    this.at = at;
    this.draw();
  }

  draw() {
    const place = this.faces.findIndex((face) => face.key === this.at);
    const face = this.faces[place];
    this.frame.classList.toggle("absent", !face.picture);
    this.frame.setAttribute("aria-label", `${face.name}. Arrow keys go to the date before and after.`);
    if (this.source !== face.picture) {
      if (face.picture) this.image.src = face.picture;
      else this.image.removeAttribute("src");
    }
    this.source = face.picture;
    put(this.caption, face.caption);
    this.before.disabled = place === 0;
    this.after.disabled = place === this.faces.length - 1;
    for (const near of this.faces) if (near.picture) new Image().src = near.picture;
  }

  go(way) {
    const face = this.faces[this.faces.findIndex((one) => one.key === this.at) + way];
    if (!face) return;
    this.at = face.key;
    this.draw();
    this.events.add(face.key);
    this.send(this.events.told);
  }

  step(event) {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (way === undefined || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    event.preventDefault();
    this.go(way);
  }
}
