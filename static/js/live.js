// The live room: follows the session by server-sent events, ticks its clock, sends presses without leaving the page.
// Everything shown comes from the server; without script the same page works by loading it again.

import { said, serverNow, setClock, untilNextSecond } from "./clock.js";

const live = document.getElementById("live");
const notices = document.getElementById("notices");
const status = document.getElementById("said");
const words = live.dataset;
const title = document.title;

// A rehearsal runs on its own clock, which may be faster, and has no stream: the page asks when a stage has ended.
const speed = Number(words.speed || 1);
const epoch = Number(words.epoch || 0);
const roomNow = () => (words.speed ? epoch + (serverNow() - epoch) * speed : serverNow());

let version = -1;
let phase = words.phase;
let lost = false;
let timer = 0;
let announced = new Set();
let stage = "";

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
  const length = Number(data.length);
  warn(left, length, runs);
  if (length) document.querySelector(".ring-time")?.setAttribute("stroke-dasharray", `${(100 * Math.max(0, left)) / length} 100`);
  if (phase !== "waiting") {
    live.dataset.state = !runs ? "paused" : left < 0 ? "over" : data.mine === "1" ? "mine" : "running";
    document.title = `${text} · ${title}`;
    if (runs) announce(left, length);
  }
  if (runs && words.speed && left <= 0 && data.mine !== "1") timer = setTimeout(refresh, 250);
  else if (runs) timer = setTimeout(paint, Math.max(speed > 1 ? 100 : 1, Math.ceil(untilNextSecond(left) / speed)));
}

// Whoever keeps the time sees it in words too.
function warn(left, length, runs) {
  const line = document.querySelector("[data-warning]");
  if (!line || !runs) return;
  const text = left <= 0 ? line.dataset.over : left <= 60000 && length > 60000 ? line.dataset.one : "";
  if (line.textContent !== text) line.textContent = text;
}

// Screen readers hear five, one and no minutes, never each second.
function announce(left, length) {
  const moments = [["five", 300000], ["one", 60000], ["over", 0]];
  for (const [name, at] of moments) {
    if (left > at || announced.has(name)) continue;
    announced.add(name);
    if (at < length && left > at - 2000 && (name === "one" || name === "over")) ring();
    if (at < length && left > at - 2000) say({ five: words.sayFive, one: words.sayOne, over: words.sayOver }[name]);
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

for (const part of document.querySelectorAll("[data-script-only]")) part.hidden = false;
for (const button of document.querySelectorAll("[data-bell]")) button.addEventListener("click", () => {
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
  if (phase === "waiting" || awake || document.visibilityState !== "visible") return;
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

// ---- the room ---------------------------------------------------------------------------------------------------

let fetching = false;
let again = false;

async function refresh() {
  if (fetching) {
    again = true;
    return;
  }
  fetching = true;
  try {
    const answer = await fetch(words.room, { headers: { "X-Requested-With": "fetch" }, redirect: "manual" });
    if (answer.type === "opaqueredirect" || answer.status === 404) {
      location.reload();
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    if (answer.headers.get("X-Phase") !== phase && ["waiting", "ended"].some((one) => one === phase || one === answer.headers.get("X-Phase"))) {
      location.reload();
      return;
    }
    phase = answer.headers.get("X-Phase");
    swap(await answer.text());
  } catch {
    setTimeout(refresh, 1500);
  } finally {
    fetching = false;
    if (again) {
      again = false;
      refresh();
    }
  }
}

// Replaces what follows the session and keeps what the person was doing: focus, ticks, an open plan.
function swap(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const room = document.getElementById("room");
  const ticks = new Map([...room.querySelectorAll("input[data-touched]")].map((i) => [`${i.name}=${i.value}`, i.checked]));
  const typed = new Map([...room.querySelectorAll("[data-typed]")].map((i) => [i.name, i.value]));
  const opened = room.querySelector("details.more")?.open;
  const focus = focusPath(document.activeElement);
  for (const id of ["strip", "room"]) document.getElementById(id).replaceWith(document.adoptNode(fresh.getElementById(id)));
  const now = document.getElementById("room");
  for (const input of now.querySelectorAll("input[type=checkbox], input[type=radio]")) {
    const kept = ticks.get(`${input.name}=${input.value}`);
    if (kept !== undefined) {
      input.checked = kept;
      input.dataset.touched = "1";
    }
  }
  for (const input of now.querySelectorAll("select, input[inputmode]")) {
    const kept = typed.get(input.name);
    if (kept !== undefined) {
      input.value = kept;
      input.dataset.typed = "1";
    }
  }
  const details = now.querySelector("details.more");
  if (details && opened) details.open = true;
  if (focus) now.querySelector(focus)?.focus();
  const heading = now.querySelector("#now")?.textContent ?? "";
  if (heading !== stage) {
    stage = heading;
    announced = new Set();
    say(heading);
  }
  paint();
}

function focusPath(element) {
  const form = element?.closest?.("#room form");
  if (!form) return "";
  if (element.name && element.value) return `[name="${element.name}"][value="${CSS.escape(element.value)}"]`;
  return `form[action="${form.getAttribute("action")}"] button`;
}

document.addEventListener("change", (event) => {
  if (event.target.matches("#room input[type=checkbox], #room input[type=radio]")) event.target.dataset.touched = "1";
  else if (event.target.matches("#room input, #room select")) event.target.dataset.typed = "1";
});

// ---- the stream -------------------------------------------------------------------------------------------------

let source = null;

function follow() {
  source?.close();
  source = new EventSource(words.events);
  source.onmessage = (event) => {
    const frame = JSON.parse(event.data);
    if (lost) {
      lost = false;
      live.classList.remove("live--lost");
      notify(words.sayBack, "info");
      setClock().then(paint);
    }
    if (frame.version > version) {
      version = frame.version;
      // Somebody is answering what gives: their page is left alone until the session really starts.
      if (words.hold && frame.phase === "planned") return;
      if (words.hold) location.assign(words.home);
      else refresh();
    }
  };
  source.onerror = () => {
    if (!lost) {
      lost = true;
      live.classList.add("live--lost");
      notify(words.sayLost, "warn");
    }
    // A refused stream is closed for good: signed out, or no longer in the circle. The page itself says which.
    if (source.readyState === EventSource.CLOSED) {
      version = -1;
      setTimeout(() => {
        refresh();
        follow();
      }, 3000);
    }
  };
}

addEventListener("pagehide", () => source?.close());
addEventListener("pageshow", (event) => {
  if (event.persisted && words.events) follow();
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "visible") return;
  setClock().then(paint, () => {});
  stayAwake();
});

function notify(text, kind) {
  const box = document.createElement("p");
  box.className = kind === "warn" ? "notice notice--warn" : "notice";
  const span = document.createElement("span");
  span.textContent = text;
  box.append(span);
  notices.replaceChildren(box);
}

// ---- presses ----------------------------------------------------------------------------------------------------

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-command], [data-quiet]")) return;
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "1";
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { "X-Requested-With": "fetch" },
    });
    if (answer.status === 409) notify(await answer.text(), "warn");
    else if (!answer.ok) throw new Error(String(answer.status));
    else if (form.matches("[data-note]")) say(words.saySaved);
    else notices.replaceChildren();
    if (form.matches("[data-command]")) refresh();
  } catch {
    notify(words.sayPress, "warn");
  } finally {
    delete form.dataset.busy;
  }
});

// Notes are kept as they are written, so that nothing is lost when the page goes away.
for (const note of document.querySelectorAll("[data-note] textarea")) {
  let keeping = 0;
  note.addEventListener("input", () => {
    clearTimeout(keeping);
    keeping = setTimeout(() => note.form.requestSubmit(), 1500);
  });
}

// In the lobby people come and go without an event: look again now and then.
setInterval(() => {
  if (phase === "waiting" && !words.hold && document.visibilityState === "visible") refresh();
}, 20000);
setInterval(() => setClock().then(paint, () => {}), 300000);

stage = document.querySelector("#room #now")?.textContent ?? "";
paint();
stayAwake();
setClock().then(() => {
  paint();
  const check = document.querySelector("[data-clock-check]");
  if (check) check.textContent = Math.abs(Date.now() - serverNow()) < 2000 ? check.dataset.good : check.dataset.off;
}, () => {});
if (words.events) follow();
document.getElementById("how")?.focus();
