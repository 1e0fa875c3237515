'use strict';
// Lights what an event followed from and what followed from it; steps from event to event; copies the command.
const picture = document.getElementById('picture');
const now = document.getElementById('now');
const marks = new Map([...picture.querySelectorAll('g.ev[id]')].map(g => [g.id, g]));
const parts = new Map([...marks.keys()].map(id => [id, [...picture.querySelectorAll(`#${id},[data-event="${id}"]`)]]));
const words = new Map([...document.querySelectorAll('.events li')].map(li => [li.dataset.event, li]));
const past = new Map([...marks].map(([id, g]) => [id, new Set((g.dataset.past || '').split(' ').filter(Boolean))]));
const order = [...marks.keys()].filter(id => words.has(id)).sort((a, b) => a.slice(1) - b.slice(1));
let chosen = null;

const pastOf = id => past.get(id) || new Set();
const futureOf = id => new Set(order.filter(other => pastOf(other).has(id)));

function light(id) {
  for (const g of picture.querySelectorAll('.on,.here')) g.classList.remove('on', 'here');
  picture.classList.toggle('lighting', id !== null);
  if (id === null) return;
  for (const other of [id, ...pastOf(id), ...futureOf(id)])
    for (const g of parts.get(other) || []) g.classList.add('on');
  marks.get(id)?.classList.add('here');
}

function choose(id, seen) {
  chosen = id;
  light(id);
  now.replaceChildren();
  if (id === null) return;
  const said = words.get(id);
  if (said) now.append(...[...said.childNodes].map(node => node.cloneNode(true)));
  const counts = document.createElement('span');
  counts.textContent = ` — followed from ${pastOf(id).size}, led to ${futureOf(id).size}`;
  now.append(counts);
  if (!seen) marks.get(id)?.scrollIntoView({ block: 'center', inline: 'nearest' });
}

const eventAt = node => {
  const g = node.closest?.('.ev,.story');
  const id = g && (g.id || g.dataset.event);
  return id && marks.has(id) ? id : null;
};
picture.addEventListener('pointerover', event => { const id = eventAt(event.target); if (id) light(id); });
picture.addEventListener('pointerout', () => light(chosen));
picture.addEventListener('click', event => choose(eventAt(event.target), true));

function step(by) {
  if (!order.length) return;
  const at = order.indexOf(chosen);
  const next = at < 0 ? (by > 0 ? 0 : order.length - 1) : Math.min(order.length - 1, Math.max(0, at + by));
  choose(order[next]);
}
document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const inside = document.activeElement === picture;
  const scrolls = document.activeElement?.classList.contains('wide');
  const keys = { Escape: () => choose(null, true) };
  if (!scrolls) Object.assign(keys, { ArrowRight: () => step(1), ArrowLeft: () => step(-1) });
  if (inside) Object.assign(keys, {
    ArrowDown: () => step(1), ArrowUp: () => step(-1), Home: () => choose(order[0]), End: () => choose(order.at(-1)),
  });
  if (picture.dataset.failure) keys.f = () => choose(picture.dataset.failure);
  const action = keys[event.key];
  if (action) { event.preventDefault(); action(); }
});

const copy = document.getElementById('copy');
copy.addEventListener('click', () => {
  const range = document.createRange();
  range.selectNodeContents(document.getElementById('command'));
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  // The clipboard's own interface asks for permissions that a page from a file may not have.
  copy.textContent = document.execCommand('copy') ? 'copied' : 'selected';
});
