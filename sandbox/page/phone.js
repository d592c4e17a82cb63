// Two phones, each with a person of its own, and the clock above them.

import { clockText, dressAvatar, icon, make, row, separator, timeText } from "./bubbles.js";
import { wireSheets } from "./sheets.js";

const API = "/sandbox/api/";
const WAIT_SECONDS = 25;
const RETRY_MS = 1500;
const KEEP_ROWS = 600;
const NEAR_PX = 80;
const account = document.body.dataset.account;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Fetch JSON; the answer's own words become the error's. */
async function fetchJson(path, options = {}) {
  const response = await fetch(path, options).catch((problem) => {
    if (problem.name === "AbortError") throw problem;
    throw new Error("连不上服务，请看看它还在不在运行。");
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    const problem = new Error(answer.error || answer.detail || answer.title || `没成功（${response.status}）`);
    problem.status = response.status;
    throw problem;
  }
  return answer;
}

function posting(body) {
  if (body instanceof FormData) return { method: "POST", body };
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

class Clock {
  constructor() {
    this.face = document.querySelector("[data-clock]");
    this.buttons = [...document.querySelectorAll("[data-advance]")];
    this.told(this.face.dataset.now);
    setInterval(() => this.draw(), 1000);
    for (const button of this.buttons) button.addEventListener("click", () => this.advance(Number(button.dataset.advance)));
  }

  now() {
    return new Date(Date.now() + this.ahead);
  }

  told(now) {
    this.ahead = new Date(now) - Date.now();
    this.draw();
  }

  draw() {
    this.face.textContent = clockText(this.now());
    this.face.dataset.now = this.now().toISOString();
  }

  async advance(seconds) {
    for (const button of this.buttons) button.disabled = true;
    const step = posting({ advance_seconds: seconds });
    try {
      try {
        await fetchJson("/sandbox/clock", step);
      } catch (problem) {
        // Opened straight from the sandbox, the service's own clock is not at this address.
        if (problem.status !== 404) throw problem;
        await fetchJson(`${API}clock`, step);
      }
      this.told((await fetchJson(`${API}clock`)).now);
      say("");
    } catch (problem) {
      say(`时间没拨动：${problem.message}`);
    } finally {
      for (const button of this.buttons) button.disabled = false;
    }
  }
}

function say(text) {
  document.querySelector("[data-status]").textContent = text;
}

class Phone {
  constructor(root, clock) {
    this.root = root;
    this.clock = clock;
    this.slot = root.dataset.slot;
    this.person = null;
    this.menu = undefined;
    this.last = 0;
    this.previous = null;
    this.chat = this.one("[data-chat]");
    this.atEnd = true;
    this.input = this.one("[data-input]");
    this.sheets = wireSheets(this);
    this.wire();
  }

  one(selector) {
    return this.root.querySelector(selector);
  }

  wire() {
    this.one("[data-write]").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.send();
      }
    });
    this.input.addEventListener("input", () => this.fitInput());
    this.chat.addEventListener("scroll", () => {
      this.atEnd = this.chat.scrollHeight - this.chat.scrollTop - this.chat.clientHeight < NEAR_PX;
    });
    this.one("[data-more]").addEventListener("click", () => this.showPanel(this.one("[data-panel]").hidden));
    this.one("[data-toggle-bar]").addEventListener("click", () => this.showMenu(!this.root.classList.contains("with-menu")));
    this.one("[data-follow]").addEventListener("click", () => this.act("follow", {}));
    document.addEventListener("click", (event) => {
      if (!event.target.closest(".menu")) this.closeMenus();
    });
  }

  /** Ask the controls; what went wrong is shown on this phone. GET without a body, POST with one. */
  async ask(path, body) {
    try {
      return await fetchJson(API + path, body === undefined ? {} : posting(body));
    } catch (problem) {
      this.toast(problem.message);
      return null;
    }
  }

  async act(name, body) {
    if (!this.person) return null;
    const asked = body instanceof FormData ? body : { ...body, wait: false };
    return this.ask(`phones/${this.person.id}/${name}`, asked);
  }

  async send() {
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    this.fitInput();
    if (!(await this.act("say", { text }))) {
      this.input.value = text;
      this.fitInput();
    }
  }

  fitInput() {
    this.one("[data-send]").hidden = !this.input.value.trim();
    this.one("[data-more]").hidden = !!this.input.value.trim();
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 108)}px`;
  }

  showPanel(open) {
    this.one("[data-panel]").hidden = !open;
    this.one("[data-more]").setAttribute("aria-expanded", String(open));
    if (open) this.settle();
  }

  /** Be this person from now on. */
  become(id) {
    this.wanted?.abort();
    this.wanted = new AbortController();
    this.person = null;
    this.last = 0;
    this.previous = null;
    this.menu = undefined;
    this.chat.replaceChildren();
    remember(this.slot, id);
    this.follow(id, this.wanted.signal);
  }

  async follow(id, signal) {
    let wait = 0;
    let reached = true;
    while (!signal.aborted) {
      try {
        const path = `${API}phones/${encodeURIComponent(id)}/messages?after=${this.last}&wait=${wait}`;
        const answer = await fetchJson(path, { signal });
        if (signal.aborted) return;
        if (!reached) say("");
        reached = true;
        this.take(answer, wait === 0);
        wait = WAIT_SECONDS;
      } catch (problem) {
        if (signal.aborted) return;
        if (problem.status === 404) {
          remember(this.slot, "");
          this.sheets.open("people");
          return;
        }
        reached = false;
        say("连不上模拟微信，正在重试…");
        await pause(RETRY_MS);
      }
    }
  }

  take(answer, first) {
    this.clock.told(answer.now);
    this.person = answer.phone;
    this.dress();
    if (JSON.stringify(answer.menu) !== JSON.stringify(this.menu)) this.drawMenu(answer.menu);
    const { atEnd } = this;
    // A picture that arrives late moves the end away; somebody who reads further up is left in peace.
    const settle = () => this.atEnd && this.settle();
    const hands = { say: (text, id) => this.act("say", { text, menu_id: id }), settle };
    for (const message of answer.messages) {
      const time = separator(message, this.previous, this.clock.now());
      if (time) this.chat.append(time);
      this.chat.append(row(message, this.person, account, hands));
      this.previous = message;
    }
    while (this.chat.childElementCount > KEEP_ROWS) this.chat.firstElementChild.remove();
    for (const time of this.chat.querySelectorAll("[data-time]")) {
      time.textContent = timeText(new Date(time.dataset.time), this.clock.now());
    }
    this.last = answer.last;
    const mine = answer.messages.some((message) => message.direction === "to_account");
    if (first || atEnd || mine) this.settle();
    if (!first && answer.messages.length) this.root.dispatchEvent(new CustomEvent("news", { bubbles: true }));
  }

  settle() {
    this.chat.scrollTop = this.chat.scrollHeight;
  }

  dress() {
    const { person } = this;
    dressAvatar(this.one("[data-person-avatar]"), person);
    this.one("[data-person-name]").textContent = person.name;
    this.root.dataset.phone = person.id;
    this.root.dataset.following = person.following;
    this.one("[data-stranger]").hidden = person.following;
    this.one("[data-bar]").hidden = !person.following;
    this.one("[data-messages-left]").textContent = person.following ? `公众号可主动发 ${person.messages_left} 条` : "";
    this.chat.dataset.empty = person.following ? "说点什么吧。" : "扫一扫公众号的二维码，\n就可以开始聊了。";
    const tab = document.querySelector(`[data-tab="${this.slot}"]`);
    tab.textContent = person.name;
    if (!person.following) this.showPanel(false);
  }

  drawMenu(menu) {
    const before = this.menu;
    this.menu = menu;
    const buttons = (menu?.button ?? []).map((button) => this.menuButton(button));
    this.one("[data-menu]").replaceChildren(...buttons);
    this.root.classList.toggle("has-menu", buttons.length > 0);
    if (before === undefined || !buttons.length) this.showMenu(buttons.length > 0);
  }

  menuButton(button) {
    const below = button.sub_button ?? [];
    const top = make("button", { type: "button", "data-menu-name": button.name, "data-menu-key": button.key, role: "menuitem" });
    if (below.length) {
      top.append(icon("list"), button.name);
      top.setAttribute("aria-haspopup", "true");
      top.setAttribute("aria-expanded", "false");
      const list = make("div", { class: "below", role: "menu", "aria-label": button.name, hidden: true });
      list.append(...below.map((one) => this.menuButton(one)));
      top.addEventListener("click", () => {
        const open = list.hidden;
        this.closeMenus();
        list.hidden = !open;
        top.setAttribute("aria-expanded", String(open));
      });
      return make("div", { class: "group" }, top, list);
    }
    top.append(button.name);
    top.addEventListener("click", () => {
      this.closeMenus();
      if (button.type === "view" && /^https?:\/\//i.test(button.url ?? "")) window.open(button.url, "_blank", "noopener");
      this.act("menu", { name: button.name, key: button.key ?? "" });
    });
    return make("div", { class: "group" }, top);
  }

  closeMenus() {
    for (const list of this.root.querySelectorAll(".below")) list.hidden = true;
    for (const top of this.root.querySelectorAll("[aria-haspopup]")) top.setAttribute("aria-expanded", "false");
  }

  showMenu(open) {
    this.root.classList.toggle("with-menu", open);
    this.one("[data-toggle-bar] use").setAttribute("href", open ? "#i-keys" : "#i-list");
    if (open) this.showPanel(false);
  }

  toast(text) {
    const toast = this.one("[data-toast]");
    toast.textContent = text;
    toast.hidden = false;
    clearTimeout(this.toasting);
    this.toasting = setTimeout(() => {
      toast.hidden = true;
    }, 4000);
  }
}

// Who holds which phone is remembered in this browser; an address with ?1=王阿姨&2=李大爷 decides it instead.
function remember(slot, id) {
  try {
    localStorage.setItem(`sandbox.phone.${slot}`, id);
  } catch {
    // A browser that keeps nothing only forgets the choice.
  }
}

function remembered(slot) {
  const asked = new URLSearchParams(location.search).get(slot);
  if (asked) return asked;
  try {
    return localStorage.getItem(`sandbox.phone.${slot}`) || "";
  } catch {
    return "";
  }
}

function wireTabs() {
  const main = document.querySelector("main");
  const tabs = [...document.querySelectorAll("[data-tab]")];
  for (const tab of tabs) {
    tab.addEventListener("click", () => {
      main.dataset.front = tab.dataset.tab;
      for (const one of tabs) one.setAttribute("aria-pressed", String(one === tab));
      tab.classList.remove("news");
      main.querySelector(`[data-slot="${tab.dataset.tab}"] [data-chat]`).scrollTop = 1e9;
    });
  }
  main.addEventListener("news", (event) => {
    const { slot } = event.target.dataset;
    if (slot !== main.dataset.front) document.querySelector(`[data-tab="${slot}"]`).classList.add("news");
  });
}

/** For a browser that remembers nobody: on the first phone somebody who came by a code, beside it somebody who did not. */
function firstComers(phone) {
  const people = [...phone.root.querySelectorAll("[data-person]")];
  const one = people.find((person) => "scanned" in person.dataset) ?? people[0];
  const others = people.filter((person) => person !== one);
  const other = others.find((person) => !("scanned" in person.dataset)) ?? others[0];
  return [one?.dataset.person, other?.dataset.person];
}

async function begin() {
  wireTabs();
  const clock = new Clock();
  const phones = [...document.querySelectorAll("[data-slot]")].map((root) => new Phone(root, clock));
  const people = firstComers(phones[0]);
  phones.forEach((phone, index) => {
    const id = remembered(phone.slot) || people[index];
    if (id) phone.become(id);
    else phone.sheets.open("people");
  });
  document.documentElement.dataset.ready = "true";
}

begin();
