// Keeps the practice page up to date and sends its forms in place. Without it, the page works by itself.
"use strict";

const main = document.getElementById("main");
const speed = Number(main.dataset.speed);
let etag = main.dataset.etag;

// Asking and sending go one after the other: keys must arrive in the order they were pressed.
let turn = Promise.resolve();
const inTurn = (work) => (turn = turn.then(work, work));

async function ask(url, options) {
  let response;
  try {
    response = await fetch(url, { cache: "no-store", ...options });
  } catch {
    lost(true);
    return;
  }
  lost(false);
  if (response.status === 304 || !(response.headers.get("Content-Type") || "").startsWith("text/html")) return;
  // A form with a mistake comes back under the address it was sent to, where nothing can be asked for.
  const place = response.ok ? response.url : location.href;
  show(new DOMParser().parseFromString(await response.text(), "text/html"), place, options?.method === "POST");
}

const refresh = () => ask(location.href, { headers: { "If-None-Match": `"${etag}"` } });

function lost(is) {
  document.getElementById("lost").hidden = !is;
}

function show(page, url, sent) {
  const fresh = page.getElementById("main");
  if (!fresh?.dataset.etag) return;
  etag = fresh.dataset.etag;
  if (new URL(url).pathname !== location.pathname) history.pushState(null, "", url);
  const places = pathOf(document.activeElement);
  const ends = [...main.querySelectorAll(".screen")].filter(atEnd);
  morphChildren(main, fresh, sent);
  for (const screen of ends) screen.scrollTop = screen.scrollHeight;
  if (!document.activeElement || document.activeElement === document.body) focusOneOf(places);
  startClock();
  speakNew();
}

// Changing the page into a newer one, node by node, so that focus and what is being typed stay.

function morph(old, fresh, sent) {
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  if ((old.hasAttribute("data-keep") && !sent) || old.id === "sound" || old.id === "lost") return;
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes])
    if (!fresh.hasAttribute(name) && !(name === "open" && old.nodeName === "DETAILS")) old.removeAttribute(name);
  morphChildren(old, fresh, sent);
  if (old.nodeName === "SELECT" && !old.closest("[data-keep]") && old !== document.activeElement) old.value = fresh.value;
}

function morphChildren(old, fresh, sent) {
  let at = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    let match = at;
    if (wanted.id) match = [...old.children].find((child) => child.id === wanted.id) ?? null;
    if (match && match.nodeName === wanted.nodeName && (match.id || "") === (wanted.id || "")) {
      if (match !== at) old.insertBefore(match, at);
      else at = at.nextSibling;
      morph(match, wanted, sent);
    } else {
      old.insertBefore(document.importNode(wanted, true), at);
    }
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

// What had the focus may be gone, such as "Pick up": then the telephone it belonged to takes it.

function pathOf(element) {
  const ids = [];
  for (let at = element; at && at !== main; at = at.parentElement) if (at.id) ids.push(at.id);
  return ids;
}

function focusOneOf(ids) {
  for (const id of ids) {
    const place = document.getElementById(id);
    if (place?.matches("[tabindex], a, button, input, select")) return place.focus({ preventScroll: true });
  }
}

const atEnd = (screen) => screen.scrollHeight - screen.scrollTop - screen.clientHeight < 40;

// Forms, keys and lists that send themselves

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!main.contains(form)) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  if (event.submitter?.name === "key") hush();
  inTurn(() => ask(form.action, { method: "POST", body }));
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-sends]")) event.target.form.requestSubmit();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
  const telephone = event.target.closest("[data-keys]");
  const key = /^[0-9*#]$/.test(event.key) && telephone?.querySelector(`button[name="key"][value="${CSS.escape(event.key)}"]`);
  if (key) {
    event.preventDefault();
    key.click();
  }
});

window.addEventListener("popstate", () => location.reload());

// The clock of the call runs on between two answers

let clock = null;

function startClock() {
  const element = document.getElementById("clock");
  clock = element && {
    element,
    from: Date.parse(element.dataset.clock),
    since: performance.now(),
    write: new Intl.DateTimeFormat(document.documentElement.lang, {
      timeZone: element.dataset.zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
    }),
  };
}

function tick() {
  if (!clock?.element.isConnected) return;
  const text = clock.write.format(clock.from + (performance.now() - clock.since) * speed);
  if (clock.element.textContent !== text) clock.element.textContent = text;
}

// Sound, when asked for: what is said is spoken, and a ringing telephone rings

const sound = document.querySelector("#sound input");
const spoken = new Set();
let ringer = null;
let rangAt = 0;

const isOn = () => sound.checked;

function hush() {
  if (window.speechSynthesis) speechSynthesis.cancel();
}

function speakNew() {
  for (const line of main.querySelectorAll("[data-say]")) {
    if (spoken.has(line.id)) continue;
    spoken.add(line.id);
    if (isOn() && window.speechSynthesis) {
      const words = new SpeechSynthesisUtterance(line.textContent);
      words.lang = line.lang;
      words.rate = Math.min(speed, 4);
      speechSynthesis.speak(words);
    }
  }
}

function ring() {
  if (!isOn() || !main.querySelector('.phone[data-state="ringing"]') || performance.now() - rangAt < 3000) return;
  rangAt = performance.now();
  ringer ??= new AudioContext();
  const begins = ringer.currentTime;
  const volume = new GainNode(ringer, { gain: 0 });
  volume.gain.setTargetAtTime(0.06, begins, 0.02);
  volume.gain.setTargetAtTime(0, begins + 1, 0.05);
  volume.connect(ringer.destination);
  const tone = new OscillatorNode(ringer, { frequency: 425 });
  tone.connect(volume);
  tone.start(begins);
  tone.stop(begins + 1.4);
}

function remembered(value) {
  try {
    if (value !== undefined) localStorage.setItem("sound", value);
    return localStorage.getItem("sound");
  } catch {
    return null;
  }
}

sound.checked = remembered() === "true";
sound.closest("label").hidden = false;
sound.addEventListener("change", () => {
  remembered(String(isOn()));
  if (!isOn()) hush();
});

for (const line of main.querySelectorAll("[data-say]")) spoken.add(line.id);
for (const screen of main.querySelectorAll(".screen")) screen.scrollTop = screen.scrollHeight;
startClock();
setInterval(() => { tick(); ring(); }, 200);

async function keepUp() {
  await inTurn(refresh);
  setTimeout(keepUp, 500);
}
setTimeout(keepUp, 500);
