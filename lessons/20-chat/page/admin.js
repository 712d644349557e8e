// The desk: who is where, a word to all, and two ways to have quiet. The namespace `/admin` of the same server.

import { ask } from './outbox.js';
import { banner, button, cover, element, isolated, make, state } from './view.js';

const MUTED_FOR = 300; // seconds

const failed = Symbol('failed');

const socket = io('/admin', { autoConnect: false, auth: show => show({ token: element('token').value }) });

socket.on('connect', () => {
  cover(false);
  state('open', 'connected');
  draw();
});

socket.on('connect_error', error => {
  if (socket.active) return state('connecting', 'no connection yet; trying again');
  state('closed', 'not connected');
  element('door-why').textContent = error.message;
  element('door-why').classList.add('bad');
  element('token').select();
});

socket.on('disconnect', reason => {
  state(socket.active ? 'connecting' : 'closed', `${reason}${socket.active ? '; trying again' : ''}`);
  if (!socket.active) cover(true);
});

socket.on('changed', draw);

/** Changes that come while one is drawn are drawn once. */
let drawing;
async function draw() {
  if (drawing) return drawing = 'again';
  drawing = 'once';
  const seen = await order('who');
  if (seen !== failed) element('seen').replaceChildren(...seen.map(row));
  const again = drawing === 'again';
  drawing = undefined;
  if (again) draw();
}

function row({ name, away, rooms, address, muted }) {
  const said = [away ? 'away' : 'here', muted > 0 ? `muted for ${muted} s` : ''].filter(Boolean).join(', ');
  const mute = muted > 0
    ? button('Let speak', 'quiet', () => order('mute', { name, seconds: 0 }))
    : button('Mute', 'quiet', () => order('mute', { name, seconds: MUTED_FOR }));
  const out = button('Disconnect', 'quiet', () => order('dismiss', name));
  mute.setAttribute('aria-label', `${mute.textContent}: ${name}`);
  out.setAttribute('aria-label', `Disconnect: ${name}`);
  const cells = [isolated(name), rooms.map(room => `# ${room}`).join(', '), address, said].map(it => make('td', '', it));
  return make('tr', '', ...cells, make('td', '', mute, out));
}

/** The answer; a refusal is shown, and `failed` is the answer. */
async function order(name, ...args) {
  try {
    banner('problem');
    return await ask(socket, name, ...args);
  } catch (error) {
    banner('problem', error.message);
    return failed;
  }
}

element('enter').addEventListener('submit', event => {
  event.preventDefault();
  state('connecting', 'connecting');
  socket.connect();
});

element('tell').addEventListener('submit', async event => {
  event.preventDefault();
  const words = element('words').value.trim();
  if (!words) return;
  if (await order('notice', words) === failed) return;
  banner('notice', `All who are here have been told: ${words}`);
  event.target.reset();
});
