// The map: a garment that is pointed at, or has the keyboard, is shown larger. Comes after choose.js.
const SOON = 90; // milliseconds that a pointer rests before its garment is fetched
let shown = null; // the link whose garment is shown
let byTouch = false;
let waiting;

const peek = () => element.querySelector(".peek");
const at = (link) => ["--x", "--y"].map((name) => Number(link.style.getPropertyValue(name)));
const hide = () => {
  clearTimeout(waiting);
  shown?.classList.remove("shown");
  shown = null;
  if (peek()) peek().hidden = true;
};
const show = (link) => {
  if (link === shown) return;
  hide();
  shown = link;
  link.classList.add("shown");
  const [card, map] = [peek(), element.querySelector(".map")];
  const picture = card.querySelector("img");
  card.href = link.href;
  card.querySelector("b").textContent = link.getAttribute("aria-label");
  card.querySelector("span").textContent = link.getAttribute("aria-description") ?? "";
  picture.removeAttribute("src");
  for (const name of ["--x", "--y"]) card.style.setProperty(name, link.style.getPropertyValue(name));
  card.hidden = false;
  // Beside the garment, on the side with more room, and within what is in view of the map.
  const [box, edge] = [link.getBoundingClientRect(), map.getBoundingClientRect()];
  const left = box.left + box.width / 2 < edge.left + edge.width / 2 ? box.right + 8 : box.left - card.offsetWidth - 8;
  const top = box.top + box.height / 2 - card.offsetHeight / 2;
  const inside = (value, least, most) => Math.max(least, Math.min(value, most));
  const [upper, lower] = [Math.max(edge.top, 0), Math.min(edge.bottom, innerHeight)];
  card.style.left = `${inside(left - edge.left, 0, edge.width - card.offsetWidth)}px`;
  card.style.top = `${inside(top, upper, lower - card.offsetHeight) - edge.top}px`;
  waiting = setTimeout(async () => {
    const address = await server.show(new URL(link.href).searchParams.get("photo"));
    if (address && link === shown) picture.src = address;
  }, SOON);
};
const linkOf = (event) => event.target.closest(".ground a");

element.addEventListener("pointerdown", (event) => (byTouch = event.pointerType === "touch"), true);
element.addEventListener("pointerover", (event) => {
  if (event.pointerType === "touch") return;
  if (linkOf(event)) show(linkOf(event));
  else if (!event.target.closest(".peek")) hide();
});
element.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && hide());
element.addEventListener("click", (event) => {
  const link = linkOf(event);
  if (link && byTouch && event.detail && link !== shown) {
    event.preventDefault(); // the first tap shows, the second searches
    show(link);
  } else if (byTouch && !link && !event.target.closest(".peek")) hide();
});
element.addEventListener("focusin", (event) => {
  const link = linkOf(event);
  if (!link) return;
  element.querySelector(".ground [tabindex='0']").tabIndex = -1;
  link.tabIndex = 0;
  if (!byTouch) show(link);
});
element.addEventListener("focusout", () => !byTouch && hide());
element.addEventListener("scroll", () => shown !== document.activeElement && hide(), true);

const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
element.addEventListener("keydown", (event) => {
  if (event.key === "Escape") hide();
  const [way, link] = [WAYS[event.key], linkOf(event)];
  if (!way || !link) return;
  event.preventDefault();
  byTouch = false;
  const [x, y] = at(link);
  let [next, least] = [null, Infinity];
  for (const other of element.querySelectorAll(".ground a")) {
    const [across, down] = [at(other)[0] - x, at(other)[1] - y];
    const [ahead, aside] = way[0] ? [across * way[0], Math.abs(down)] : [down * way[1], Math.abs(across)];
    if (ahead > 0 && ahead + 3 * aside < least) [next, least] = [other, ahead + 3 * aside];
  }
  next?.focus();
});
watch("value", () => {
  shown = null;
  const view = element.querySelector(".map .view");
  if (view) view.scrollTo((view.scrollWidth - view.clientWidth) / 2, (view.scrollHeight - view.clientHeight) / 2);
});
