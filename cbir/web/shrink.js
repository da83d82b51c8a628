// Photos that are larger than a search looks at are made smaller here before they are sent.
const LONGEST = 2048; // pixels of the longer side: a box drawn on a tenth of it still has all that the network sees
const HEAVY = 1_000_000; // bytes: what is lighter is sent as it is
const LOCAL = ["localhost", "127.0.0.1", "[::1]"]; // nothing is gained where nothing is sent far
const PLACES = "#photo, #bring"; // where photos are brought
const seen = new WeakSet();

// Gives files to an input as if they had been chosen there.
const give = (input, files) => {
  if (!input) return;
  const carrier = new DataTransfer();
  for (const file of files) carrier.items.add(file);
  input.files = carrier.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
};
// The same where files are brought one after the other: those that come while others are on their way wait for them.
const waiting = [];
let handing = null;
const isReady = (place) => place.querySelector("input[type=file]") && place.querySelectorAll("button").length === 1;
const hand = (place, files) => {
  if (place.id === "photo") {
    give(place.querySelector("input[type=file]"), [files[0]]);
    return;
  }
  waiting.push(...files);
  handing ??= (async () => {
    while (waiting.length) {
      if (isReady(place)) give(place.querySelector("input[type=file]"), waiting.splice(0));
      await new Promise((done) => setTimeout(done, 200));
    }
    handing = null;
  })();
};
// Some browsers give noise instead of what was drawn, so that nobody is known again by it.
const isTrue = (context) => {
  context.fillStyle = "#123456";
  context.fillRect(0, 0, 1, 1);
  return String(context.getImageData(0, 0, 1, 1).data) === "18,52,86,255";
};
const shrink = async (file) => {
  const whole = await createImageBitmap(file);
  const scale = LONGEST / Math.max(whole.width, whole.height);
  if (scale >= 1) return file;
  const small = new OffscreenCanvas(Math.round(scale * whole.width), Math.round(scale * whole.height));
  const context = small.getContext("2d");
  if (!isTrue(context)) return file;
  context.imageSmoothingQuality = "high";
  context.drawImage(whole, 0, 0, small.width, small.height);
  whole.close();
  const blob = await small.convertToBlob({ type: "image/jpeg", quality: 0.92 });
  return blob.size < file.size ? new File([blob], file.name, { type: blob.type }) : file;
};
const isHeavy = (file) => !seen.has(file) && file.type === "image/jpeg" && file.size > HEAVY;
document.addEventListener(
  "change",
  async (event) => {
    const input = event.target;
    const place = input.matches?.("input[type=file]") && input.closest(PLACES);
    if (!place || LOCAL.includes(location.hostname)) return;
    const files = [...input.files];
    if (!files.some(isHeavy)) return;
    event.stopImmediatePropagation();
    place.classList.add("prepares");
    const sent = [];
    // What cannot be read here may be readable there, and is told there if it is not.
    for (const file of files) sent.push(isHeavy(file) ? await shrink(file).catch(() => file) : file);
    sent.forEach((file) => seen.add(file));
    place.classList.remove("prepares");
    hand(place, sent);
  },
  true,
);
document.addEventListener(
  "drop",
  (event) => {
    const place = event.target.closest?.(PLACES);
    if (!place || !event.dataTransfer.files.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    hand(place, event.dataTransfer.files);
  },
  true,
);
