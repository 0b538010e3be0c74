// Dragging on the board: a drop chooses in the person's own form and sends it. The forms do all of it without script.

for (const person of document.querySelectorAll("[data-person]")) {
  person.draggable = true;
  person.addEventListener("dragstart", (event) => {
    event.dataTransfer.setData("text/plain", person.id);
    event.dataTransfer.effectAllowed = "move";
    person.classList.add("chip-person--held");
  });
  person.addEventListener("dragend", () => person.classList.remove("chip-person--held"));
}

for (const pot of document.querySelectorAll("[data-draft]")) {
  pot.addEventListener("dragover", (event) => {
    event.preventDefault();
    pot.classList.add("pot--over");
  });
  pot.addEventListener("dragleave", () => pot.classList.remove("pot--over"));
  pot.addEventListener("drop", (event) => {
    event.preventDefault();
    pot.classList.remove("pot--over");
    const form = document.getElementById(event.dataTransfer.getData("text/plain"))?.querySelector("form");
    const select = form?.elements.namedItem("draft");
    if (!select || ![...select.options].some((option) => option.value === pot.dataset.draft)) return;
    select.value = pot.dataset.draft;
    form.requestSubmit();
  });
}
