// How what the page knows is shown. What somebody else wrote becomes text, never markup.

import { addressOf, isPicture, sizeInWords } from './files.js';

export const element = id => document.getElementById(id);

/** An element with this class, and these texts and elements in it. */
export function make(tag, kind, ...parts) {
  const it = Object.assign(document.createElement(tag), { className: kind });
  it.append(...parts.filter(part => part !== undefined));
  return it;
}

/** What somebody wrote: a letter in it that turns the direction of writing turns nothing around it. */
export const isolated = (text, kind = '') => make('bdi', kind, text);

export function button(words, kind, action) {
  const it = Object.assign(make('button', kind, words), { type: 'button' });
  it.addEventListener('click', action);
  return it;
}

/** What becomes of the connection: `is` for the eye, and the words. */
export function state(is, words) {
  element('state').dataset.is = is;
  element('state').textContent = words;
}

/** Something to be read now, above all else; without words, nothing any more. */
export function banner(id, words) {
  element(id).hidden = words === undefined;
  element(id).firstElementChild.textContent = words ?? '';
}

for (const id of ['problem', 'notice']) element(id).lastElementChild.addEventListener('click', () => banner(id));

/** Asks to come in, before anything else can be done; or does so no more. */
export function cover(is) {
  element('door').hidden = !is;
  for (const it of document.querySelectorAll('.bar, main')) it.inert = is;
}

// ---- rooms and people

export function drawPlaces({ conversations, current, me, open, whisper }) {
  const item = it => {
    const unread = make('span', 'badge', String(it.unread));
    unread.setAttribute('aria-label', `${it.unread} unread`);
    const entry = button('', 'place', () => open(it));
    entry.append(it.isRoom ? '# ' : '', isolated(it.name), it.unread > 0 ? unread : '');
    entry.setAttribute('aria-current', it === current);
    return make('li', '', entry);
  };
  element('rooms').replaceChildren(...conversations.rooms.map(item));
  element('private').replaceChildren(...conversations.private.map(item));
  element('private-part').hidden = conversations.private.length === 0;
  element('people-part').hidden = !current?.isRoom;
  const people = [...current?.people ?? []].sort(([a], [b]) => a.localeCompare(b));
  element('people').replaceChildren(...people.map(([name, is]) => {
    const parts = [face(name), isolated(name), make('span', 'soft', name === me ? 'you' : is === 'away' ? 'away' : '')];
    const entry = name === me ? make('span', 'place', ...parts) : button('', 'place', () => whisper(name));
    if (name !== me) {
      entry.append(...parts);
      entry.title = `Write to ${name} alone`;
    }
    entry.dataset.is = is;
    return make('li', '', entry);
  }));
  const unread = [...conversations.values()].reduce((sum, it) => sum + it.unread, 0);
  document.title = unread > 0 ? `(${unread}) Chat` : 'Chat';
  element('unread-all').hidden = unread === 0;
  element('unread-all').textContent = String(unread);
}

/** The first letter, in a colour that is always the same for this name. */
function face(name) {
  const it = make('span', 'face', [...name][0]?.toUpperCase() ?? '?');
  const hash = [...name].reduce((sum, letter) => Math.imul(sum ^ letter.codePointAt(0), 16_777_619), 40_503);
  const hue = (hash >>> 8) % 360;
  it.style.setProperty('--hue', hue);
  it.setAttribute('aria-hidden', 'true');
  return it;
}

export function drawHead(conversation) {
  element('talk-title').replaceChildren(conversation.isRoom ? '# ' : '', isolated(conversation.name));
  const count = conversation.people.size;
  element('talk-about').textContent = conversation.isRoom ? `${count} ${count === 1 ? 'person' : 'people'}` : 'only the two of you';
  element('leave').textContent = conversation.isRoom ? 'Leave' : 'Close';
  element('attach').hidden = !conversation.isRoom;
  const writing = [...conversation.writing.keys()];
  element('typing').replaceChildren(...writing.flatMap((name, index) => [index > 0 ? ', ' : '', isolated(name)]),
    writing.length > 0 ? (writing.length === 1 ? ' is writing …' : ' are writing …') : '');
}

// ---- what is said

/** All of a conversation. */
export function drawLog(conversation, tools) {
  const list = element('log').firstElementChild;
  list.replaceChildren();
  for (const entry of conversation.entries) list.append(draw(conversation, entry, tools));
}

/** One entry, new or changed, in its place. */
export function drawEntry(conversation, entry, tools) {
  const list = element('log').firstElementChild;
  const after = conversation.after(entry);
  if (entry.line?.parentNode === list && entry.line.nextSibling === (after?.line ?? null)) return update(entry);
  entry.line?.remove();
  list.insertBefore(draw(conversation, entry, tools), after?.line ?? null);
  if (after) follow(conversation, after);
}

/** What stands where it stood is not drawn again: it would be read out again. */
function update(entry) {
  entry.line.querySelector('.foot')?.replaceWith(foot(entry));
  if (!entry.waits) entry.line.querySelector('progress')?.remove();
}

function draw(conversation, entry, tools) {
  const kind = entry.from === undefined ? 'event soft' : entry.mine ? 'said mine' : 'said';
  entry.line = make('li', kind);
  if (entry.from === undefined) {
    entry.line.append(entry.text);
    return entry.line;
  }
  const content = entry.file ? file(conversation, entry, tools) : isolated(entry.text, 'text');
  const body = make('div', 'body', make('p', 'who', isolated(entry.from)), content, foot(entry));
  entry.line.append(face(entry.from), body);
  follow(conversation, entry);
  return entry.line;
}

/** What one person says at a stretch stands under one name. */
function follow(conversation, entry) {
  const before = conversation.before(entry);
  entry.line.classList.toggle('follows', before?.from !== undefined && before.from === entry.from);
}

const STATES = {
  waiting: ['◷', 'waiting to be sent'],
  sent: ['✓', 'sent'],
  server: ['✓✓', 'at the server'],
  read: ['✓✓', 'read'],
  failed: ['!', 'not sent'],
};

function foot(entry) {
  const line = make('p', 'foot soft');
  if (entry.at !== undefined) line.append(time(entry.at));
  if (!entry.mine) return line;
  const [sign, words] = STATES[entry.state];
  const tick = make('span', `tick ${entry.state}`, make('span', '', sign));
  tick.firstChild.setAttribute('aria-hidden', 'true');
  tick.append(make('span', entry.state === 'waiting' || entry.state === 'failed' ? '' : 'hidden', ` ${words}`));
  tick.title = words;
  line.append(tick);
  if (entry.state === 'failed') line.append(make('span', 'why', entry.why), button('Try again', 'quiet', entry.retry));
  return line;
}

function time(at) {
  const date = new Date(at);
  const it = make('time', '', date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }));
  it.dateTime = date.toISOString();
  return it;
}

function file(conversation, entry, { fetchFile, showProblem }) {
  const { file: info } = entry;
  const box = make('div', 'file');
  const open = async () => {
    entry.bytes ??= fetchFile(conversation, entry).catch(error => {
      entry.bytes = undefined; // another try may do better
      throw error;
    });
    return entry.address ??= addressOf(info, await entry.bytes);
  };
  if (isPicture(info)) box.append(picture(info, open, box));
  const save = button('Save', 'quiet', async () => {
    try {
      Object.assign(document.createElement('a'), { href: await open(), download: info.name }).click();
    } catch (error) {
      showProblem(`The file did not come: ${error.message}`);
    }
  });
  save.setAttribute('aria-label', `Save ${info.name}`);
  box.append(make('p', 'file-line', isolated(info.name), make('span', 'soft', sizeInWords(info.size)), save));
  if (entry.waits) {
    const progress = document.createElement('progress'); // without a value: nobody tells how far it is
    progress.setAttribute('aria-label', `${info.name} is on its way`);
    box.append(progress);
  }
  return box;
}

/** Fetched when it comes into sight. */
function picture(info, open, box) {
  const image = Object.assign(document.createElement('img'), { alt: info.name, width: 320, height: 200 });
  image.addEventListener('load', () => {
    image.removeAttribute('width');
    image.removeAttribute('height');
  });
  const sight = new IntersectionObserver(async ([seen]) => {
    if (!seen.isIntersecting) return;
    sight.disconnect();
    try {
      image.src = await open();
    } catch (error) {
      image.remove();
      box.append(make('p', 'soft', `The picture did not come: ${error.message}`));
    }
  });
  image.addEventListener('error', () => image.remove()); // it is none, whatever its sender says
  sight.observe(image);
  return image;
}
