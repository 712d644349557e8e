// How somebody comes in, and what they read while there is no connection.

import { banner, cover, element, state } from './view.js';

/** Who this page is; the name is known from the moment that somebody asks to come in. */
export const me = { name: undefined };

/** What is shown to the server. The key proves, when this page comes back, that it is the same person. */
export function credentials() {
  let key = sessionStorage.getItem('key');
  if (!key) sessionStorage.setItem('key', key = randomId());
  return { name: me.name, key };
}

export function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');
}

const REASONS = {
  'ping timeout': 'the server was silent for too long',
  'transport close': 'the connection was closed',
  'transport error': 'the connection broke',
  'io server disconnect': 'the server closed the door',
};

const GOODBYES = {
  stopping: 'The server stops. What you say waits until it is back.',
  desk: 'The desk has shown you the door.',
  elsewhere: 'You are here in another window, and so not in this one any more.',
};

/** `lost` hears that nothing can be sent, until the server's next welcome. */
export function openDoor(socket, lost) {
  let goodbye; // why the server ends the connection, if it said so

  function enter(name) {
    me.name = name;
    goodbye = undefined;
    state('connecting', 'connecting');
    socket.connect();
  }

  function closed(why) {
    state('closed', 'not connected');
    cover(true);
    element('door-why').textContent = why;
    element('door-why').classList.add('bad');
    element('name').value = me.name;
    element('name').focus();
  }

  socket.on('goodbye', ({ why }) => {
    goodbye = GOODBYES[why];
    banner('notice', why === 'stopping' ? goodbye : undefined);
  });

  socket.on('disconnect', reason => {
    lost();
    const why = REASONS[reason] ?? reason;
    if (socket.active) state('connecting', `${why}; trying again`);
    else closed(goodbye ?? `Not connected: ${why}.`);
  });

  socket.on('connect_error', error => {
    if (socket.active) return state('connecting', 'no connection yet; trying again');
    if (error.data?.code === 'bad-key') sessionStorage.removeItem('key');
    closed(error.message);
  });

  socket.on('welcome', ({ name }) => {
    if (goodbye === GOODBYES.stopping) banner('notice');
    goodbye = undefined;
    me.name = name;
    sessionStorage.setItem('name', name);
    cover(false);
    state('open', `here as ${name}`);
  });

  element('enter').addEventListener('submit', event => {
    event.preventDefault();
    const name = element('name').value.trim();
    if (name) enter(name);
  });

  const known = sessionStorage.getItem('name');
  if (known) {
    cover(false);
    enter(known);
  } else {
    element('name').focus();
  }
}
