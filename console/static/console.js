// What the browser does not do by itself: one key for each step, chosen sentences into their field, and one click a form.
"use strict";

const KEYS_OFF = "wangge-keys-off";

function off() {
  try { return localStorage.getItem(KEYS_OFF) === "yes"; } catch { return false; }
}

function turn() {
  try { localStorage.setItem(KEYS_OFF, off() ? "no" : "yes"); } catch { /* it then lasts as long as the page */ }
  document.documentElement.classList.toggle("no-keys");
}

function writing(one) {
  return one instanceof HTMLElement && one.matches("input, select, textarea, [contenteditable]");
}

function follow(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (event.key === "Escape" && writing(document.activeElement)) {
    document.activeElement.blur();
    return;
  }
  if (writing(event.target)) return;
  if (event.key === "?") { turn(); return; }
  if (document.documentElement.classList.contains("no-keys")) return;
  const found = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!found) return;
  event.preventDefault();
  if (found.tagName === "SUMMARY") {
    found.parentElement.open = true;
    found.parentElement.querySelector("input:not([type=hidden]), select, textarea").focus();
  } else {
    // A button is reached, not pressed: Enter takes the step.
    found.focus();
  }
}

function fill(event) {
  const into = event.target.dataset && event.target.dataset.fills;
  if (into && event.target.value) document.getElementById(into).value = event.target.value;
}

function once(event) {
  if (event.target.method !== "post" || "stays" in event.target.dataset) return;  // what is saved as a file leaves the page there
  // Once the form has been read: a button that is off already would not say that it was the one.
  setTimeout(() => { for (const button of event.target.querySelectorAll("button")) button.disabled = true; });
}

document.documentElement.classList.toggle("no-keys", off());
for (const hint of document.querySelectorAll(".keys")) hint.hidden = false;
document.addEventListener("keydown", follow);
document.addEventListener("change", fill);
document.addEventListener("submit", once);
// A page that comes back by the Back button has its buttons again.
addEventListener("pageshow", () => document.querySelectorAll("button:disabled").forEach((one) => { one.disabled = false; }));
