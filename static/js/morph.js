// Changes a part of the page into a newer one and leaves alone what a person is doing in it: focus, caret, scroll, what
// is typed or ticked, what is unfolded. Elements stay the same elements; those that are known by a key stay themselves
// wherever they stand, so that no button ever becomes another one under a finger.

const keyOf = (node) =>
  node.nodeType === Node.ELEMENT_NODE ? node.id || node.dataset.key || node.getAttribute("aria-labelledby") : "";

// What script alone changes: notes that are being written, and whether they are kept.
const SCRIPTS = "[data-script], [data-note] textarea, [data-note] [name=seen]";

// Whether the server meant it open when it was last shown: what it opens anew opens, what a person closed stays closed.
const unfolded = new WeakMap();

export function morph(old, fresh) {
  attributes(old, fresh);
  children(old, fresh);
}

function attributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !isTheirs(old, name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && !isTheirs(old, name)) old.setAttribute(name, value);
  }
  if (old.nodeName === "DETAILS") {
    if (fresh.open && unfolded.get(old) === false) old.open = true;
    unfolded.set(old, fresh.open);
  }
}

// What belongs to the person or to script, not to the server.
const isTheirs = (element, name) =>
  (name === "open" && element.nodeName === "DETAILS") ||
  (name === "hidden" && element.hasAttribute("data-script-only")) ||
  (name === "aria-pressed" && element.hasAttribute("data-bell")) ||
  // The key of a form that may be on its way: with another one the same press would count twice. And which text its
  // fields were drawn with: what is half typed in them was typed over that one.
  (name === "value" && (element.name === "form_key" || element.name === "seen"));

function children(old, fresh) {
  const wanted = new Set([...fresh.childNodes].map(keyOf).filter(Boolean));
  const keyed = new Map();
  for (const child of [...old.childNodes]) {
    const key = keyOf(child);
    if (key && !wanted.has(key)) child.remove();
    else if (key) keyed.set(key, child);
  }
  let at = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    const match = matching(child, at, keyed);
    if (!match) {
      old.insertBefore(document.adoptNode(child), at);
      continue;
    }
    if (match !== at) old.insertBefore(match, at);
    at = match.nextSibling;
    if (match.nodeType === Node.ELEMENT_NODE) {
      if (!match.matches(SCRIPTS)) morph(match, child);
    } else if (match.nodeValue !== child.nodeValue) match.nodeValue = child.nodeValue;
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

// The old node that becomes this one: the one with its key, else the next without a key that is of its kind.
function matching(child, at, keyed) {
  const key = keyOf(child);
  if (key) {
    const known = keyed.get(key);
    keyed.delete(key);
    return known?.nodeName === child.nodeName ? known : null;
  }
  let node = at;
  while (node && (keyOf(node) || node.nodeName !== child.nodeName)) node = node.nextSibling;
  return node;
}
