// Notes are kept as they are written: at most every three seconds, again until it worked, and when the page goes away.

// Milliseconds: a sentence is kept soon after it is written, and not each letter of it.
const EVERY = 3000;
const AGAIN = 5000;

const unsaved = new Set();
const waiting = new WeakMap();
const sending = new WeakSet();
let words = {};
let tell = () => {};

const textOf = (form) => form.querySelector("textarea");
const placeOf = (form) => `unsaved ${form.action} ${form.elements.reader?.value ?? ""}`;

function state(form, text) {
  const line = form.querySelector("[data-kept]");
  if (line && line.textContent !== text) line.textContent = text;
}

function post(form, more = {}) {
  const headers = { "X-Requested-With": "fetch" };
  return fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers, redirect: "error", ...more });
}

export async function save(form, aloud = false) {
  clearTimeout(waiting.get(form));
  waiting.delete(form);
  // Two at once might arrive the other way round.
  if (sending.has(form)) return later(form, EVERY);
  sending.add(form);
  const area = textOf(form);
  const sent = area.value;
  try {
    const answer = await post(form, { signal: AbortSignal.timeout(10000) });
    if (answer.status === 409) {
      unsaved.delete(form);
      state(form, "");
      return tell(await answer.text(), "warn");
    }
    if (!answer.ok) throw new Error(String(answer.status));
    form.elements.seen.value = answer.headers.get("X-Seen");
    if (answer.status === 200) {
      // Another window wrote too, and both are kept: what was typed since the press follows what stands there now.
      area.value = (await answer.text()) + area.value.slice(sent.length);
      tell(words.sayElsewhere, "info");
    } else if (area.value !== sent) return later(form, EVERY);
    unsaved.delete(form);
    sessionStorage.removeItem(placeOf(form));
    state(form, words.saySaved);
    if (aloud) tell(words.saySaved, "say");
  } catch {
    state(form, words.sayUnsaved);
    later(form, AGAIN);
  } finally {
    sending.delete(form);
  }
}

function later(form, ms) {
  if (!waiting.has(form)) waiting.set(form, setTimeout(() => save(form), ms));
}

// On the way out: sent along with the page that goes. Also put aside in this tab, for a page that cannot send any more.
export function flush(options = {}) {
  for (const form of unsaved) {
    // In this tab and until it closes: the browser of somebody else's computer keeps nothing.
    if (options.aside) sessionStorage.setItem(placeOf(form), JSON.stringify([words.me, textOf(form).value]));
    post(form, { keepalive: true }).catch(() => {});
  }
}

// What another window of this person has written meanwhile is taken over where nothing waits to be saved here.
export function newer(page) {
  for (const form of document.querySelectorAll("[data-note]")) {
    const fresh = page.querySelector(`[data-note][data-key="${form.dataset.key}"]`);
    if (!fresh || unsaved.has(form) || sending.has(form)) continue;
    if (fresh.elements.seen.value === form.elements.seen.value) continue;
    form.elements.seen.value = fresh.elements.seen.value;
    const area = textOf(form);
    const { selectionStart, selectionEnd } = area;
    area.value = textOf(fresh).value;
    // Setting the value puts the caret to the end.
    area.setSelectionRange(selectionStart, selectionEnd);
  }
}

export const anyUnsaved = () => unsaved.size > 0;
export const saveAll = () => Promise.all([...unsaved].map((form) => save(form)));

export function follow(dataset, say) {
  words = dataset;
  tell = say;
  document.addEventListener("input", (event) => {
    const form = event.target.closest("[data-note]");
    if (!form) return;
    unsaved.add(form);
    state(form, "");
    later(form, EVERY);
  });
  for (const form of document.querySelectorAll("[data-note]")) {
    const [whose, text] = JSON.parse(sessionStorage.getItem(placeOf(form)) ?? "[]");
    sessionStorage.removeItem(placeOf(form));
    // Somebody else may have signed in here since.
    if (!text || whose !== words.me || text === textOf(form).value) continue;
    textOf(form).value = text;
    unsaved.add(form);
    save(form);
  }
  addEventListener("pagehide", () => flush());
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && flush());
  addEventListener("beforeunload", (event) => {
    if (unsaved.size && !navigator.onLine) event.preventDefault();
  });
}
