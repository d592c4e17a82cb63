// What slides up from the bottom of a phone: who you are, scanning, photo, voice, place, the mini program's codes.

import { dressAvatar, make } from "./bubbles.js";

/** Wire the sheets of one phone. `phone` is the Phone of phone.js. */
export function wireSheets(phone) {
  const one = (selector) => phone.root.querySelector(selector);

  for (const opener of phone.root.querySelectorAll("[data-open]")) {
    opener.addEventListener("click", () => open(opener.dataset.open));
  }
  one("[data-shade]").addEventListener("click", close);
  for (const closer of phone.root.querySelectorAll("[data-close]")) closer.addEventListener("click", close);
  phone.root.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });

  let openedBy = null;

  async function open(name) {
    if (name !== "people" && !phone.person) name = "people";
    close();
    openedBy = document.activeElement;
    const sheet = one(`[data-sheet="${name}"]`);
    sheet.hidden = false;
    one("[data-shade]").hidden = !phone.person;
    if (name === "people") await fillPeople();
    if (name === "scan") await fillScenes();
    if (name === "mini") one("[data-code-text]").textContent = "";
    sheet.querySelector("input:not([type=file]), textarea, button")?.focus({ preventScroll: true });
  }

  function close() {
    for (const sheet of phone.root.querySelectorAll("[data-sheet]")) sheet.hidden = true;
    one("[data-shade]").hidden = true;
    phone.showPanel(false);
    if (openedBy?.isConnected && !openedBy.closest("[data-panel]")) openedBy.focus({ preventScroll: true });
    openedBy = null;
  }

  async function fillPeople() {
    const answer = await phone.ask("phones");
    if (!answer) return;
    const rows = answer.phones.map((person) => {
      const avatar = make("span", { class: "avatar", "aria-hidden": "true" });
      dressAvatar(avatar, person);
      const state = make("small", {}, person.following ? "已关注" : "还没关注");
      const here = phone.person?.id === person.id;
      return make("li", {}, make("button", { type: "button", "data-person": person.id, "aria-current": here ? "true" : null }, avatar, person.name, state));
    });
    one("[data-people]").replaceChildren(...rows);
  }

  one("[data-people]").addEventListener("click", (event) => {
    const button = event.target.closest("[data-person]");
    if (!button) return;
    close();
    if (String(phone.person?.id) !== button.dataset.person) phone.become(button.dataset.person);
  });

  one("[data-new-person]").addEventListener("submit", async (event) => {
    event.preventDefault();
    const input = one("[data-new-name]");
    const person = await phone.ask("phones", { name: input.value });
    if (!person) return;
    input.value = "";
    close();
    phone.become(person.id);
  });

  async function fillScenes() {
    const answer = await phone.ask("scenes");
    if (!answer) return;
    const rows = answer.scenes.map((scene) =>
      make(
        "li",
        {},
        make(
          "button",
          { type: "button", "data-scene": scene.scene, "data-ticket": scene.ticket, disabled: scene.expired },
          make("b", {}, scene.scene),
          make("small", {}, scene.expired ? "已过期" : scene.url),
        ),
      ),
    );
    const none = make("li", { class: "hint" }, "还没有二维码。公众号生成以后，这里就会列出来。");
    one("[data-scenes]").replaceChildren(...(rows.length ? rows : [none]));
  }

  one("[data-scenes]").addEventListener("click", (event) => {
    const button = event.target.closest("[data-ticket]");
    if (button) act("scan", { ticket: button.dataset.ticket });
  });

  one("[data-scan-form]").addEventListener("submit", (event) => {
    event.preventDefault();
    const input = one("[data-scan-code]");
    act("scan", { code: input.value }).then((done) => {
      if (done) input.value = "";
    });
  });

  one("[data-sample-photo]").addEventListener("click", () => act("photo", {}));

  one("[data-photo-file]").addEventListener("change", (event) => {
    const [file] = event.target.files;
    if (!file) return;
    const form = new FormData();
    form.append("wait", "false");
    form.append("photo", file, file.name);
    event.target.value = "";
    act("photo", form);
  });

  one("[data-voice-form]").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = one("[data-voice-text]");
    act("voice", { recognition: text.value.trim(), seconds: Number(one("[data-voice-seconds]").value) }).then((done) => {
      if (done) text.value = "";
    });
  });

  one("[data-place-form]").addEventListener("submit", (event) => {
    event.preventDefault();
    act("place", {
      label: one("[data-place-label]").value,
      latitude: Number(one("[data-place-latitude]").value),
      longitude: Number(one("[data-place-longitude]").value),
    });
  });

  for (const button of phone.root.querySelectorAll("[data-code]")) {
    button.addEventListener("click", async () => {
      const made = await phone.ask(`phones/${phone.person.id}/${button.dataset.code}`, {});
      if (made) one("[data-code-text]").textContent = made.code;
    });
  }

  one("[data-unfollow]").addEventListener("click", () => act("unfollow", {}));

  async function act(name, body) {
    close();
    return phone.act(name, body);
  }

  return { open, close };
}
