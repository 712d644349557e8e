// The wire, live: every packet that passes, whichever client script sends it. For that, this file is loaded first, and
// stands between the client and the browser's WebSocket, XMLHttpRequest and fetch. Its buttons do harm on purpose.
'use strict';

globalThis.wire = (() => {
  const SHOWN = 200; // packets
  const KEPT = 4000; // characters of each, or the panel would hold every file

  const ENGINE_TYPES = ['open', 'close', 'ping', 'pong', 'message', 'upgrade', 'noop'];
  const SOCKET_TYPES = ['CONNECT', 'DISCONNECT', 'EVENT', 'ACK', 'CONNECT_ERROR', 'BINARY_EVENT', 'BINARY_ACK'];
  const PACKET = /^([0-6])(?:(\d+)-)?(?:(\/[^,]*),)?(\d+)?(.*)$/s;
  const NAME = /^\["((?:[^"\\]|\\.)*)"/;
  const SEPARATOR = '\x1e';

  const element = id => document.getElementById(id);
  const total = { in: 0, out: 0, bytesIn: 0, bytesOut: 0, requests: 0, frames: 0 };
  const sockets = new Set(); // WebSockets that are not closed
  const requests = new Set(); // functions, each of which ends a request
  let blocked = false;
  let offline = false;

  const isOurs = url => new URL(url, location.href).pathname.startsWith('/socket.io/');

  // ---- between the client and the browser

  const BrowserSocket = globalThis.WebSocket;
  globalThis.WebSocket = class extends BrowserSocket {
    constructor(url, protocols) {
      if (blocked || offline) {
        note('a WebSocket was refused, as by a proxy that knows only HTTP', 'bad');
        throw new DOMException('expected a WebSocket, came a refusal', 'SecurityError');
      }
      super(url, protocols);
      sockets.add(this);
      const probes = new URL(url).searchParams.has('sid');
      if (probes) transport('probing');
      else transport('opening');
      this.addEventListener('open', () => note(probes ? 'a WebSocket stands: it is tried with a ping' : 'a WebSocket stands'));
      this.addEventListener('message', ({ data }) => frame('in', data));
      this.addEventListener('close', ({ code }) => {
        sockets.delete(this);
        note(`a WebSocket is closed (${code})`);
        transport(element('wire').dataset.transport === 'probing' ? 'polling' : 'none');
      });
    }

    send(data) {
      super.send(data);
      frame('out', data);
      if (data === '5') {
        transport('websocket');
        note('upgraded: from here on the WebSocket is used', 'good');
      }
    }
  };

  const BrowserRequest = globalThis.XMLHttpRequest;
  globalThis.XMLHttpRequest = class extends BrowserRequest {
    open(method, url, ...rest) {
      this.watched = isOurs(url);
      super.open(method, url, ...rest);
      if (!this.watched) return;
      this.addEventListener('readystatechange', () => { // before the client's own, so that the lines stand in their order
        if (this.readyState === BrowserRequest.DONE && this.status > 0) payload('in', this.responseText, this.status);
      });
    }

    send(body) {
      if (!this.watched) return super.send(body);
      const cut = () => this.abort();
      requests.add(cut);
      this.addEventListener('loadend', () => requests.delete(cut));
      payload('out', body);
      super.send(body);
      if (offline) this.abort();
    }
  };

  const browserFetch = globalThis.fetch;
  globalThis.fetch = async (url, options = {}) => {
    if (!isOurs(url)) return browserFetch(url, options);
    if (offline) throw new TypeError('expected a network, came none');
    const control = new AbortController();
    const cut = () => control.abort();
    requests.add(cut);
    payload('out', options.body);
    try {
      const signal = AbortSignal.any([control.signal, options.signal].filter(Boolean));
      const answer = await browserFetch(url, { ...options, signal });
      const text = await answer.text(); // seen here first, so that the lines stand in their order
      payload('in', text, answer.status);
      return new Response(text, answer);
    } finally {
      requests.delete(cut);
    }
  };

  // ---- what passes

  function frame(direction, data) {
    total.frames += 1;
    packet(direction, data);
  }

  /** What one HTTP body holds; the answer to a POST holds nothing. */
  function payload(direction, text, status = 200) {
    if (direction === 'out') total.requests += 1;
    if (status !== 200) return note(`HTTP status ${status}: ${text.slice(0, 200)}`, 'bad');
    if (text && text !== 'ok') text.split(SEPARATOR).forEach(it => packet(direction, it));
    else counts();
  }

  function packet(direction, data) {
    const it = describe(data);
    total[direction] += 1;
    total[direction === 'in' ? 'bytesIn' : 'bytesOut'] += it.size;
    const opened = it.engine === 'open' && direction === 'in';
    if (opened) transport(sockets.size > 0 ? 'websocket' : 'polling');
    line(direction, it);
    counts();
  }

  /** The types in words. */
  function describe(data) {
    if (typeof data !== 'string') return { engine: 'message', socket: 'attachment', size: data.byteLength ?? data.size, body: hex(data) };
    if (data[0] === 'b') return { engine: 'message', socket: 'attachment', size: Math.floor((data.length - 1) * 3 / 4), body: data.slice(0, KEPT) };
    const size = new TextEncoder().encode(data).length;
    const engine = ENGINE_TYPES[data[0]] ?? 'unknown';
    if (engine !== 'message') return { engine, size, body: data.slice(0, KEPT) };
    const [, type, attachments, nsp = '/', id, json] = PACKET.exec(data.slice(1)) ?? [];
    if (type === undefined) return { engine, size, body: data.slice(0, KEPT) };
    const [, name] = NAME.exec(json) ?? [];
    const socket = SOCKET_TYPES[type];
    return { engine, socket, nsp, id, attachments, name: socket.endsWith('EVENT') ? name : undefined, size, body: data.slice(0, KEPT) };
  }

  function hex(data) {
    if (!(data instanceof ArrayBuffer)) return '';
    const bytes = Array.from(new Uint8Array(data, 0, Math.min(data.byteLength, 256)));
    return `${bytes.map(byte => byte.toString(16).padStart(2, '0')).join(' ')}${data.byteLength > 256 ? ' …' : ''}`;
  }

  // ---- showing

  const text = (tag, kind, content = '') => Object.assign(document.createElement(tag), { className: kind, textContent: content });

  function bytes(size) {
    return size < 1000 ? `${size} B` : size < 1e6 ? `${(size / 1000).toFixed(1)} kB` : `${(size / 1e6).toFixed(1)} MB`;
  }

  function line(direction, { engine, socket, nsp, id, name, size, body }) {
    const entry = document.createElement('details');
    const head = document.createElement('summary');
    const arrow = text('span', 'arrow', direction === 'in' ? '↓' : '↑');
    const what = text('span', 'what', socket ? `${socket} ` : engine);
    if (socket) what.prepend(text('span', 'engine', `${engine} `));
    what.append(text('span', 'name', [nsp === '/' ? '' : nsp, name && `“${name}”`, id && `#${id}`].filter(Boolean).join(' ')));
    what.title = what.textContent;
    arrow.title = direction === 'in' ? 'from the server' : 'to the server';
    head.append(
      arrow,
      text('time', 'soft', clock()),
      what,
      text('span', 'soft', bytes(size)),
    );
    entry.append(head);
    entry.addEventListener('toggle', () => {
      if (entry.open && entry.childElementCount === 1) entry.append(text('pre', '', body));
    });
    add(`${direction} ${engine}`, entry);
  }

  function note(words, kind = 'soft') {
    const entry = text('p', kind, words);
    entry.prepend(text('time', 'soft', clock()), ' ');
    add('note', entry);
  }

  function add(kind, content) {
    const item = text('li', kind);
    item.append(content);
    const list = element('packets');
    list.prepend(item); // the newest first
    while (list.childElementCount > SHOWN) list.lastChild.remove();
  }

  const clock = () => {
    const now = new Date();
    return `${now.toTimeString().slice(0, 8)}.${String(now.getMilliseconds()).padStart(3, '0')}`;
  };

  function counts() {
    element('wire-in').textContent = `${total.in} packets, ${bytes(total.bytesIn)}`;
    element('wire-out').textContent = `${total.out} packets, ${bytes(total.bytesOut)}`;
    element('wire-how').textContent = `${total.requests} requests, ${total.frames} frames`;
  }

  const TRANSPORTS = {
    none: 'not connected',
    opening: 'a WebSocket is opening',
    polling: 'HTTP long-polling',
    probing: 'HTTP long-polling; a WebSocket is tried',
    websocket: 'WebSocket',
  };

  function transport(is) {
    element('wire').dataset.transport = is;
    element('transport').textContent = TRANSPORTS[is];
  }

  // ---- the buttons

  function cut() {
    note('the connection is cut', 'bad');
    for (const socket of sockets) socket.close();
    for (const end of [...requests]) end();
    transport('none');
  }

  const pressed = (button, is) => button.setAttribute('aria-pressed', is);

  element('cut').addEventListener('click', cut);
  element('block').addEventListener('click', ({ currentTarget }) => {
    pressed(currentTarget, blocked = !blocked);
    note(blocked ? 'WebSockets are blocked' : 'WebSockets are let through; the next connection may use one');
    if (blocked && sockets.size > 0) cut();
  });
  element('offline').addEventListener('click', ({ currentTarget }) => {
    pressed(currentTarget, offline = !offline);
    note(offline ? 'no network' : 'there is a network again');
    if (offline) cut();
    dispatchEvent(new Event(offline ? 'offline' : 'online')); // as the browser itself says it
  });
  transport('none');
  counts();

  /** Tells what becomes of this socket's connection. */
  function watch(socket) {
    socket.on('connect', () => note(
      socket.recovered ? 'recovered: the same socket, and all that was missed' : `connected as a new socket, ${socket.id}`, 'good',
    ));
    socket.on('disconnect', reason => {
      transport('none');
      note(`disconnected: ${reason}`, 'bad');
    });
    socket.io.on('reconnect_attempt', number => note(`attempt ${number} to come back`));
    socket.io.on('reconnect_error', error => note(`it failed: ${error?.message ?? 'in time'}`, 'bad'));
  }

  return { watch };
})();
