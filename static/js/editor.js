// Dragging stages in the format editor. It does what the arrow buttons do, by the same form; nothing depends on it.

const steps = document.getElementById("steps");
let dragged = null;

for (const stage of document.querySelectorAll("[data-stage]")) {
  stage.draggable = true;
  stage.addEventListener("dragstart", (event) => {
    dragged = stage;
    event.dataTransfer.effectAllowed = "move";
    // Firefox drags nothing that carries no data.
    event.dataTransfer.setData("text/plain", stage.dataset.stage);
  });
  stage.addEventListener("dragend", () => {
    dragged = null;
    for (const over of document.querySelectorAll(".stage--over")) over.classList.remove("stage--over");
  });
  stage.addEventListener("dragover", (event) => {
    if (!dragged || dragged === stage) return;
    event.preventDefault();
    stage.classList.add("stage--over");
  });
  stage.addEventListener("dragleave", () => stage.classList.remove("stage--over"));
  stage.addEventListener("drop", (event) => {
    if (!dragged) return;
    event.preventDefault();
    steps.elements.before.value = stage.dataset.stage;
    // A form is sent with the button that was pressed: this one stands for the drop.
    const press = document.createElement("button");
    press.name = "do";
    press.value = `place:${dragged.dataset.stage}`;
    press.hidden = true;
    steps.append(press);
    steps.requestSubmit(press);
  });
}

// After a step the page comes back: whoever used the keyboard is where they were.
document.addEventListener("click", (event) => {
  const button = event.target.closest('button[name="do"]');
  if (button) sessionStorage.setItem("editor-did", button.value);
});
const did = sessionStorage.getItem("editor-did");
if (did) {
  sessionStorage.removeItem("editor-did");
  // After a mistake the summary is read first.
  if (!document.querySelector("[data-focus]")) document.querySelector(`button[name="do"][value="${CSS.escape(did)}"]`)?.focus();
}
