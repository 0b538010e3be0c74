// The panel beside the ring: which view of it is on, and that nothing in it moves while the room changes.

const panel = document.getElementById("panel");

export const viewed = () => document.querySelector("#view :checked")?.id;

// The panel scrolls; on a screen so low that there is no frame, the page.
const scroller = () => (getComputedStyle(panel).overflowY === "auto" ? panel : document.scrollingElement);

// The view that a new part of the session begins with, from its top.
export function show(view) {
  const radio = document.getElementById(view);
  if (radio) radio.checked = true;
  scroller().scrollTop = 0;
}

// Each view is found again where it was left.
const left = new Map();
panel.addEventListener("scroll", () => left.set(viewed(), panel.scrollTop), { passive: true });
document.addEventListener("change", (event) => {
  if (event.target.name === "view") panel.scrollTop = left.get(event.target.id) ?? 0;
});

export const isTyping = (element) => Boolean(element?.matches?.("textarea, input, select"));

// What must not move while the page changes: what is being written in, else what one reads first, and is still there
// afterwards. Browsers that hold a page by themselves choose another thing each time, and drift.
export function heldPlaces(focused) {
  const edge = scroller() === panel ? panel.getBoundingClientRect().top : 0;
  const topOf = (part) => part.getBoundingClientRect().top;
  const parts = panel.querySelectorAll("[aria-labelledby], [data-key]");
  const read = [...parts].filter((part) => part.checkVisibility() && topOf(part) >= edge);
  const held = isTyping(focused) && panel.contains(focused) ? [focused] : scroller().scrollTop > 0 ? read : [];
  return held.map((part) => [part, topOf(part)]);
}

export function holdPlace(places) {
  const [part, top] = places.find(([one]) => one.isConnected && one.checkVisibility()) ?? [];
  if (part) scroller().scrollTop += part.getBoundingClientRect().top - top;
}

// Focus stays on what it was on. Where that has gone, it goes to what happens now: never to a neighbouring button.
export function keepFocus(focused) {
  if (!focused || focused === document.body || document.activeElement === focused) return;
  const place = focused.isConnected ? focused : document.getElementById("now");
  place?.focus({ preventScroll: true });
}
