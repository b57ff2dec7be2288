"use strict";

for (const article of document.querySelectorAll("article")) {
  const numbers = JSON.parse(article.querySelector("script.numbers").textContent);
  const length = Number(article.dataset.duration);
  const times = numbers.over_time.times_s;
  const place = article.querySelector(".place");
  const slider = place.querySelector("input");
  const clock = place.querySelector(".clock");
  const play = place.querySelector(".play");
  const audio = article.querySelector("audio");
  const cursors = article.querySelectorAll(".cursor");
  const readouts = article.querySelectorAll(".now");

  const said = (seconds) => {
    const whole = seconds % 1 === 0.5 ? 2 * Math.round(seconds / 2) : Math.round(seconds); // as Python
    const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    const shown = parts[0] ? parts : parts.slice(1);
    return shown.map((part, index) => (index ? String(part).padStart(2, "0") : part)).join(":");
  };
  const number = (value) => value.toFixed(1).replace("-", "\u2212").replace("\u22120.0", "0.0");
  const cellAt = (seconds) => {
    const cell = Math.floor((seconds / length) * times.length + 1e-3); // or rounding falls back a cell
    return Math.min(times.length - 1, Math.max(0, cell));
  };

  const show = (seconds) => {
    const cell = cellAt(seconds);
    slider.value = cell;
    slider.setAttribute("aria-valuetext", said(seconds));
    clock.textContent = `${said(seconds)} / ${said(length)}`;
    for (const cursor of cursors) {
      cursor.hidden = false;
      cursor.style.left = `${(100 * Math.min(seconds, length)) / length}%`;
    }
    for (const readout of readouts) {
      readout.textContent = number(numbers.over_time.emotions[readout.dataset.emotion][cell]);
    }
  };
  const go = (seconds) => {
    if (audio) audio.currentTime = seconds;
    show(seconds);
  };
  const startOf = (cell) => (length * cell) / times.length;

  place.hidden = false;
  slider.addEventListener("input", () => go(startOf(Number(slider.value))));
  for (const timeline of article.querySelectorAll(".timeline")) {
    const seek = (event) => {
      const box = timeline.getBoundingClientRect();
      const share = (event.clientX - box.left) / box.width;
      go(length * Math.min(1, Math.max(0, share)));
    };
    timeline.classList.add("seekable");
    timeline.addEventListener("pointerdown", seek);
    timeline.addEventListener("pointermove", (event) => {
      if (event.buttons) seek(event);
    });
  }
  for (const jump of article.querySelectorAll("button.jump")) {
    jump.addEventListener("click", () => go(Number(jump.dataset.time)));
  }

  if (audio) {
    audio.controls = false;
    const toggle = () => {
      if (audio.paused) {
        for (const other of document.querySelectorAll("audio")) other.pause();
        audio.play();
      } else {
        audio.pause();
      }
    };
    const follow = () => {
      show(audio.currentTime);
      if (!audio.paused) requestAnimationFrame(follow);
    };
    play.addEventListener("click", toggle);
    slider.addEventListener("keydown", (event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      toggle();
    });
    for (const change of ["play", "pause"]) {
      audio.addEventListener(change, () => {
        play.textContent = audio.paused ? "Play" : "Pause";
        follow();
      });
    }
  }
}
