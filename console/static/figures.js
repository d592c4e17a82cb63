// A file that is being made: asks now and then how far it is, until it is done. Without this, a link does the same.
"use strict";

const EVERY = 2000;

async function look() {
  const shown = document.querySelector("[data-poll=yes]");
  if (!shown) return;
  try {
    const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
    const fresh = answer.ok && !answer.redirected
      ? new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(shown.id) : null;
    // Whoever stands on a button there keeps it until they have moved on.
    if (fresh && !shown.contains(document.activeElement)) shown.replaceWith(document.adoptNode(fresh));
  } catch { /* away for a moment: the next look will tell */ }
  setTimeout(look, EVERY);
}

setTimeout(look, EVERY);

// A list that was saved by Excel in China is GBK unless it says UTF-8.
function decoded(bytes) {
  try { return new TextDecoder("utf-8", { fatal: true }).decode(bytes); } catch { return new TextDecoder("gbk").decode(bytes); }
}

async function read(event) {
  const into = event.target.dataset && event.target.dataset.reads;
  if (into && event.target.files[0]) document.getElementById(into).value = decoded(await event.target.files[0].arrayBuffer());
}

for (const one of document.querySelectorAll("[data-with-script]")) one.hidden = false;
document.addEventListener("change", read);
