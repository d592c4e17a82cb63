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

// What is in the page's own parts now, as a link would show it; where that cannot be had, the link is followed.
async function renew(link) {
  const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) throw new Error("not this page");
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const parts = [...document.querySelectorAll("[data-part]")].map((one) => [one, fresh.querySelector(`[data-part="${one.dataset.part}"]`)]);
  if (!parts.length || parts.some(([, now]) => !now)) throw new Error("not this page");
  for (const [before, now] of parts) exchange(before, now);
  for (const one of fresh.querySelectorAll("[data-count]")) {
    document.querySelector(`[data-count="${CSS.escape(one.dataset.count)}"]`).textContent = one.textContent;
  }
}

// Nothing above them moves, and what had the focus keeps it.
function exchange(before, now) {
  const focused = before.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  const known = new Set([...before.querySelectorAll("a")].map((one) => one.getAttribute("href")));
  if (now.dataset.part === "queue") {
    for (const one of now.querySelectorAll(".lines a")) {
      if (known.has(one.getAttribute("href"))) continue;
      const tag = Object.assign(document.createElement("span"), { className: "tag accepted", textContent: "新" });
      one.before(tag, " ");
    }
  }
  before.replaceWith(document.adoptNode(now));
  if (focused) (now.querySelector(`a[href="${CSS.escape(focused)}"]`) || now.querySelector("h2")).focus({ preventScroll: true });
}

for (const link of document.querySelectorAll("[data-renews]")) {
  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.getAttribute("aria-busy")) return;
    link.setAttribute("aria-busy", "true");
    try {
      await renew(link);
      // The link goes: whoever was on it is led to what it has brought.
      if (document.activeElement === link) document.getElementById("queue").focus({ preventScroll: true });
      say("[data-renewed]");
    } catch {
      location.assign(link.href);
    }
    link.removeAttribute("aria-busy");
  });
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
