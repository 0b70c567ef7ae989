// Every text that one sees and its contrast with the worst of what lies under it, WCAG 2.2, 1.4.3. Below `least` alone.
(least) => {
  const OVER_PICTURES = ".chip, .leaflet-control, .np-opacity"; // anything from black to white may lie under them
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const rgba = (colour) => {
    if (!known.has(colour)) {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = colour;
      pen.fillRect(0, 0, 1, 1);
      known.set(colour, [...pen.getImageData(0, 0, 1, 1).data].map((value) => value / 255));
    }
    return known.get(colour);
  };
  const over = (top, under, opacity = 1) => under.map((value, place) => value + (top[place] - value) * top[3] * opacity);
  const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const light = ([red, green, blue]) => 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  const ratio = (one, other) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  const parent = (node) => node.assignedSlot ?? node.parentElement ?? node.getRootNode().host ?? null;
  const chain = (node) => (node ? [node, ...chain(parent(node))] : []);

  /** The colours that may lie under the text of an element whose place is `box`. */
  function grounds(element, box) {
    const layers = [];
    for (const node of chain(element)) {
      const style = getComputedStyle(node);
      const { left, right, top, bottom } = node.getBoundingClientRect();
      const beside = right <= box.left || left >= box.right || bottom <= box.top || top >= box.bottom;
      if (beside && style.overflow === "visible") continue; // the text hangs out of it
      const pictured = style.backgroundImage.match(/(rgba?|color|oklab|oklch)\([^()]*\)/g) ?? [];
      layers.push([rgba(style.backgroundColor)], pictured.map(rgba));
      if (style.backgroundImage.includes("url(") || node.matches(OVER_PICTURES)) {
        layers.push([[0, 0, 0, 1], [1, 1, 1, 1]]);
        break;
      }
      if (rgba(style.backgroundColor)[3] === 1) break;
    }
    return layers.reverse().reduce(
      (under, tops) => (tops.length ? under.flatMap((ground) => tops.map((top) => over(top, ground))) : under),
      [rgba(getComputedStyle(document.documentElement).backgroundColor)],
    );
  }

  function seen(element, box) {
    if (box.width < 2 || box.height < 2 || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
    return !chain(element).some((node) => {
      const { width, height } = node.getBoundingClientRect();
      return getComputedStyle(node).overflow === "hidden" && (width < 2 || height < 2);
    });
  }

  function texts(root) {
    const found = [];
    const nodes = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
      if (node.shadowRoot) found.push(...texts(node.shadowRoot));
      if (node.nodeType === Node.TEXT_NODE && node.data.trim() && node.parentElement) {
        const place = document.createRange();
        place.selectNodeContents(node);
        found.push([node.data.trim(), node.parentElement, place.getBoundingClientRect(), null]);
      } else if (node.matches?.("input:not([type=radio], [type=checkbox], [type=range], [type=file]), textarea")) {
        found.push([node.value || node.placeholder, node, node.getBoundingClientRect(), node.value ? null : "::placeholder"]);
      }
    }
    return found;
  }

  const poor = [];
  let count = 0;
  for (const [words, element, box, part] of texts(document.body)) {
    const around = chain(element);
    if (!words || element.matches("style, script, noscript, option") || !seen(element, box)) continue;
    if (around.some((node) => node.matches(":disabled, [aria-disabled=true]"))) continue; // what cannot be used is exempt
    const style = getComputedStyle(element, part);
    const colour = rgba(element instanceof SVGElement ? style.fill : style.color);
    const opacity = around.reduce((product, node) => product * Number(getComputedStyle(node).opacity), 1);
    const worst = Math.min(...grounds(element, box).map((ground) => ratio(light(over(colour, ground, opacity)), light(ground))));
    count += 1;
    if (worst < least) poor.push(`${worst.toFixed(2)}:1 ${words.slice(0, 60)} <${element.localName} class="${element.getAttribute("class") ?? ""}">`);
  }
  return { count, poor };
}
