// Lesson 20: the chat, in two browsers and a terminal; the page with its own small client, and with the official one.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';

import { io } from 'socket.io-client';

import { launch } from './browser.mjs';
import { Cable, Network } from './network.mjs';
import { Program } from './program.mjs';

const TOKEN = 'sesame-sesame';
const OFFICIAL = join(import.meta.dirname, 'node_modules/socket.io-client/dist/socket.io.min.js');

let browser;

before(async () => { browser = await launch(); });
after(() => browser?.close());

suite('the small client', () => chat());
suite('the official client', () => chat('--client', OFFICIAL));

function chat(...flags) {
  let server;
  let address;
  let networks;
  let terminals;
  let complaints;

  const start = async port => {
    server = new Program('chat', null, '--port', port, '--admin-token', TOKEN, ...flags);
    [, address] = await server.line(/^listening on (http:\/\/[^ /]+)/);
  };

  beforeEach(async () => {
    complaints = [];
    networks = [];
    terminals = [];
    await start('0');
  });

  afterEach(async () => {
    await Promise.all(browser.contexts().map(context => context.close()));
    await Promise.all(terminals.map(terminal => terminal.stop()));
    networks.forEach(network => network.close());
    assert.equal(await server.stop(), 0, 'the server ends well');
    assert.deepEqual(complaints, []);
  });

  /** A page of somebody else's browser. */
  async function open(path = '/', options = {}) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on('pageerror', error => complaints.push(error.message));
    page.on('console', line => { if (line.text().includes('Content Security')) complaints.push(line.text()); });
    page.on('request', request => {
      const { protocol, origin } = new URL(request.url());
      if (protocol.startsWith('http') && origin !== address) complaints.push(`a request to ${origin}`);
    });
    await page.goto(address + path);
    return page;
  }

  async function knock(page, name) {
    await page.getByRole('textbox', { name: 'Your name' }).fill(name);
    await page.getByRole('button', { name: 'Come in' }).click();
  }

  async function enter(name, options) {
    const page = await open('/', options);
    await knock(page, name);
    await page.getByRole('status').getByText(`here as ${name}`).waitFor();
    await page.locator('#people').getByText(name).waitFor();
    return page;
  }

  /** Somebody in a terminal, in the first room. */
  async function sit(name, at = address) {
    const terminal = new Program('chat', 'chat-terminal', at, name);
    terminals.push(terminal);
    await terminal.line(new RegExp(`^\\* you are ${name}`));
    terminal.type('/join lobby');
    await terminal.line(/^\* #lobby: /);
    return terminal;
  }

  /** What the terminal shows of somebody's words next; any one more, or less, or another, would stand between. */
  async function hears(terminal, who, words) {
    for (const text of words) {
      const [, came] = await terminal.line(new RegExp(`^#lobby ${who}: (.*)`));
      assert.equal(came, text);
    }
  }

  async function desk() {
    const page = await open('/admin');
    await page.getByLabel('Token').fill(TOKEN);
    await page.getByRole('button', { name: 'Come in' }).click();
    await page.getByRole('status').getByText('connected', { exact: true }).waitFor();
    return page;
  }

  async function say(page, text) {
    await page.getByRole('textbox', { name: 'Your message' }).fill(text);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
  }

  async function move(page, room) {
    await page.getByRole('combobox', { name: 'Another room' }).fill(room);
    await button(page, 'Enter').click();
    await page.getByRole('heading', { name: `# ${room}` }).waitFor();
  }

  const button = (page, name) => page.getByRole('button', { name, exact: true });
  const seen = (page, text) => page.getByRole('log').getByText(text, { exact: true }).last().waitFor();
  const texts = page => page.locator('#log .text').allInnerTexts();
  const numbered = (word, count) => Array.from({ length: count }, (_, index) => `${word} ${index + 1}`);
  const noted = (page, words) => page.locator('#packets').getByText(words).first().waitFor();
  const uses = (page, transport) => page.locator(`#wire[data-transport=${transport}]`).waitFor();

  /** Nothing is on its way any more: a word in each direction has come after all others. */
  async function settle(one, other) {
    await say(one, 'over');
    await seen(other, 'over');
    await say(other, 'and out');
    await seen(one, 'and out');
    for (const page of [one, other]) await page.locator('#log .tick:not(.server)').waitFor({ state: 'detached' });
  }

  const without = (list, ...words) => list.filter(it => !words.includes(it));
  const said = async page => without(await texts(page), 'over', 'and out');

  test('two talk, see who is here and who writes, and who comes later reads what was said', async () => {
    const anna = await enter('Anna');
    const ben = await enter('Ben');
    await seen(anna, 'Ben came in');
    await ben.getByRole('textbox', { name: 'Your message' }).pressSequentially('hm');
    await anna.locator('#typing').getByText('Ben is writing').waitFor();
    for (const text of numbered('ben', 3)) await say(ben, text);
    await anna.locator('#typing').getByText('Ben is writing').waitFor({ state: 'detached' });
    for (const text of numbered('anna', 3)) await say(anna, text);
    await settle(anna, ben);
    const cleo = await enter('Cleo');
    await seen(cleo, 'and out');
    for (const page of [anna, ben, cleo]) assert.deepEqual((await said(page)).sort(), [...numbered('anna', 3), ...numbered('ben', 3)]);
    assert.deepEqual(await texts(cleo), await texts(anna), 'in the same order');
    await button(ben, 'Leave').click();
    await seen(anna, 'Ben left');
    assert.deepEqual(await anna.locator('#people bdi').allInnerTexts(), ['Anna', 'Cleo']);
  });

  test('what is said in another room is counted, until it is in sight', async () => {
    const anna = await enter('Anna');
    const ben = await enter('Ben');
    for (const page of [anna, ben]) await move(page, 'garden');
    await button(anna, '# lobby').click();
    for (const text of numbered('rose', 3)) await say(ben, text);
    await anna.locator('#rooms .badge').getByText('3').waitFor();
    assert.equal(await anna.title(), '(3) Chat');
    assert.deepEqual(await texts(anna), []);
    await anna.locator('#rooms').getByText('garden').click();
    assert.deepEqual(await texts(anna), numbered('rose', 3));
    assert.equal(await anna.locator('#rooms .badge').count(), 0);
    assert.equal(await anna.title(), 'Chat');
  });

  test('a connection that is cut again and again loses nothing and doubles nothing', async () => {
    const anna = await enter('Anna');
    const ben = await enter('Ben');
    for (const part of [1, 2, 3]) {
      for (const text of numbered(`anna ${part}`, 4)) await say(anna, text);
      await button(ben, 'Cut the connection').click();
      for (const text of numbered(`ben ${part}`, 4)) await say(ben, text);
      await noted(ben, /^[\d:.]+ disconnected: transport/);
      await seen(ben, `anna ${part} 4`);
      await seen(anna, `ben ${part} 4`);
    }
    await settle(anna, ben);
    await noted(ben, 'recovered: the same socket, and all that was missed');
    await noted(ben, 'attempt 1 to come back');
    for (const page of [anna, ben]) {
      for (const who of ['anna', 'ben']) {
        const theirs = (await said(page)).filter(it => it.startsWith(who));
        assert.deepEqual(theirs, [1, 2, 3].flatMap(part => numbered(`${who} ${part}`, 4)));
      }
    }
    assert.deepEqual(await texts(anna), await texts(ben), 'in the same order');
  });

  test('a WebSocket that is blocked is done without, and taken when it is let through', async () => {
    const anna = await enter('Anna');
    await uses(anna, 'websocket');
    await noted(anna, 'upgraded: from here on the WebSocket is used');
    await button(anna, 'Block WebSocket').click();
    await noted(anna, 'recovered');
    await uses(anna, 'polling');
    const ben = await enter('Ben');
    for (const text of numbered('anna', 5)) await say(anna, text);
    for (const text of numbered('ben', 5)) await say(ben, text);
    await settle(anna, ben);
    assert.equal(await anna.locator('#wire').getAttribute('data-transport'), 'polling');
    for (const page of [anna, ben]) assert.deepEqual((await said(page)).sort(), [...numbered('anna', 5), ...numbered('ben', 5)]);
    await button(anna, 'Block WebSocket').click();
    await button(anna, 'Cut the connection').click();
    await uses(anna, 'websocket');
  });

  test('behind a proxy that knows only HTTP there is a chat all the same', async () => {
    const network = await Network.start({ tunnels: false });
    networks.push(network);
    const anna = await enter('Anna', { proxy: { server: network.address, bypass: '<-loopback>' } });
    const ben = await enter('Ben');
    for (const text of numbered('anna', 3)) await say(anna, text);
    await settle(ben, anna);
    assert.deepEqual(await said(ben), numbered('anna', 3));
    assert.equal(await anna.locator('#wire').getAttribute('data-transport'), 'polling');
  });

  test('a terminal and a page talk, also in private', async () => {
    const anna = await enter('Anna');
    const tom = await sit('Tom');
    await seen(anna, 'Tom came in');
    for (const text of numbered('tom', 3)) tom.type(text);
    await seen(anna, 'tom 3');
    for (const text of numbered('anna', 3)) await say(anna, text);
    await hears(tom, 'Anna', numbered('anna', 3));
    assert.deepEqual(await texts(anna), [...numbered('tom', 3), ...numbered('anna', 3)]);
    await attach(anna, { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('notes') });
    await hears(tom, 'Anna', ['(notes.txt, 5 bytes)']);
    tom.type('/msg Anna psst');
    await anna.locator('#private').getByText('Tom').click();
    await seen(anna, 'psst');
    await tom.line(/✓ read/);
    await say(anna, 'yes?');
    await tom.line(/^\[Anna\] yes\?/);
    await anna.locator('.tick.read').waitFor();
    tom.type('/quit');
    await anna.locator('#rooms').getByText('lobby').click();
    await seen(anna, 'Tom left');
  });

  test('a terminal shows a whisper once, and answers it each time', async () => {
    const tom = await sit('Tom');
    const ben = io(address, { auth: { name: 'Ben', key: 'k'.repeat(16) }, forceNew: true });
    const whisper = (id, text) => ben.timeout(10_000).emitWithAck('whisper', { to: 'Tom', id, text });
    for (const [id, text] of [['1', 'psst'], ['1', 'psst'], ['2', 'over']]) assert.equal((await whisper(id, text)).read, true);
    for (const text of ['psst', 'over']) assert.equal((await tom.line(/^\[Ben\] (.*)/))[1], text);
    ben.disconnect();
  });

  test('a terminal whose connection breaks, and whose server is started anew, loses nothing', async () => {
    const cable = await Cable.start(address);
    networks.push(cable);
    const anna = await enter('Anna');
    const tom = await sit('Tom', cable.address);
    await say(anna, 'anna 1');
    await hears(tom, 'Anna', ['anna 1']);
    cable.reset();
    await anna.locator('#people [data-is=away]').getByText('Tom').waitFor();
    for (const text of ['anna 2', 'anna 3']) await say(anna, text);
    for (const text of ['tom 1', 'tom 2']) tom.type(text);
    cable.mend();
    await hears(tom, 'Anna', ['anna 2', 'anna 3']);
    await seen(anna, 'tom 2');

    const { port } = new URL(address);
    assert.equal(await server.stop(), 0);
    await anna.locator('#state:not([data-is=open])').waitFor();
    for (const text of ['tom 3', 'tom 4']) tom.type(text);
    await say(anna, 'anna 4');
    await start(port);
    await seen(anna, 'tom 4');
    await hears(tom, 'Anna', ['anna 4']);
    await say(anna, 'over');
    await hears(tom, 'Anna', ['over']);
    assert.deepEqual((await texts(anna)).filter(it => it.startsWith('tom')), numbered('tom', 4));
  });

  test('a terminal talks on where it was, after a server was started anew', async () => {
    const anna = await enter('Anna');
    const tom = await sit('Tom');
    tom.type('/join garden');
    await tom.line(/^\* #garden: Tom/);
    await move(anna, 'garden');
    const { port } = new URL(address);
    assert.equal(await server.stop(), 0);
    await start(port);
    await tom.line(/^\* #lobby: /); // it joins both again, this one last
    tom.type('still in the garden');
    await seen(anna, 'still in the garden');
  });

  test('a server that is started anew is told what waited, once', async () => {
    const anna = await enter('Anna');
    const ben = await enter('Ben');
    for (const text of numbered('before', 3)) await say(anna, text);
    await seen(ben, 'before 3');
    const { port } = new URL(address);
    assert.equal(await server.stop(), 0);
    for (const page of [anna, ben]) await page.locator('#state:not([data-is=open])').waitFor();
    for (const text of numbered('anna', 3)) await say(anna, text);
    for (const text of numbered('ben', 3)) await say(ben, text);
    assert.equal(await anna.getByText('waiting to be sent').count(), 3);
    await start(port);
    for (const page of [anna, ben]) await seen(page, 'The server was started anew. What stands above is only here.');
    await settle(anna, ben);
    for (const page of [anna, ben]) {
      const all = await said(page);
      assert.deepEqual(all.slice(0, 3), numbered('before', 3));
      assert.deepEqual(all.slice(3).sort(), [...numbered('anna', 3), ...numbered('ben', 3)]);
    }
    assert.deepEqual(await texts(anna), await texts(ben), 'in the same order');
  });

  test('who is offline writes on, and hears all of it when back', async () => {
    const anna = await enter('Anna');
    const ben = await enter('Ben');
    await button(ben, 'Go offline').click();
    await ben.getByRole('status').getByText('trying again').waitFor();
    await anna.locator('#people [data-is=away]').getByText('Ben').waitFor();
    for (const text of numbered('ben', 5)) await say(ben, text);
    await attach(ben, { name: 'later.txt', mimeType: 'text/plain', buffer: Buffer.from('later') });
    for (const text of numbered('anna', 5)) await say(anna, text);
    await ben.getByText('waiting to be sent').nth(5).waitFor();
    assert.deepEqual(await texts(anna), numbered('anna', 5));
    await button(ben, 'Go offline').click();
    await seen(anna, 'later.txt');
    await settle(ben, anna);
    for (const page of [anna, ben]) assert.deepEqual(await said(page), [...numbered('anna', 5), ...numbered('ben', 5)]);
    await noted(ben, 'recovered');
    assert.equal(await anna.getByText('later.txt').count(), 1);
  });

  test('a room that is left without a connection is left, however long that lasts', async () => {
    const anna = await enter('Anna');
    const ben = await enter('Ben');
    for (const page of [anna, ben]) await move(page, 'garden');
    await button(anna, 'Go offline').click();
    await anna.getByRole('status').getByText('trying again').waitFor();
    await anna.clock.install();
    await button(anna, 'Leave').click();
    await anna.clock.fastForward(30_000); // longer than the page waits for an answer
    await button(anna, 'Go offline').click();
    await ben.locator('#people').getByText('Anna').waitFor({ state: 'detached' });
    assert.deepEqual(await anna.locator('#rooms bdi').allInnerTexts(), ['lobby']);
    assert.equal(await anna.locator('#problem').isVisible(), false);
  });

  const attach = (page, ...files) => page.getByLabel('File', { exact: true }).setInputFiles(files);

  /** What the page offers to save. */
  async function save(page, name) {
    const [download] = await Promise.all([page.waitForEvent('download'), button(page, `Save ${name}`).click()]);
    assert.equal(download.suggestedFilename(), name);
    return readFile(await download.path());
  }

  /** As if a file were dropped, or pasted. */
  const bring = (page, place, event, name, text) => page.locator(place).evaluate((element, [event, name, text]) => {
    const files = new DataTransfer();
    files.items.add(new File([text], name, { type: 'text/plain' }));
    const options = { bubbles: true, cancelable: true };
    element.dispatchEvent(event === 'paste'
      ? new ClipboardEvent(event, { ...options, clipboardData: files })
      : new DragEvent(event, { ...options, dataTransfer: files }));
  }, [event, name, text]);

  test('files come by button, drop and paste, and arrive byte by byte', async () => {
    const anna = await enter('Anna');
    const ben = await enter('Ben');
    const picture = await anna.screenshot({ clip: { x: 0, y: 0, width: 120, height: 80 } });
    await attach(anna, { name: 'picture.png', mimeType: 'image/png', buffer: picture });
    const shown = ben.getByRole('img', { name: 'picture.png' });
    await shown.waitFor();
    await ben.waitForFunction(() => document.querySelector('#log img').naturalWidth === 120);
    assert.deepEqual(await save(ben, 'picture.png'), picture);
    assert.deepEqual(await save(anna, 'picture.png'), picture);
    const all = Buffer.from(Array.from({ length: 999_999 }, (_, index) => index * 7 % 256));
    await attach(anna, { name: 'large.bin', mimeType: 'application/octet-stream', buffer: all });
    assert.deepEqual(await save(ben, 'large.bin'), all);
    await bring(anna, '#talk', 'drop', 'dropped.txt', 'from above');
    assert.equal(String(await save(ben, 'dropped.txt')), 'from above');
    await bring(anna, '#text', 'paste', 'pasted.txt', 'from the board');
    assert.equal(String(await save(ben, 'pasted.txt')), 'from the board');
    await attach(anna, { name: 'too large.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(1_000_001) });
    await anna.getByRole('alert').getByText('A file has at most 1000000 bytes, and “too large.bin” 1000001.').waitFor();
    await settle(anna, ben);
    assert.equal(await ben.locator('.file').count(), 4);
  });

  test('a large file goes over polling too', async () => {
    const anna = await enter('Anna');
    const ben = await enter('Ben');
    for (const page of [anna, ben]) {
      await button(page, 'Block WebSocket').click();
      await noted(page, 'recovered');
      await uses(page, 'polling');
    }
    const all = Buffer.alloc(1_000_000, 'abc');
    await attach(anna, { name: 'large.bin', mimeType: '', buffer: all });
    assert.deepEqual(await save(ben, 'large.bin'), all);
  });

  test('private words are for two, and their sender sees when they were read', async () => {
    const anna = await enter('Anna');
    const ben = await enter('Ben');
    const cleo = await enter('Cleo');
    await anna.locator('#people').getByText('Ben').click();
    await anna.getByRole('heading', { name: 'Ben', exact: true }).waitFor();
    await say(anna, 'for you alone');
    await ben.locator('#private .badge').getByText('1').waitFor();
    await anna.locator('.tick.server').waitFor();
    assert.equal(await anna.locator('.tick.read').count(), 0, 'not before it is in sight');
    await ben.locator('#private').getByText('Anna').click();
    await seen(ben, 'for you alone');
    await anna.locator('.tick.read').waitFor();

    await button(ben, 'Go offline').click();
    await ben.getByRole('status').getByText('trying again').waitFor();
    await say(anna, 'when you are back');
    await anna.locator('.tick.server').waitFor();
    await button(ben, 'Go offline').click();
    await seen(ben, 'when you are back');
    await anna.locator('.tick.read').nth(1).waitFor();
    await say(ben, 'I am');
    await seen(anna, 'I am');
    for (const page of [anna, ben]) assert.deepEqual(await texts(page), ['for you alone', 'when you are back', 'I am']);
    await say(cleo, 'nobody tells me anything');
    await anna.locator('#rooms .badge').getByText('1').waitFor();
    assert.deepEqual(await texts(cleo), ['nobody tells me anything']);
    assert.equal(await cleo.locator('#private li').count(), 0);
  });

  test('the desk sees who is where, tells all, silences one, and shows the door', async () => {
    const anna = await enter('Anna');
    const ben = await enter('Ben');
    const stranger = await open('/admin');
    await stranger.getByLabel('Token').fill('a wrong token');
    await button(stranger, 'Come in').click();
    await stranger.locator('#door-why.bad').getByText('token').waitFor();
    assert.equal(await stranger.locator('tbody tr').count(), 0);

    const admin = await desk();
    await admin.locator('tr', { hasText: 'Ben' }).getByText('# lobby').waitFor();
    assert.equal(await admin.locator('tbody tr').count(), 2);
    await admin.getByLabel('What all shall read').fill('lunch <b>now</b>');
    await button(admin, 'Tell all').click();
    for (const page of [anna, ben]) await page.getByRole('alert').getByText('From the desk: lunch <b>now</b>').waitFor();

    await button(admin, 'Mute: Ben').click();
    await ben.getByRole('alert').getByText('The desk has muted you for 300 seconds').waitFor();
    await say(ben, 'am I heard?');
    await ben.locator('.tick.failed').waitFor();
    await ben.locator('.why').getByText('mute').waitFor();
    await button(admin, 'Let speak: Ben').click();
    await ben.getByRole('alert').getByText('The desk has muted you').waitFor({ state: 'hidden' });
    assert.deepEqual(await texts(anna), []);
    await button(ben, 'Try again').click();
    await seen(anna, 'am I heard?');
    assert.deepEqual(await texts(ben), ['am I heard?']);

    await button(admin, 'Disconnect: Ben').click();
    await ben.getByRole('alert').getByText('The desk has shown you the door.').waitFor();
    await seen(anna, 'Ben left');
    await admin.locator('tr', { hasText: 'Ben' }).waitFor({ state: 'detached' });
    await knock(ben, 'Ben');
    await say(ben, 'here again');
    await seen(anna, 'here again');
  });

  test('what somebody writes is text, wherever it is shown', async () => {
    const evil = '<img src=x onerror=hit()>';
    const anna = await enter('Anna');
    const eve = await enter(evil);
    await seen(anna, `${evil} came in`);
    await anna.locator('#people').getByText(evil).waitFor();
    for (const text of [`${evil}<script>hit()</script>`, 'javascript:hit()', '\u202e]gnorw[', '&lt;b&gt;']) {
      await say(eve, text);
      await seen(anna, text);
    }
    await eve.getByRole('textbox', { name: 'Your message' }).pressSequentially('x');
    await anna.locator('#typing').getByText(`${evil} is writing`).waitFor();
    const page = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="hit()"/><script>hit()</script>');
    await attach(eve,
      { name: 'drawing.svg', mimeType: 'image/svg+xml', buffer: page },
      { name: '"><script>.png', mimeType: 'image/png', buffer: page },
      { name: 'page.html', mimeType: 'text/html', buffer: page });
    await seen(anna, 'page.html');
    await anna.locator('#log img').waitFor({ state: 'detached' });
    await anna.locator('#people').getByText(evil).click();
    await say(anna, evil);
    await eve.locator('#private').getByText('Anna').click();
    await seen(eve, evil);
    await (await desk()).getByRole('cell', { name: evil, exact: true }).waitFor();
    await eve.getByRole('combobox', { name: 'Another room' }).fill(evil);
    await button(eve, 'Enter').click();
    await eve.getByRole('heading', { name: `# ${evil}` }).waitFor();
    for (const page of browser.contexts().flatMap(context => context.pages())) {
      assert.equal(await page.locator('body script:not([src]), img, svg[onload], b').count(), 0);
    }
  });

  test('the page lets no other script in', async () => {
    const { headers } = await fetch(address);
    const policy = headers.get('content-security-policy');
    assert.match(policy, /script-src 'self'/);
    assert.doesNotMatch(policy, /unsafe|\*/);
    const anna = await open();
    const ran = await anna.evaluate(() => {
      const script = Object.assign(document.createElement('script'), { textContent: 'window.ran = true' });
      document.body.append(script);
      return window.ran === true;
    });
    assert.equal(ran, false);
    assert.match(complaints.splice(0).join(), /Content Security Policy/);
  });

  test('a name that is taken is refused in words, and another may be tried', async () => {
    const anna = await enter('Anna');
    const ben = await open();
    await knock(ben, 'Anna');
    await ben.locator('#door-why.bad').getByText('Anna').waitFor();
    await knock(ben, 'Ben');
    await ben.getByRole('status').getByText('here as Ben').waitFor();
    await anna.reload();
    await anna.getByRole('status').getByText('here as Anna').waitFor();
  });

  test('the wire shows each packet in words, opens at a click, and forgets the oldest', async () => {
    const anna = await enter('Anna');
    await uses(anna, 'websocket');
    const lines = anna.locator('#packets .what');
    for (const words of ['open', 'message CONNECT', 'message EVENT “welcome”', 'upgrade']) {
      await lines.getByText(words, { exact: true }).first().waitFor();
    }
    await say(anna, 'a word');
    await seen(anna, 'a word');
    const line = anna.locator('#packets li.out', { hasText: '“say”' });
    await line.locator('summary').click();
    await line.locator('pre').getByText('"a word"').waitFor();
    for (const width of [1280, 1000]) {
      await anna.setViewportSize({ width, height: 800 });
      const welcome = lines.getByText('“welcome”', { exact: true }).locator('..');
      assert.ok(await welcome.evaluate(it => it.scrollWidth <= it.clientWidth), `a name is read whole, ${width} pixels wide`);
    }
    await anna.evaluate(() => {
      for (let number = 0; number < 300; number++) fetch('/socket.io/?EIO=4&transport=polling&sid=none').catch(() => {});
    });
    await noted(anna, 'HTTP status 400');
    await anna.waitForFunction(() => document.querySelectorAll('#packets li').length === 200);
  });

  test('a phone shows all of it, and a keyboard is enough', async () => {
    const anna = await open('/', { viewport: { width: 390, height: 844 } });
    await anna.keyboard.type('Anna');
    await anna.keyboard.press('Enter');
    await anna.getByRole('status').getByText('here as Anna').waitFor();
    await anna.getByRole('heading', { name: '# lobby' }).waitFor();
    const text = anna.getByRole('textbox', { name: 'Your message' });
    for (let tabs = 0; !await text.evaluate(it => it === document.activeElement); tabs += 1) {
      assert.ok(tabs < 12, 'the message can be reached by tab');
      await anna.keyboard.press('Tab');
    }
    await anna.keyboard.type('w'.repeat(200));
    await anna.keyboard.press('Enter');
    await seen(anna, 'w'.repeat(200));
    for (const part of ['Rooms', 'Wire', 'Talk']) {
      await button(anna, part).click();
      const { scrollWidth: width, scrollHeight: height } = await anna.evaluate(() => {
        const { scrollWidth, scrollHeight } = document.documentElement;
        return { scrollWidth, scrollHeight };
      });
      assert.deepEqual({ width, height }, { width: 390, height: 844 }, part);
    }
  });
}
