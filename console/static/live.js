// What moves by itself: numbers that the page shows already, replaced where they stand. Nothing else is touched.
"use strict";

function put(name, value) {
  for (const one of document.querySelectorAll(`[data-figure="${CSS.escape(name)}"]`)) {
    if (one.textContent !== String(value)) one.textContent = value;
  }
}

// One line of those that share a place; the others make room for it.
function say(what) {
  for (const one of document.querySelectorAll(".stack > [data-line]")) one.hidden = !one.matches(what);
}

function figures(told) {
  for (const name of ["people", "settled", "sent", "inbox", "failed", "uncertain", "left", "opened"]) put(name, told[name]);
  const bar = document.querySelector("[data-bar]");
  bar.max = told.people || 1;
  bar.value = told.settled;
  const eta = document.querySelector("[data-eta]");
  eta.textContent = told.seconds_left ? `，大约还要 ${Math.ceil(told.seconds_left / 60)} 分钟` : "";
  for (const one of document.querySelectorAll("[data-reason]")) {
    const count = told.reasons[one.dataset.reason] || 0;
    one.hidden = !count;
    one.querySelector("b").textContent = count;
  }
  document.querySelector("[data-no-reasons]").hidden = Object.keys(told.reasons).length > 0;
  if (told.over) over(told.state); else changed(told.state);
}

function over(state) {
  const words = document.querySelector("[data-words]");
  words.textContent = words.dataset[state] || words.textContent;
  say("[data-over]");
}

// Somebody else has paused it, or the night has: the buttons stay where they are, and a line says so.
function changed(state) {
  if (state === document.querySelector("[data-state]").dataset.state) { say("[data-goes]"); return; }
  for (const one of document.querySelectorAll("[data-state-is]")) one.hidden = one.dataset.stateIs !== state;
  say("[data-changed]");
}

function counts(told) {
  let more = false;
  for (const [name, value] of Object.entries(told.counts)) {
    const one = document.querySelector(`[data-count="${CSS.escape(name)}"]`);
    if (!one) continue;
    const before = Number.parseInt(one.textContent, 10);
    if (value > before) more = true;
    one.textContent = value >= told.most ? `${value}+` : value;
  }
  const hot = told.counts.urgent || 0;
  document.title = hot ? `(${hot} 紧急) ${document.title.replace(/^\(.*?\) /, "")}` : document.title.replace(/^\(.*?\) /, "");
  if (more) say("[data-fresh]");
}

for (const card of document.querySelectorAll("[data-live]")) {
  const source = new EventSource(card.dataset.live);
  const end = () => { source.close(); say("[data-ended]"); };
  source.addEventListener("figures", (event) => {
    const told = JSON.parse(event.data);
    figures(told);
    if (told.over) source.close();
  });
  source.addEventListener("open", () => { if (!document.querySelector(".stack > [data-line]:not([hidden])")) say("[data-goes]"); });
  source.addEventListener("counts", (event) => counts(JSON.parse(event.data)));
  source.addEventListener("ended", end);
  // A browser comes again by itself; where it is not let in any more it gives up.
  source.addEventListener("error", () => { if (source.readyState === EventSource.CLOSED) end(); });
  addEventListener("pagehide", () => source.close());
}
