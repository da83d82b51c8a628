// Keeps the page's address that of the answer, copies it, and tells what is to be saved.
const OWN = /^(photo|example|part|k|where\..*)$/; // parameters of address.py
const link = () => element.querySelector("[data-link]")?.dataset.link ?? "";

const show = (own) => {
  const others = [...new URLSearchParams(location.search)].filter(([name]) => !OWN.test(name));
  const query = [own.slice(1), new URLSearchParams(others).toString()].filter(Boolean).join("&");
  history.replaceState(history.state, "", location.pathname + (query && `?${query}`) + location.hash);
  // On huggingface.co the page is in a frame, and the address that a visitor sees is that of the page around it.
  const around = "https://huggingface.co";
  if (parent !== window && document.referrer.startsWith(`${around}/`)) {
    parent.postMessage({ queryString: own, hash: "" }, around);
  }
};
const copy = async (button) => {
  const address = location.origin + location.pathname + link();
  try {
    await navigator.clipboard.writeText(address);
    const text = button.textContent;
    button.textContent = button.dataset.copied;
    setTimeout(() => (button.textContent = text), 2000);
  } catch {
    // The browser does not let pages copy, as without https: it is selected, to be copied by hand.
    const field = document.createElement("input");
    Object.assign(field, { value: address, readOnly: true, ariaLabel: button.dataset.field });
    button.replaceWith(field);
    field.select();
  }
};
element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.save) trigger("select", { choice: button.dataset.save });
  else if (button) copy(button);
});
watch("value", () => show(link()));
