// Drawing one message. Words only ever become text nodes, never markup.

const SVG = "http://www.w3.org/2000/svg";
const COLOURS = ["#5b8def", "#e67e5a", "#4fae8b", "#b07cc6", "#d99a2b", "#d0607e", "#4aa3b8", "#7f8c5a"];
const WEEKDAYS = "日一二三四五六";
const GAP = 5 * 60 * 1000;
const HOUR = 3600 * 1000;

/** Make an element: name, attributes (null ones left out), children (strings become text). */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** Colour and letters of a person's picture: of a Chinese name the end, since many begin with what somebody is. */
export function dressAvatar(element, phone) {
  element.textContent = phone.name.match(/\p{Script=Han}{1,2}$/u)?.[0] ?? [...phone.name][0] ?? "?";
  element.style.backgroundColor = COLOURS[phone.id % COLOURS.length];
}

// China's wall clock, whatever the browser's own zone is.
function china(moment) {
  const shifted = new Date(moment.getTime() + 8 * HOUR);
  const two = (number) => String(number).padStart(2, "0");
  return {
    year: shifted.getUTCFullYear(),
    month: shifted.getUTCMonth() + 1,
    date: shifted.getUTCDate(),
    weekday: shifted.getUTCDay(),
    time: `${two(shifted.getUTCHours())}:${two(shifted.getUTCMinutes())}`,
    seconds: two(shifted.getUTCSeconds()),
    day: Math.floor(shifted.getTime() / (24 * HOUR)),
  };
}

export function clockText(moment) {
  const at = china(moment);
  return `${at.year}年${at.month}月${at.date}日 星期${WEEKDAYS[at.weekday]} ${at.time}:${at.seconds}`;
}

/** When something was said, as a chat shows it: nearer times in fewer words. */
export function timeText(moment, now) {
  const [at, today] = [china(moment), china(now)];
  const ago = today.day - at.day;
  if (ago === 0) return at.time;
  if (ago === 1) return `昨天 ${at.time}`;
  if (ago > 1 && ago < 7) return `星期${WEEKDAYS[at.weekday]} ${at.time}`;
  const year = at.year === today.year ? "" : `${at.year}年`;
  return `${year}${at.month}月${at.date}日 ${at.time}`;
}

/** A time between two messages, where five minutes lie between them (or before the first). */
export function separator(message, previous, now) {
  const at = new Date(message.at);
  if (previous && Math.abs(at - new Date(previous.at)) < GAP) return null;
  return make("li", { class: "time", "data-time": message.at }, timeText(at, now));
}

/** The whole row of one message. `hands` offers say(text, menuId) and settle(). */
export function row(message, phone, account, hands) {
  const attributes = {
    "data-message": message.id,
    "data-kind": message.kind,
    "data-channel": message.channel,
    "data-direction": message.direction,
  };
  if (message.kind === "line" || message.kind === "failure") {
    return make("li", { ...attributes, class: `note ${message.kind}` }, make("span", {}, message.text));
  }
  if (message.kind === "template" || message.kind === "subscribe") {
    return make("li", { ...attributes, class: "wide" }, card(message));
  }
  const mine = message.direction === "to_account";
  const avatar = make("span", { class: mine ? "avatar" : "avatar official", "aria-hidden": "true" });
  if (mine) dressAvatar(avatar, phone);
  else avatar.append(icon("desk"));
  const spoken = make("span", { class: "spoken" }, mine ? "我说：" : `${account}说：`);
  return make("li", { ...attributes, class: mine ? "mine" : "theirs" }, avatar, make("div", { class: "body" }, spoken, ...body(message, hands)));
}

function body(message, hands) {
  const content = message.content;
  const drawers = {
    image: () => [picture(content, hands)],
    voice: () => voice(content),
    video: () => [make("a", { class: "film", href: content.url, target: "_blank", rel: "noopener" }, icon("play"), make("span", {}, content.title || "视频"))],
    location: () => [place(content)],
    link: () => [article(content)],
    music: () => [article(content)],
    news: () => content.articles.map(article),
    msgmenu: () => [choices(content, hands)],
    miniprogrampage: () => [make("div", { class: "article mini" }, make("strong", {}, content.title), make("small", {}, `小程序 · ${content.pagepath}`))],
  };
  return (drawers[message.kind] ?? (() => [make("div", { class: "bubble" }, ...words(message.text, hands))]))();
}

const ANCHOR = /<a\s[^>]*?href=(["'])(.*?)\1[^>]*>(.*?)<\/a>/gis;
const ADDRESS = /https?:\/\/[^\s<>"'，。；）」]+/g;

/** Text with its links: the <a href> that WeChat allows in a text, and bare addresses. */
function words(text, hands) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(ANCHOR)) {
    parts.push(...plain(text.slice(from, found.index)), anchor(found[2], found[3], hands));
    from = found.index + found[0].length;
  }
  return [...parts, ...plain(text.slice(from))];
}

function plain(text) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(ADDRESS)) {
    parts.push(text.slice(from, found.index), link(found[0], found[0]));
    from = found.index + found[0].length;
  }
  return [...parts, text.slice(from)].filter(Boolean);
}

function anchor(address, text, hands) {
  if (address.startsWith("weixin://bizmsgmenu?")) {
    const query = new URLSearchParams(address.slice(address.indexOf("?") + 1));
    return choice(text, query.get("msgmenucontent") || text, query.get("msgmenuid") || "", hands);
  }
  return link(address, text);
}

function safe(address) {
  return /^https?:\/\//i.test(address ?? "");
}

function link(address, text) {
  if (!safe(address)) return make("span", { class: "dead" }, text);
  return make("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, text);
}

function choice(text, said, id, hands) {
  const button = make("button", { type: "button", class: "choice", "data-choice": id }, text);
  button.addEventListener("click", () => hands.say(said, id));
  return button;
}

function choices(content, hands) {
  const bubble = make("div", { class: "bubble choices" });
  if (content.head) bubble.append(make("p", {}, ...plain(content.head)));
  for (const item of content.items) bubble.append(choice(item.content, item.content, item.id, hands));
  if (content.tail) bubble.append(make("p", {}, ...plain(content.tail)));
  return bubble;
}

function picture(content, hands) {
  const image = make("img", { src: content.url, alt: "照片" });
  image.addEventListener("load", hands.settle);
  return make("a", { class: "picture", href: content.url, target: "_blank", rel: "noopener" }, image);
}

function voice(content) {
  const bubble = make("div", { class: "bubble voice" }, icon("wave"), make("span", {}, content.seconds ? `${content.seconds}″` : "语音"));
  bubble.style.width = `${Math.min(74 + (content.seconds || 2) * 3, 220)}px`;
  return content.recognition ? [bubble, make("p", { class: "heard" }, content.recognition)] : [bubble];
}

function place(content) {
  const where = `${Number(content.latitude).toFixed(4)}, ${Number(content.longitude).toFixed(4)}`;
  return make(
    "div",
    { class: "place" },
    make("strong", {}, content.label || "位置"),
    make("small", {}, where),
    make("div", { class: "map" }, icon("pin")),
  );
}

function article(content) {
  const inside = [make("strong", {}, content.title || "（没有标题）")];
  if (content.description) inside.push(make("small", {}, content.description));
  if (safe(content.picurl)) inside.push(make("img", { src: content.picurl, alt: "" }));
  if (!safe(content.url)) return make("div", { class: "article" }, ...inside);
  return make("a", { class: "article", href: content.url, target: "_blank", rel: "noopener noreferrer" }, ...inside);
}

function card(message) {
  const content = message.content;
  const rows = content.fields.map((field) => make("div", {}, make("dt", {}, field.label), make("dd", {}, field.value)));
  const box = make("article", { class: "card" }, make("h3", {}, content.title), make("dl", {}, ...rows));
  if (safe(content.url)) box.append(make("footer", {}, link(content.url, "查看详情")));
  else if (content.miniprogram || content.page) box.append(make("footer", {}, make("span", {}, "进入小程序查看")));
  return box;
}
