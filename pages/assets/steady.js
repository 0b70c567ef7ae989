// What a slider needs that is moved by the keyboard: one entry of the history for all steps, and the focus where it was.

const SLIDER = '[role="slider"], input[type="range"]';
const MOMENT = 3000; // ms after a key in which a change of the page is its doing
let at = null; // key of the slider that is moved, when, and whether its entry is written

/** What it is called in our program: the class of its place on the page. */
function keyOf(slider) {
  return slider?.closest('[class*="st-key-"]')?.className.match(/st-key-[\w-]+/)?.[0];
}

function sliderOf(key) {
  return document.querySelector(`.${key} :is(${SLIDER})`);
}

/** A slider that is put up anew has no focus: give it back, unless somebody has gone elsewhere. */
function hold() {
  if (!at || performance.now() - at.key > MOMENT) return;
  if (document.activeElement === document.body) sliderOf(at.name)?.focus({ preventScroll: true });
  requestAnimationFrame(hold);
}

function follow() {
  document.addEventListener("keydown", (event) => {
    const moved = event.target instanceof Element ? event.target.closest(SLIDER) : null;
    const name = keyOf(moved);
    if (!name || !/^(Arrow|Page|Home|End)/.test(event.key)) at = null;
    else {
      at = { name, key: performance.now(), written: at?.name === name && at.written };
      requestAnimationFrame(hold);
    }
  }, true);
  document.addEventListener("pointerdown", () => { at = null; }, true);
  const push = history.pushState;
  history.pushState = function (state, title, address) {
    const here = new URL(address ?? location.href, location.href).pathname === location.pathname;
    if (at?.written && here) return history.replaceState(state, title, address);
    if (at && here) at.written = true;
    return push.call(history, state, title, address);
  };
}

export default function () {
  if (window.ninepatchSteady) return;
  window.ninepatchSteady = true;
  follow();
}
