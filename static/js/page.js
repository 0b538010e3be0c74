// Small comforts of ordinary pages. Everything works without them.

const root = document.documentElement;
root.classList.add("script");

// The theme switch answers at once; without script its button does.
for (const form of document.querySelectorAll("[data-theme-form]")) {
  form.addEventListener("change", () => form.requestSubmit());
}

// Guess the time zone from the browser; the person sees it and confirms by sending the form. What a page started from
// gives way to the guess, unless the person has chosen already.
const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const select of document.querySelectorAll("select[data-guess-zone]")) {
  const named = (option) => option.value === own || option.dataset.also?.split(" ").includes(own);
  const said = select.closest("details")?.querySelector("[data-zone-said]");
  if (!select.value || select.closest("[data-zone-over]")) select.value = [...select.options].find(named)?.value ?? select.value;
  const say = () => said && (said.textContent = select.selectedOptions[0]?.text.split(" (")[0] ?? "");
  select.addEventListener("change", say);
  say();
}

// Whoever has no account yet reads times in the zone of their browser.
for (const time of document.querySelectorAll("time[data-own-zone]")) {
  const at = new Date(time.dateTime);
  const day = { weekday: "long", day: "numeric", month: "long", timeZone: own };
  if (at.getFullYear() !== new Date().getFullYear()) day.year = "numeric";
  const hour = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: own };
  const words = {
    day: new Intl.DateTimeFormat(root.lang, day).format(at).replace(",", ""),
    hour: new Intl.DateTimeFormat(root.lang, hour).format(at),
    city: own.split("/").pop().replaceAll("_", " "),
  };
  time.textContent = time.dataset.ownZone.replace(/{(\w+)}/g, (_all, name) => words[name] ?? "");
}

// After a mistake, the summary is read first.
document.querySelector("[data-focus]")?.focus();

// Why a passkey did not work is said on the page, by the name that the browser has for it.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const sentences = [...document.querySelectorAll("[data-passkey-failed]")];
  const named = sentences.find((said) => said.dataset.passkeyFailed.split(" ").includes(event.detail.exception?.name));
  for (const said of sentences) said.hidden = said !== (named ?? sentences[0]);
});

// What is there to be copied is selected when it is touched, and copied by its button, which says so.
for (const input of document.querySelectorAll("[data-copy]")) {
  input.addEventListener("focus", () => input.select());
}
for (const button of document.querySelectorAll("[data-copies]")) {
  const input = document.getElementById(button.dataset.copies);
  button.hidden = false;
  button.addEventListener("click", async () => {
    // Outside HTTPS a browser copies nothing but what is selected.
    if (navigator.clipboard) await navigator.clipboard.writeText(input.value);
    else input.select(), document.execCommand("copy");
    button.querySelector("[role=status]").textContent = button.dataset.copied;
  });
}

// Printing needs the browser's own dialogue; without script its menu has it.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// A menu, and a question that a press has opened, close with Escape, and the focus goes back to what opened them; a menu
// also when something else is pressed.
const opened = "details[open]:is([data-menu], .asked)";
document.addEventListener("keydown", (event) => {
  const here = event.key === "Escape" && (event.target.closest(opened) ?? document.querySelector(opened));
  if (!here) return;
  here.open = false;
  here.querySelector("summary").focus();
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[open][data-menu]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
