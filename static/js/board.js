// The board: what a move would cost is said beside the ticks, people are dragged, and a page that waits looks again.
// The forms do all of it without script.

const board = document.querySelector("[data-board]");
if (board) {
  const bar = document.querySelector("[data-movebar]");
  const named = bar.querySelector("[data-ticked]");
  const told = bar.querySelector("[data-told]");
  const to = bar.elements.namedItem("to");
  const ticks = () => [...document.querySelectorAll('input[name="who"]:checked')];
  const nameOf = (tick) => tick.closest(".pick").querySelector("b").textContent;
  let asking;

  const tell = async (who, where) => {
    // The answer of the last question is the one that is shown, whichever comes first.
    asking?.abort();
    asking = new AbortController();
    const query = new URLSearchParams([...who.map((one) => ["who", one]), ["to", where]]);
    try {
      const answer = await fetch(`${board.dataset.cost}?${query}`, { signal: asking.signal });
      // Nothing rather than what was said of fewer people.
      told.replaceChildren(...(answer.ok ? parsed(await answer.text()) : []));
    } catch (error) {
      if (error.name !== "AbortError") told.replaceChildren();
    }
  };
  const parsed = (text) => [...new DOMParser().parseFromString(text, "text/html").body.childNodes];

  const show = () => {
    const here = ticks();
    bar.classList.toggle("movebar--on", here.length > 0);
    if (here.length) {
      named.textContent = `${here.map(nameOf).join(", ")}.`;
      tell(here.map((one) => one.value), to.value);
    }
  };
  document.addEventListener("change", (event) => {
    if (event.target.name === "who" || event.target === to) show();
  });
  show();
  for (const part of document.querySelectorAll("[data-script-only]")) part.hidden = false;
  // From a tick the bar is one key away: without it, whoever has no pointer goes through all other circles first.
  document.addEventListener("keydown", (event) => {
    if (event.target.name !== "who" || event.key !== "m" || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.target.checked = true;
    show();
    to.focus();
  });

  // Dragging: somebody who is ticked takes all who are ticked along.
  let held = [];
  for (const person of document.querySelectorAll("[data-person]")) {
    person.draggable = true;
    person.addEventListener("dragstart", (event) => {
      const own = person.querySelector("input");
      held = own.checked ? ticks().map((one) => one.value) : [own.value];
      event.dataTransfer.setData("text/plain", person.id);
      event.dataTransfer.effectAllowed = "move";
      person.classList.add("pick--held");
      bar.classList.add("movebar--on");
      named.textContent = own.checked ? `${ticks().map(nameOf).join(", ")}.` : `${nameOf(own)}.`;
    });
    person.addEventListener("dragend", () => {
      person.classList.remove("pick--held");
      held = [];
      show();
    });
  }
  for (const pot of document.querySelectorAll("[data-draft]")) {
    pot.addEventListener("dragenter", () => {
      if (held.length && !pot.classList.contains("over")) tell(held, pot.dataset.draft);
    });
    pot.addEventListener("dragover", (event) => {
      if (!held.length) return;
      event.preventDefault();
      pot.classList.add("over");
    });
    pot.addEventListener("dragleave", (event) => {
      // Leaving is told for each thing inside too.
      if (!pot.contains(event.relatedTarget)) pot.classList.remove("over");
    });
    pot.addEventListener("drop", (event) => {
      event.preventDefault();
      pot.classList.remove("over");
      if (!held.length) return;
      for (const tick of document.querySelectorAll('input[name="who"]')) tick.checked = held.includes(tick.value);
      to.value = pot.dataset.draft;
      bar.requestSubmit(bar.querySelector('[value="move"]'));
    });
  }

  // Names are looked for while one types; what is ticked stays ticked.
  const filter = document.querySelector("[data-filter]");
  const words = filter.elements.namedItem("q");
  words.addEventListener("input", () => {
    const wanted = words.value.trim().toLowerCase();
    const has = (text) => text.toLowerCase().includes(wanted);
    for (const person of document.querySelectorAll("#unplaced .pick")) {
      person.hidden = !has(person.querySelector("b").textContent);
    }
    for (const pot of document.querySelectorAll(".pots > li[data-draft]")) {
      const inside = [...pot.querySelectorAll(".pick b")].some((name) => has(name.textContent));
      pot.hidden = wanted !== "" && !inside && !has(pot.querySelector("h3").textContent);
      if (wanted !== "" && inside) pot.querySelector("details").open = true;
    }
  });
}

// While circles are worked out the page looks again every two seconds, and goes on when they are there.
const progress = document.querySelector("[data-progress]");
if (progress) {
  const again = async () => {
    try {
      const answer = await fetch(location.href);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = fresh.querySelector("[data-progress]");
      if (!next) return location.reload();
      for (const part of ["progress", "[role=status]", "[data-gap]", "[data-left]"]) {
        const old = progress.querySelector(part);
        const now = next.querySelector(part);
        if (part === "progress") old.value = now.value;
        else if (old.textContent !== now.textContent) old.textContent = now.textContent;
      }
    } catch {
      // The next time may be luckier.
    }
    setTimeout(again, 2000);
  };
  setTimeout(again, 1000);
}
