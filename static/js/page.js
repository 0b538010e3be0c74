// Small comforts of ordinary pages. Everything works without them.

const root = document.documentElement;
root.classList.add("script");

// The theme switch answers at once; without script its button does.
for (const form of document.querySelectorAll("[data-theme-form]")) {
  form.addEventListener("change", () => form.requestSubmit());
}

// Guess the time zone from the browser; the person sees it and confirms by sending the form.
for (const select of document.querySelectorAll("select[data-guess-zone]")) {
  const guess = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const named = (option) => option.value === guess || option.dataset.also?.split(" ").includes(guess);
  if (!select.value) select.value = [...select.options].find(named)?.value ?? "";
}

// A menu closes as menus do: by Escape, which gives the focus back, and by a press anywhere else.
const menus = () => document.querySelectorAll("details[data-menu][open]");
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    const within = menu.contains(document.activeElement);
    menu.open = false;
    if (within) menu.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
});

// After a mistake, the summary is read first.
document.querySelector("[data-focus]")?.focus();

// Why a passkey did not work is said on the page, by the name that the browser has for it.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const sentences = [...document.querySelectorAll("[data-passkey-failed]")];
  const named = sentences.find((said) => said.dataset.passkeyFailed.split(" ").includes(event.detail.exception?.name));
  for (const said of sentences) said.hidden = said !== (named ?? sentences[0]);
});

// A link to copy is selected when it is touched.
for (const input of document.querySelectorAll("[data-copy]")) {
  input.addEventListener("focus", () => input.select());
}

// Printing needs the browser's own dialogue; without script its menu has it.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
