// The chat's page: what the server says becomes what the page knows, and what a person does becomes what the server
// hears. `protocol.rs` says what both say to each other.

import { compose, write, WRITING } from './composer.js';
import { Conversations } from './conversations.js';
import { credentials, me, openDoor, randomId } from './entrance.js';
import { ask, Outbox } from './outbox.js';
import { banner, drawEntry, drawHead, drawLog, drawPlaces, element } from './view.js';

const FIRST_ROOM = 'lobby';
const READ_IN_TIME = 4500; // ms for which the server waits for a whisper to be seen, a little less

const conversations = new Conversations();
const left = new Set(); // rooms; the server may still count us among those in them
let current;
let bounds = { max_text: 4000, max_file: 1_000_000 };

const socket = io({ autoConnect: false, auth: show => show(credentials()) });
const outbox = new Outbox(socket, changed);
wire.watch(socket);
openDoor(socket, () => outbox.close());

// ---- what the server says

socket.on('welcome', async welcome => {
  ({ bounds } = welcome);
  muted(welcome.muted);
  offer(welcome.rooms);
  try {
    for (const room of welcome.yours.filter(it => left.has(it))) await ask(socket, 'leave', room);
    if (!welcome.recovered) await joinAll(welcome.yours.filter(it => !left.has(it)));
  } catch (error) {
    if (error.refused) banner('problem', error.message);
    if (!socket.connected) return; // the next welcome begins again
  }
  outbox.open();
  if (document.activeElement === document.body) element('text').focus();
});

/** All rooms that this page or the server knows us in; else the first one. */
async function joinAll(yours) {
  const rooms = new Set([...conversations.rooms.map(it => it.name), ...yours]);
  if (rooms.size === 0) rooms.add(FIRST_ROOM);
  for (const room of rooms) await join(room);
}

async function join(name) {
  const known = conversations.rooms.find(it => it.name === name);
  const joined = await ask(socket, 'join', { room: name, since: known?.since });
  left.delete(joined.room);
  const room = conversations.open('room', joined.room);
  if (room.startAnew(joined.epoch)) remark(room, 'The server was started anew. What stands above is only here.');
  else if (known && !joined.complete) remark(room, 'Some of what was said meanwhile is forgotten.');
  room.people = new Map(joined.people.map(({ name: who, away }) => [who, away ? 'away' : 'here']));
  for (const message of joined.messages) said(message);
  if (!current) select(room);
  draw();
  return room;
}

socket.on('message', said);

function said({ room: name, from, ...message }) {
  if (left.has(name)) return;
  const room = conversations.open('room', name);
  const mine = from === me.name;
  if (!mine && !room.find(from, message.id)) count(room);
  const entry = room.add({ ...message, from, mine, state: mine ? 'server' : undefined });
  wrote(room, from, false);
  if (room === current) drawEntry(room, entry, tools);
  draw();
}

socket.on('whisper', ({ from, ...message }, answer) => {
  const person = conversations.open('person', from);
  const came = Date.now();
  if (!person.find(from, message.id)) count(person);
  const entry = person.add({ ...message, from });
  const tell = () => {
    if (Date.now() - came < READ_IN_TIME) answer();
    else socket.emit('shown', { from, id: message.id });
  };
  if (inSight(person)) tell();
  else person.unseen.push(tell);
  if (person === current) drawEntry(person, entry, tools);
  draw();
});

socket.on('read', ({ to, id }) => {
  const person = conversations.open('person', to);
  const entry = person.find(me.name, id);
  if (entry) changed(person, Object.assign(entry, { state: 'read' }));
});

socket.on('presence', ({ room: name, name: who, is }) => {
  if (left.has(name) || who === me.name) return; // of us, it is about a connection that has ended
  const room = conversations.open('room', name);
  const known = room.people.has(who);
  if (is === 'gone') room.people.delete(who);
  else room.people.set(who, is);
  if (is === 'gone') wrote(room, who, false);
  if (!known && is === 'here') remark(room, `${who} came in`);
  if (known && is === 'gone') remark(room, `${who} left`);
  draw();
});

socket.on('typing', ({ room, name, typing }) => {
  if (left.has(room)) return;
  wrote(conversations.open('room', room), name, typing);
  draw();
});

socket.on('notice', ({ text }) => banner('notice', `From the desk: ${text}`));

socket.on('muted', ({ seconds }) => muted(seconds));

let mutedUntil;

function muted(seconds) {
  clearTimeout(mutedUntil);
  banner('problem', seconds > 0 ? `The desk has muted you for ${seconds} seconds: nobody hears what you say.` : undefined);
  if (seconds > 0) mutedUntil = setTimeout(muted, seconds * 1000, 0);
}

/** The word that they write no more may be lost: it is volatile. */
function wrote(room, name, does) {
  clearTimeout(room.writing.get(name));
  room.writing.delete(name);
  if (does) room.writing.set(name, setTimeout(() => { room.writing.delete(name); draw(); }, 2 * WRITING));
}

function remark(conversation, text) {
  const entry = conversation.add({ text });
  if (conversation === current) drawEntry(conversation, entry, tools);
}

// ---- what is in sight

const inSight = conversation => conversation === current && !document.hidden;

function count(conversation) {
  if (!inSight(conversation)) conversation.unread += 1;
}

function seen() {
  if (!current || document.hidden) return;
  current.unread = 0;
  if (socket.connected) current.unseen.splice(0).forEach(tell => tell());
  draw();
}

function select(conversation) {
  if (conversation !== current) {
    const before = write(conversation.draft);
    if (current) current.draft = before;
    current = conversation;
  }
  drawLog(conversation, tools);
  show('talk');
  seen();
}

function draw() {
  drawPlaces({ conversations, current, me: me.name, open: select, whisper: name => select(conversations.open('person', name)) });
  if (current) drawHead(current);
}

function changed(conversation, entry, receipt) {
  if (receipt?.number !== undefined) conversation.settle(entry, receipt);
  else Object.assign(entry, receipt);
  if (conversation === current) drawEntry(conversation, entry, tools);
}

const tools = {
  fetchFile: async (room, { number }) => (await ask(socket, 'fetch', { room: room.name, number })).bytes,
  showProblem: words => banner('problem', words),
};

document.addEventListener('visibilitychange', seen);

// ---- what a person does

function say(text) {
  if (!current) return false;
  const length = new TextEncoder().encode(text).length;
  if (length > bounds.max_text) {
    banner('problem', `A message has at most ${bounds.max_text} bytes, and this one ${length}.`);
    return false;
  }
  post({ text }, current.isRoom ? ['say', { room: current.name }] : ['whisper', { to: current.name }]);
  return true;
}

async function sendFile(file) {
  if (!current?.isRoom) return banner('problem', 'Files can be sent in rooms only.');
  if (file.size > bounds.max_file) {
    return banner('problem', `A file has at most ${bounds.max_file} bytes, and “${file.name}” ${file.size}.`);
  }
  const room = current;
  const bytes = await file.arrayBuffer();
  const info = { name: file.name, type: file.type || 'application/octet-stream', size: file.size };
  post({ text: '', file: info, bytes }, ['file', { room: room.name, name: info.name, type: info.type, bytes }], room);
}

function post(what, [name, address], conversation = current) {
  banner('problem');
  const id = randomId();
  const entry = conversation.add({ id, from: me.name, mine: true, waits: true, ...what });
  const argument = what.file ? { id, ...address } : { id, text: what.text, ...address };
  outbox.put({ conversation, entry, event: name, argument });
  element('log').scrollTop = 0;
}

/** A word that may be lost, and in time. */
function writing(typing) {
  if (current?.isRoom && socket.connected) socket.volatile.emit('typing', { room: current.name, typing });
}

compose({ say, send: sendFile, writing });

element('join-room').addEventListener('submit', async event => {
  event.preventDefault();
  const name = element('room-name').value.trim();
  if (!name) return;
  try {
    select(await join(name));
    event.target.reset();
  } catch (error) {
    banner('problem', error.refused ? error.message : 'There is no connection: try again when there is.');
  }
});

element('room-name').addEventListener('focus', async () => {
  if (socket.connected) offer(await ask(socket, 'rooms').catch(() => []));
});

/** Rooms that others are in. */
function offer(rooms) {
  const others = rooms.filter(({ room }) => !conversations.has(`room ${room}`));
  element('other-rooms').replaceChildren(...others.map(({ room, people }) => new Option(`${people} here`, room)));
}

element('leave').addEventListener('click', () => {
  if (!current) return;
  if (current.isRoom) {
    left.add(current.name);
    ask(socket, 'leave', current.name).catch(error => {
      if (error.refused) banner('problem', error.message); // otherwise the next welcome asks again
    });
  }
  conversations.close(current);
  outbox.forget(current);
  current = undefined;
  const [next] = conversations.values();
  if (next) return select(next);
  element('log').firstElementChild.replaceChildren();
  element('talk-title').textContent = 'Choose a room';
  draw();
});

// A narrow screen has room for one part at a time.
function show(part) {
  document.body.dataset.view = part;
  for (const it of document.querySelectorAll('[data-show]')) it.setAttribute('aria-pressed', it.dataset.show === part);
}

for (const it of document.querySelectorAll('[data-show]')) it.addEventListener('click', () => show(it.dataset.show));
