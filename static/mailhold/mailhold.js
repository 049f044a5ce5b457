// Comfort only: every page works without this file.
"use strict";

// A second press within ten seconds, while the first is on its way, does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (Date.now() - form.dataset.sentAt < 1e4) event.preventDefault();
  else form.dataset.sentAt = Date.now();
});
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sentAt;
});

// The time left: written every second for the eyes, spoken only at 60 and at 10 seconds.
for (const box of document.querySelectorAll("[data-countdown-until]")) {
  const until = Date.parse(box.dataset.countdownUntil);
  // The page was made by the server's clock; the reader's may be wrong.
  const skew = Date.parse(box.dataset.countdownNow) - Date.now() || 0;
  const timer = box.querySelector("[role=timer]");
  const bar = box.querySelector("progress");
  const voice = box.querySelector("[role=status]");
  const started = Date.parse(box.dataset.countdownFrom);
  let spoken = 0;
  const show = () => {
    const left = Math.max(0, Math.ceil((until - Date.now() - skew) / 1000));
    const pad = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(left / 3600);
    const minutes = Math.floor(left / 60) % 60;
    timer.textContent = (hours ? hours + ":" + pad(minutes) : minutes) + ":" + pad(left % 60);
    if (bar && started < until) bar.value = 1 - (left * 1000) / (until - started);
    const step = left === 0 ? 3 : left <= 10 ? 2 : left <= 60 ? 1 : 0;
    if (voice && step > spoken) {
      voice.textContent = step === 3 ? box.dataset.over : box.dataset.say.replace("{n}", left);
    }
    spoken = Math.max(spoken, step);
    if (left === 0) clearInterval(clock);
  };
  const clock = setInterval(show, 1000);
  box.hidden = false;
  show();
}

// What goes on by itself is fetched anew every few seconds, and the whole page once it has ended.
for (const part of document.querySelectorAll("[data-watch]")) {
  const look = async () => {
    const response = await fetch(location.href).catch(() => null);
    if (response?.ok) {
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const fresh = page.querySelector("[data-watch]");
      if (!fresh) return location.reload();
      part.replaceChildren(...fresh.childNodes);
    }
    setTimeout(look, part.dataset.watch * 1000);
  };
  setTimeout(look, part.dataset.watch * 1000);
}

for (const part of document.querySelectorAll("[data-needs-script]")) part.hidden = false;
