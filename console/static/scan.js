// Presses 继续 as soon as the phone has said yes; without it one presses it oneself.
"use strict";

const going = document.querySelector("form[data-state]");
const said = document.querySelector("[data-said-scanned]");
const until = Date.now() + 130000;

async function look() {
  let state = "";
  try { state = (await (await fetch(going.dataset.state, { cache: "no-store" })).json()).state; } catch { /* asked again */ }
  if (state === "confirmed") { going.requestSubmit(); return; }
  if (state === "refused" || state === "over") { location.reload(); return; }
  if (state === "scanned" && said.textContent !== said.dataset.saidScanned) said.textContent = said.dataset.saidScanned;
  if (Date.now() < until) setTimeout(look, 2000);
}

if (going) setTimeout(look, 2000);
