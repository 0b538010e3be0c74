// The live room: follows the session by server-sent events, ticks its clock, sends presses without leaving the page.
// Everything shown comes from the server; without script the same page works by loading it again.

import { said, serverNow, setClock, startClock, untilNextSecond } from "./clock.js";
import { morph } from "./morph.js";
import * as notes from "./notes.js";
import { heldPlaces, holdPlace, isTyping, keepFocus, show, viewed } from "./panel.js";
import { stream } from "./stream.js";

const live = document.getElementById("live");
const notices = document.getElementById("notices");
const status = document.getElementById("said");
const words = live.dataset;
const title = document.title;

// A rehearsal runs on its own clock, which may be faster, and has no stream: the page asks when a stage has ended.
const speed = Number(words.speed || 1);
const epoch = Number(words.epoch || 0);
const roomNow = () => (words.speed ? epoch + (serverNow() - epoch) * speed : serverNow());

let version = Number(words.version || -1);
let phase = words.phase;
let timer = 0;
let marked = new Set();
let told = {};

// ---- the clock --------------------------------------------------------------------------------------------------

function clockState() {
  const data = document.querySelector("[data-clock]")?.dataset;
  if (!data) return null;
  const left = data.ends ? Number(data.ends) - roomNow() : Number(data.left || 0);
  return { data, left, runs: Boolean(data.ends) };
}

function paint() {
  clearTimeout(timer);
  const state = clockState();
  if (!state) return;
  const { data, left, runs } = state;
  const text = said(left);
  const clock = document.querySelector(".clock");
  if (clock && clock.textContent !== text) clock.textContent = text;
  // With hours it would reach over the seats.
  clock?.classList.toggle("clock--long", text.length > 6);
  const length = Number(data.length);
  warn(left, length, runs);
  if (length) document.querySelector(".ring-time")?.setAttribute("stroke-dasharray", `${(100 * Math.max(0, left)) / length} 100`);
  if (phase !== "waiting") {
    live.dataset.state = !runs ? "paused" : left < 0 ? "over" : data.mine === "1" ? "mine" : "running";
    document.title = `${text} · ${title}`;
    if (runs) markMoments(left, length);
  }
  if (runs && words.speed && left <= 0 && data.mine !== "1") timer = setTimeout(refresh, 250);
  else if (runs) timer = setTimeout(paint, Math.max(speed > 1 ? 100 : 1, Math.ceil(untilNextSecond(left) / speed)));
}

// Whoever keeps the time sees it in words too.
function warn(left, length, runs) {
  if (!runs) return;
  const now = left <= 0 ? "over" : left <= 60000 && length > 60000 ? "one" : "else";
  for (const part of document.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== now;
}

// Screen readers hear five, one and no minutes, never each second; the bell rings at the last two.
function markMoments(left, length) {
  const moments = [["five", 300000, words.sayFive], ["one", 60000, words.sayOne], ["over", 0, words.sayOver]];
  for (const [name, at, text] of moments) {
    if (left > at || marked.has(name)) continue;
    marked.add(name);
    // What the stage is too short for, or was over before this page was there, is not told.
    if (at >= length || left <= at - 2000) continue;
    if (name !== "five") ring();
    say(text);
  }
}

// A soft bell, off until somebody switches it on: several bells echo on a call.
let bell = null;

function ring() {
  if (!bell) return;
  const tone = bell.createOscillator();
  const loudness = bell.createGain();
  tone.frequency.value = 528;
  loudness.gain.setValueAtTime(0.0001, bell.currentTime);
  loudness.gain.exponentialRampToValueAtTime(0.18, bell.currentTime + 0.03);
  loudness.gain.exponentialRampToValueAtTime(0.0001, bell.currentTime + 1.6);
  tone.connect(loudness).connect(bell.destination);
  tone.start();
  tone.stop(bell.currentTime + 1.7);
}

function unveil() {
  for (const part of document.querySelectorAll("[data-script-only]")) part.hidden = false;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-bell]");
  if (!button) return;
  bell = bell ? null : new AudioContext();
  button.setAttribute("aria-pressed", String(Boolean(bell)));
  ring();
});
document.querySelector("[data-fullscreen]")?.addEventListener("click", () => {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen().catch(() => {});
});

// Phones stay awake while a session runs, where the browser allows it.
let awake = null;

async function stayAwake() {
  if (!["running", "paused"].includes(phase) || awake || document.visibilityState !== "visible") return;
  try {
    awake = await navigator.wakeLock?.request("screen");
    awake?.addEventListener("release", () => {
      awake = null;
    });
  } catch {
    awake = null;
  }
}

function say(text) {
  status.textContent = text;
}

// What a screen reader hears of the room, once: who speaks now, a pause, more time, a hand, who hosts.
function tellMoment() {
  const data = document.querySelector("[data-clock]")?.dataset;
  if (!data) return;
  const now = { step: data.step, said: data.said ?? "", also: data.also ?? "", length: data.length };
  const longer = Number(now.length) > Number(told.length);
  if (now.step !== told.step || now.said !== told.said || longer) marked = new Set();
  const news = [];
  if (now.said !== told.said || now.step !== told.step) news.push(now.said);
  else if (longer) news.push(words.sayMore);
  if (now.also !== told.also) news.push(now.also);
  const text = news.filter(Boolean).join(" ");
  if (text && told.said !== undefined) say(text);
  told = now;
}

// ---- the room ---------------------------------------------------------------------------------------------------

// Milliseconds. A stream that ends by itself is back within a second; so long nothing is said of it.
const QUICK = 1500;
const UNDERWAY = 10000;
const LOOK_AGAIN = 5000;
let fetching = false;
let again = false;
let looked = performance.now();
let retry = 0;
// Until when a form that leads to another page is taken to be on its way.
let underway = 0;

async function refresh() {
  if (fetching) {
    again = true;
    return;
  }
  fetching = true;
  looked = performance.now();
  try {
    const answer = await fetch(words.room + ticked(), {
      headers: { "X-Requested-With": "fetch" },
      redirect: "manual",
      signal: AbortSignal.timeout(10000),
    });
    // Redirects are not followed: the page of the door would be put into the room.
    if (answer.type === "opaqueredirect" || answer.status === 404) return leave();
    if (!answer.ok) throw new Error(String(answer.status));
    const html = await answer.text();
    const now = answer.headers.get("X-Phase");
    // The end flows into the check-out in place; whoever has none there is led to the session's page.
    if (now === "ended" && !html) return leave();
    if (now === "ended" && phase !== "ended") await written();
    // Answers overtake each other: a frame may have said a later version than this page was made of.
    version = Math.max(version, Number(answer.headers.get("X-Version") ?? -1));
    swap(html, now);
    if (trouble === "lost") setTrouble(doubt || room?.silent() ? "slow" : "");
  } catch {
    setTrouble("lost");
    clearTimeout(retry);
    retry = setTimeout(refresh, QUICK);
  } finally {
    fetching = false;
    if (again) {
      again = false;
      refresh();
    }
  }
}

// What whoever starts has ticked so far: the plan on the page is for that.
let ticking = false;

function ticked() {
  const form = ticking && document.getElementById("starting");
  if (!form) return "";
  const data = new URLSearchParams(new FormData(form));
  for (const name of ["csrfmiddlewaretoken", "expected_seq"]) data.delete(name);
  return `?${data}`;
}

document.addEventListener("change", (event) => {
  if (event.target.form?.id !== "starting") return;
  ticking = true;
  if (!words.hold) refresh();
});

// The room is over, or not this person's any more: its address says which. Nothing that was typed stays behind.
async function leave() {
  // Whoever has just checked out is on the way already: going elsewhere now would cut that off, and what it says.
  if (performance.now() < underway) return;
  if (await written()) notes.flush({ aside: true });
  location.assign(words.home);
}

// Gives what was typed two seconds to be saved. Whether there was anything.
async function written() {
  if (!notes.anyUnsaved()) return false;
  await Promise.race([notes.saveAll(), new Promise((done) => setTimeout(done, 2000))]);
  return true;
}

function swap(html, now) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const begins = phase !== now && [phase, now].some((one) => one === "waiting" || one === "ended");
  phase = now;
  const focused = document.activeElement;
  const places = heldPlaces(focused);
  notes.newer(fresh);
  for (const part of [...fresh.body.children]) {
    const old = document.getElementById(part.id);
    if (old) morph(old, part);
  }
  unveil();
  paint();
  tellMoment();
  if (phase === "ended") {
    live.dataset.state = "ended";
    document.title = title;
    if (begins) say(words.sayEnded);
  }
  if ((begins && !isTyping(focused)) || !viewed()) show("v-now");
  holdPlace(places);
  keepFocus(focused);
  if (begins) stayAwake();
}

// ---- the stream -------------------------------------------------------------------------------------------------

let trouble = "";

// Said where everybody sees it: not connected at all, or news that comes late. Meanwhile the page looks by itself.
function setTrouble(kind) {
  if (kind === trouble) return;
  const was = trouble;
  trouble = kind;
  live.classList.toggle("room--lost", kind === "lost");
  if (kind) notify(kind === "lost" ? words.sayLost : words.saySlow, "warn");
  else if (was) notify(words.sayBack, "info");
  if (was === "lost" && !kind) setClock().then(paint, () => {});
}

let doubt = 0;
const room = words.events
  ? stream(words.events, {
      news(frame) {
        if (frame.version <= version) return;
        version = frame.version;
        // Somebody is answering what gives: their page is left alone until the session really starts.
        if (words.hold && frame.phase === "planned") return;
        if (words.hold) leave();
        else refresh();
      },
      heard() {
        clearTimeout(doubt);
        doubt = 0;
        setTrouble("");
      },
      // A stream ends now and then and is back within a second: only what lasts is said.
      broken(kind) {
        doubt ||= setTimeout(() => setTrouble(kind), QUICK * 2);
      },
    })
  : null;

// Every few seconds: is anybody still talking to this page, and has something on it grown stale by itself?
function look() {
  if (words.hold) return;
  const since = performance.now() - looked;
  if (room?.silent()) {
    if (!trouble) setTrouble("slow");
    room.again();
    refresh();
  } else if (trouble) refresh();
  else if (document.visibilityState !== "visible") return;
  else if (phase === "waiting" || phase === "ended" ? since > 20000 : roomNow() > Number(clockState()?.data.again || Infinity) && since > LOOK_AGAIN) refresh();
}

function wake() {
  room?.woken();
  look();
}

setInterval(look, LOOK_AGAIN);
// The browser knows first, long before two beats have been missed.
addEventListener("offline", () => setTrouble("lost"));
for (const name of ["online", "focus"]) addEventListener(name, wake);
addEventListener("pageshow", (event) => {
  // Out of the browser's memory with everything as it was, the stream too, which has ended meanwhile.
  if (event.persisted) room?.again();
  if (event.persisted) refresh();
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "visible") return;
  setClock().then(paint, () => {});
  stayAwake();
  wake();
});

function notify(text, kind) {
  if (kind === "say") return say(text);
  const box = document.createElement("p");
  box.className = kind === "warn" ? "notice notice--warn" : "notice";
  const span = document.createElement("span");
  span.textContent = text;
  box.append(span);
  notices.replaceChildren(box);
}

// ---- presses ----------------------------------------------------------------------------------------------------

// One press a form at a time; forms that a new page takes away are forgotten with it.
const busy = new WeakSet();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-note]")) {
    event.preventDefault();
    notes.save(form, true);
  } else if (form.matches("[data-command]")) {
    event.preventDefault();
    press(form);
  } else {
    notes.flush();
    underway = performance.now() + UNDERWAY;
  }
});

async function press(form) {
  if (busy.has(form)) return;
  busy.add(form);
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { "X-Requested-With": "fetch" },
      signal: AbortSignal.timeout(10000),
    });
    // Signed out, or no longer in the circle: the room itself says which.
    const door = answer.redirected && new URL(answer.url).pathname.startsWith("/sign/");
    if (door || [403, 404].includes(answer.status)) return leave();
    if (answer.status === 409) notify(await answer.text(), "warn");
    else if (!answer.ok) throw new Error(String(answer.status));
    else if (!trouble) notices.replaceChildren();
    for (const asked of document.querySelectorAll("details.asked[open]")) asked.open = false;
    const now = answer.headers.get("X-Version");
    // The stream may have told of it already: then the page is on its way.
    if (now === null || Number(now) > version || answer.status === 409) refresh();
  } catch {
    notify(words.sayPress, "warn");
  } finally {
    busy.delete(form);
  }
}

// ---- the beginning ----------------------------------------------------------------------------------------------

// Where a page is entered it begins at its top, also after Start: the browser would keep the place of the page before.
history.scrollRestoration = "manual";
setInterval(() => setClock().then(paint, () => {}), 300000);
startClock(Number(words.now || 0));
unveil();
notes.follow(words, notify);
paint();
tellMoment();
stayAwake();
setClock().then(() => {
  paint();
  const check = document.querySelector("[data-clock-check]");
  if (check) check.textContent = Math.abs(Date.now() - serverNow()) < 2000 ? check.dataset.good : check.dataset.off;
}, () => {});
document.getElementById("how")?.focus();
