// Ticking cases without the mouse: X ticks the line one is on, J and K go down and up, and how many are ticked is said.
"use strict";

const ticks = [...document.querySelectorAll('input[type="checkbox"][name^="case-"]')];
const all = document.getElementById("all");
const count = document.getElementById("ticked");

function say() {
  const chosen = ticks.filter((one) => one.checked).length;
  if (count) count.textContent = chosen ? `勾了 ${chosen} 件` : "";
  if (all) { all.checked = chosen === ticks.length; all.indeterminate = chosen > 0 && chosen < ticks.length; }
}

function here() {
  const line = document.activeElement && document.activeElement.closest("tr, li");
  return line ? ticks.findIndex((one) => line.contains(one)) : -1;
}

function keys(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || !ticks.length) return;
  const at = event.target;
  if (at instanceof HTMLElement && at.matches("select, textarea, input:not([type=checkbox])")) return;
  if (document.documentElement.classList.contains("no-keys")) return;
  const key = event.key.toLowerCase();
  if (key === "x") {
    const one = ticks[Math.max(here(), 0)];
    one.checked = !one.checked;
    one.focus();
    say();
  } else if (key === "j" || key === "k") {
    const next = here() + (key === "j" ? 1 : -1);
    if (next >= 0 && next < ticks.length) ticks[next].focus();
  } else return;
  event.preventDefault();
}

if (all) {
  all.closest("[hidden]").hidden = false;
  all.addEventListener("change", () => { for (const one of ticks) one.checked = all.checked; say(); });
}
document.addEventListener("keydown", keys);
document.addEventListener("change", say);
addEventListener("pageshow", say);
