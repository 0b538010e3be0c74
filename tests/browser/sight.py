"""What can be seen of a page by whoever goes by keyboard, enlarges it, or has the system's own colours: asked inside it."""

from playwright.sync_api import Page

# Each control in turn gets the focus, down the page and up again: what of it lies under a bar that stays, or outside the
# window. Of what is as high as a text area less than half may, since the window shows where one writes.
HIDDEN = """() => {
  const wrong = new Set();
  const stay = (e) => ["fixed", "sticky"].includes(getComputedStyle(e).position);
  const bars = [...document.querySelectorAll("body *")].filter(stay);
  const all = [...document.querySelectorAll("a[href], button, summary, select, textarea, input:not([type=hidden]), [tabindex='0']")]
    .filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.disabled);
  const look = (e) => {
    e.focus();
    if (document.activeElement !== e) return;
    const box = e.getBoundingClientRect();
    let left = Math.max(0, box.left), right = Math.min(innerWidth, box.right);
    let top = Math.max(0, box.top), bottom = Math.min(innerHeight, box.bottom);
    for (const bar of bars.filter((one) => !one.contains(e) && !e.contains(one))) {
      const at = bar.getBoundingClientRect();
      if (at.top >= bottom || at.bottom <= top || at.left >= right || at.right <= left) continue;
      if (at.left > left || at.right < right) at.left <= left ? left = at.right : right = at.left;
      else at.top <= top ? top = at.bottom : bottom = at.top;
    }
    const high = Math.min(box.height * (box.height < 60 ? 0.9 : 0.45), 60), wide = Math.min(box.width, innerWidth) * 0.65;
    if (bottom - top < high || right - left < wide)
      wrong.add(`of ${(e.ariaLabel || e.textContent || e.name).trim().replace(/\\s+/g, " ").slice(0, 40)} only ` +
        `${Math.round(right - left)} x ${Math.round(bottom - top)} can be seen at ${innerWidth} x ${innerHeight}`);
  };
  scrollTo(0, 0);
  all.forEach(look);
  all.reverse().forEach(look);
  document.activeElement.blur();
  scrollTo(0, 0);
  return [...wrong];
}"""
# In forced colours: what has no edge or cannot be read, and what is chosen, current or pressed and looks like its neighbour.
UNSEEN = """() => {
  const wrong = new Set();
  const said = (e) => (e.ariaLabel || e.textContent || e.name || e.type || "").trim().replace(/\\s+/g, " ").slice(0, 40);
  const shown = (e) => e.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    && !e.closest(".vh, .skip") && e.getBoundingClientRect().width > 1;
  const clear = (colour) => colour === "transparent" || /^rgba.*, 0\\)$/.test(colour);
  const behind = (e) => {
    for (let at = e; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!clear(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const edged = (style) => ["Top", "Right", "Bottom", "Left"].some((at) =>
    parseFloat(style[`border${at}Width`]) > 0 && style[`border${at}Style`] !== "none" && !clear(style[`border${at}Color`]));
  const fields = "select, textarea, input:not([type=hidden], [type=radio], [type=checkbox])";
  for (const e of document.querySelectorAll(`.btn, ${fields}`)) {
    if (!shown(e)) continue;
    const style = getComputedStyle(e);
    if (style.color === behind(e)) wrong.add(`cannot be read: ${said(e)}`);
    if (!edged(style)) wrong.add(`has no edge: ${said(e)}`);
  }
  const parts = [
    "backgroundColor", "color", "outlineStyle", "outlineWidth", "borderBlockEndColor", "borderInlineStartColor",
    "borderBlockEndWidth", "fontWeight", "textDecorationLine", "content", "display",
  ];
  const looks = (e) => [e, ...e.children].flatMap((one) => ["", "::before", "::after"].map((pseudo) => {
    const style = getComputedStyle(one, pseudo || null);
    return parts.map((part) => style[part]).join();
  })).join();
  for (const e of document.querySelectorAll("[aria-pressed=true], a[aria-current], input:checked")) {
    if (e.matches("input") && shown(e) && getComputedStyle(e).appearance !== "none") continue;
    const one = e.matches("input") ? e.closest("label") || document.querySelector(`label[for="${e.id}"]`) : e;
    const on = (other) => e.matches("input") ? other.querySelector("input")?.checked : other.matches("[aria-pressed=true], [aria-current]");
    const like = (other) => other !== one && !on(other) && shown(other) && other.classList[0] === one.classList[0];
    let at = one.parentElement, others = [];
    while (at && shown(one) && !(others = [...at.querySelectorAll(one.tagName)].filter(like)).length) at = at.parentElement;
    if (others.length && looks(one) === looks(others[0])) wrong.add(`${said(one)} looks like ${said(others[0])}`);
  }
  return [...wrong];
}"""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def out_of_focus(page: Page, name: str, *sizes: tuple[int, int]) -> list[str]:
    """What of a page goes sideways, or is hidden while it has the focus, at these sizes."""
    wrong = []
    was = page.viewport_size
    assert was
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        wide = page.evaluate(WIDER)
        wrong += [f"{name}: {wide} px too wide at {width}"] if wide > 0 else []
        wrong += [f"{name}: {one}" for one in page.evaluate(HIDDEN)]
    page.set_viewport_size(was)
    return wrong


def without_colours(page: Page, name: str) -> list[str]:
    """What is lost where the system gives the colours."""
    page.emulate_media(forced_colors="active")
    wrong = [f"{name}, forced colours: {one}" for one in page.evaluate(UNSEEN)]
    page.emulate_media(forced_colors="none")
    return wrong
