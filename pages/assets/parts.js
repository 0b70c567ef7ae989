// What our components and the map share; it stands before each of them.

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** What Streamlit calls for a component: `made` for its element once, it is shown what Python gives, and tells what happened. */
function mounted(made) {
  const known = new WeakMap();
  return ({ parentElement, data, setTriggerValue }) => {
    if (!known.has(parentElement)) known.set(parentElement, made(parentElement));
    const one = known.get(parentElement);
    one.send = (told) => setTriggerValue("told", told);
    one.show(data);
  };
}

/** What happened in a component: numbered, and told again until Python knows that it was heard (events.py). */
class Events {
  constructor() {
    this.sender = Math.random().toString(36).slice(2); // another one after the page was left and opened again
    this.count = 0;
    this.unheard = [];
  }

  add(...event) {
    this.unheard.push([++this.count, ...event]);
    return this.count;
  }

  get told() {
    return { sender: this.sender, events: this.unheard.map((event) => [...event]) };
  }

  /** Those that are heard by now; they are not told any more. */
  hear([sender, number]) {
    const done = sender === this.sender ? this.unheard.filter((event) => event[0] <= number) : [];
    this.unheard = this.unheard.slice(done.length);
    return done;
  }
}
