// Lesson 07: the page of the chat, in a real browser.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';

import { launch } from './browser.mjs';
import { Network } from './network.mjs';
import { Program } from './program.mjs';

let browser;
let server;
let address;
let networks;
let complaints;

before(async () => {
  browser = await launch();
});

after(async () => {
  await browser?.close();
});

beforeEach(async () => {
  complaints = [];
  networks = [];
  server = new Program('websocket-chat', null, '--port', '0');
  [, address] = await server.line(/^listening on (\S+)/);
});

afterEach(async () => {
  await Promise.all(browser.contexts().map(context => context.close()));
  networks.forEach(network => network.close());
  assert.equal(await server.stop(), 0, 'the server ends well');
  assert.deepEqual(complaints, []);
});

async function open(options) {
  const page = await browser.newPage(options);
  page.setDefaultTimeout(10_000);
  page.on('pageerror', error => complaints.push(error.message));
  page.on('request', request => {
    const from = new URL(request.url());
    if (from.origin !== address && from.protocol !== 'data:') complaints.push(`a request to ${from}`);
  });
  await page.goto(address);
  return page;
}

/** A page whose connections go through a network of its own. */
async function openThrough(network) {
  networks.push(network);
  return open({ proxy: { server: network.address, bypass: '<-loopback>' } });
}

async function join(page, name) {
  await page.getByRole('textbox', { name: 'Your name' }).fill(name);
  await page.getByRole('button', { name: 'Join' }).click();
}

async function enter(name, options) {
  const page = await open(options);
  await join(page, name);
  await seen(page, `You are here as ${name}.`);
  return page;
}

async function say(page, text) {
  await page.getByRole('textbox', { name: 'Your message' }).fill(text);
  await page.getByRole('button', { name: 'Say' }).click();
}

const seen = (page, text, options) => page.getByRole('log').getByText(text).last().waitFor(options);
const here = page => page.locator('#here li').allInnerTexts();

test('two pages chat, and each sees the other come and go', async () => {
  const anna = await enter('Anna');
  const ben = await enter('Ben');
  await seen(anna, 'Ben is here.');
  assert.deepEqual(await here(anna), ['Anna (you)', 'Ben']);
  assert.deepEqual(await here(ben), ['Anna', 'Ben (you)']);
  await say(anna, '<b>lunch</b> is here');
  for (const page of [anna, ben]) await seen(page, '<b>lunch</b> is here');
  await say(ben, 'what is it?');
  for (const page of [anna, ben]) await seen(page, 'what is it?');
  await ben.close();
  await seen(anna, 'Ben is gone: closed the connection.');
  assert.deepEqual(await here(anna), ['Anna (you)']);
});

test('a page whose connections are reset says so, and the other sees it leave', async () => {
  const anna = await enter('Anna');
  const network = await Network.start();
  const ben = await openThrough(network);
  await join(ben, 'Ben');
  await seen(anna, 'Ben is here.');
  network.reset();
  await seen(anna, 'Ben is gone: lost the connection.');
  await ben.getByRole('status').getByText('it broke off, or was refused (1006)').waitFor();
  await say(anna, 'the train leaves at nine');
  await seen(anna, 'the train leaves at nine');
  await join(ben, 'Ben');
  await seen(ben, 'You are here as Ben.');
  await say(anna, 'are you back?');
  await seen(ben, 'are you back?');
  assert.equal(await ben.getByText('the train leaves').count(), 0, 'what was said meanwhile is lost');
});

test('a page whose network is cut without a word is missed after 45 seconds', async () => {
  const anna = await enter('Anna');
  const network = await Network.start();
  const ben = await openThrough(network);
  await join(ben, 'Ben');
  await seen(anna, 'Ben is here.');
  network.cut();
  await seen(anna, 'Ben is gone: did not answer for 45 s.', { timeout: 60_000 });
  assert.deepEqual(await here(ben), ['Anna', 'Ben (you)'], 'ben cannot know it');
});

test('behind a proxy that knows only HTTP there is a page and no chat', async () => {
  const ben = await openThrough(await Network.start({ tunnels: false }));
  await join(ben, 'Ben');
  await ben.getByRole('status').getByText('it broke off, or was refused (1006)').waitFor();
});

test('a page of another site may not connect', async () => {
  const other = await open();
  await other.goto('data:text/html,<title>another site</title>');
  const code = await other.evaluate(url => new Promise(resolve => {
    new WebSocket(url).onclose = ({ code }) => resolve(code);
  }), `${address.replace('http', 'ws')}/chat`);
  assert.equal(code, 1006);
});

test('a name that is taken is refused in words, and another may be tried', async () => {
  await enter('Anna');
  const ben = await open();
  await join(ben, 'Anna');
  await seen(ben, 'expected a name that looks like no other here, came "Anna"; choose another');
  await join(ben, 'Ben');
  await seen(ben, 'You are here as Ben.');
});

test('a message that is too long ends the connection with 1009, and the page says why', async () => {
  const anna = await enter('Anna');
  await anna.getByRole('textbox', { name: 'Your message' }).evaluate(input => input.removeAttribute('maxlength'));
  await say(anna, 'x'.repeat(5000));
  await anna.getByRole('status').getByText('expected a message of at most 4096 bytes (max_message), came more (1009)').waitFor();
});

test('a server that stops says so, and the page can come back when there is one again', async () => {
  const anna = await enter('Anna');
  assert.equal(await server.stop(), 0);
  await anna.getByRole('status').getByText('the server stops; connect again later (1001)').waitFor();
  server = new Program('websocket-chat', null, '--port', new URL(address).port);
  await server.line(/^listening/);
  await join(anna, 'Anna');
  await say(anna, 'here again');
  await seen(anna, 'here again');
});

test('a phone shows all of it, and a keyboard is enough', async () => {
  const anna = await open({ viewport: { width: 390, height: 844 } });
  await anna.keyboard.press('Tab');
  for (let tabs = 0; !await anna.getByLabel('Your name').evaluate(input => input === document.activeElement); tabs += 1) {
    assert.ok(tabs < 5, 'the name can be reached by tab');
    await anna.keyboard.press('Tab');
  }
  await anna.keyboard.type('Anna');
  await anna.keyboard.press('Enter');
  await seen(anna, 'You are here as Anna.');
  await anna.keyboard.type('w'.repeat(200));
  await anna.keyboard.press('Enter');
  await seen(anna, 'w'.repeat(200));
  const { width, height } = await anna.evaluate(() => {
    const { scrollWidth: width, scrollHeight: height } = document.documentElement;
    return { width, height };
  });
  assert.deepEqual({ width, height }, { width: 390, height: 844 });
});

test('what is newest is in sight, and who reads back is left there', async () => {
  const anna = await open({ viewport: { width: 390, height: 500 } });
  await join(anna, 'Anna');
  for (let line = 1; line <= 20; line += 1) await say(anna, `line ${line}.`);
  await seen(anna, 'line 20.');
  const log = anna.getByRole('log');
  const below = text => log.getByText(text).evaluate(line => {
    const [end, bottom] = [line, line.closest('section')].map(box => box.getBoundingClientRect().bottom);
    return end - bottom;
  });
  assert.ok(await below('line 20.') < 0, 'the last line is in sight');
  await log.evaluate(box => box.scrollTo(0, -box.scrollHeight));
  const before = await below('line 3.');
  await say(anna, 'one more');
  await seen(anna, 'one more');
  const moved = Math.abs(await below('line 3.') - before);
  assert.ok(moved < 2, `nothing moves under the eyes, came ${moved} pixels`);
  await log.evaluate(box => box.scrollTo(0, 0));
  await server.stop();
  await seen(anna, 'does not reach you');
  assert.ok(await below('does not reach you') < 0, 'the last line is in sight, though the head has grown');
});

test('a name that turns the direction of writing turns nothing around it', async () => {
  const ben = await enter('Ben \u202enib');
  const [name, you] = await ben.locator('#here li').evaluate(line => {
    const rest = document.createRange();
    rest.selectNode(line.lastChild);
    return [line.firstChild, rest].map(part => part.getBoundingClientRect());
  });
  assert.ok(name.right <= you.left, 'first the name, then (you)');
});
