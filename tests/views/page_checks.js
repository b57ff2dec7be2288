"use strict";

// Runs in a page around frames of one report, each of another width; what it finds ends up in #found as JSON.

const luminance = (rgb) => {
  const [red, green, blue] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
const contrast = (one, other) => {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};
const backgroundOf = (view, element) => {
  const disc = element.closest(".mark")?.querySelector("circle");
  if (disc) return channels(view.getComputedStyle(disc).fill).slice(0, 3);
  for (let around = element; around; around = around.parentElement) {
    const colour = channels(view.getComputedStyle(around).backgroundColor);
    if (colour.length < 4 || colour[3] > 0) return colour.slice(0, 3);
  }
  return [255, 255, 255];
};
const ownText = (element) =>
  [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.textContent).join("").trim();
const isShown = (element) => element.checkVisibility() && element.getClientRects().length > 0;

const leastContrast = (view) => {
  let least = { ratio: 21, text: "" };
  for (const element of view.document.body.querySelectorAll("*")) {
    if (!ownText(element) || !isShown(element) || element.closest("title, script, .hidden")) continue;
    const style = view.getComputedStyle(element);
    const colour = channels(element.tagName === "text" ? style.fill : style.color);
    const ratio = contrast(colour.slice(0, 3), backgroundOf(view, element));
    if (ratio < least.ratio) least = { ratio, text: ownText(element) };
  }
  return least;
};

const smallestText = (view) => {
  let least = { height: Infinity, text: "" };
  for (const element of view.document.querySelectorAll("svg text")) {
    const height = element.getBoundingClientRect().height;
    if (isShown(element) && height < least.height) least = { height, text: element.textContent };
  }
  return least;
};

const unreachable = (view) => {
  const found = [];
  for (const element of view.document.querySelectorAll("a, button, input, summary, audio[controls], [tabindex='0']")) {
    if (!isShown(element)) continue;
    element.scrollIntoView({ block: "center", behavior: "instant" });
    element.focus();
    const name = element.getAttribute("aria-label") || element.textContent.trim();
    const box = element.getClientRects()[0];
    const hit = view.document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    const isOnTop = element.classList.contains("skip") || element.contains(hit);
    const outline = view.getComputedStyle(element).outlineStyle;
    if (view.document.activeElement !== element || !name || !isOnTop || outline === "none") {
      found.push(`${element.tagName} ${name || element.outerHTML.slice(0, 80)}`);
    }
  }
  return found;
};

const used = async (view) => {
  const article = view.document.querySelector("article");
  const slider = article.querySelector("input");
  const length = Number(article.dataset.duration);
  const cells = Number(slider.max) + 1;
  const audio = article.querySelector("audio");
  const cursor = article.querySelector(".cursor");
  const found = { cells };

  slider.value = Math.floor(cells / 2);
  slider.dispatchEvent(new view.Event("input"));
  found.slider = parseFloat(cursor.style.left) / 100;
  found.expected_slider = Math.floor(cells / 2) / cells;
  found.read = article.querySelector(".now[data-emotion=tension]").textContent;
  found.cell = Number(slider.value);

  const timeline = article.querySelector(".timeline");
  timeline.scrollIntoView({ block: "center", behavior: "instant" });
  const box = timeline.getBoundingClientRect();
  const at = { clientX: box.left + box.width * 0.25, clientY: box.top + 5, bubbles: true };
  timeline.dispatchEvent(new view.PointerEvent("pointerdown", at));
  found.click = parseFloat(cursor.style.left) / 100;

  const jump = [...article.querySelectorAll("button.jump")].at(-1);
  jump.click();
  found.jump = (parseFloat(cursor.style.left) / 100) * length;
  found.expected_jump = Number(jump.dataset.time);
  if (audio) {
    if (!(audio.readyState > 0)) {
      await new Promise((done) => {
        audio.addEventListener("loadedmetadata", done, { once: true });
        audio.addEventListener("error", done, { once: true });
      });
    }
    jump.click();
    found.audio_error = audio.error && audio.error.message;
    found.audio_duration = audio.duration;
    found.audio_time = audio.currentTime;
    found.duration = length;
  }
  return found;
};

const check = async (frame) => {
  const view = frame.contentWindow;
  const page = view.document;
  for (const details of page.querySelectorAll("details")) details.open = true;
  return {
    width: frame.clientWidth,
    scroll_width: page.documentElement.scrollWidth,
    background: channels(view.getComputedStyle(page.body).backgroundColor),
    contrast: leastContrast(view),
    unreachable: unreachable(view),
    smallest_text: smallestText(view),
    used: page.querySelector("article input") && (await used(view)),
  };
};

window.addEventListener("load", async () => {
  const frames = [...document.querySelectorAll("iframe")];
  const found = [];
  for (const frame of frames) found.push(await check(frame));
  document.getElementById("found").textContent = JSON.stringify(found);
});
