// Lesson 03: the page of the message board, in a real browser.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';

import { launch } from './browser.mjs';
import { Program } from './program.mjs';

let browser;
let server;
let address;
let complaints;

before(async () => {
  browser = await launch();
});

after(async () => {
  await browser?.close();
});

beforeEach(async () => {
  complaints = [];
  server = new Program('long-polling', 'board', '127.0.0.1:0');
  [, address] = await server.line(/^listening on (\S+)/);
});

afterEach(async () => {
  await Promise.all(browser.contexts().map(context => context.close()));
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

async function post(page, text) {
  await page.getByRole('textbox', { name: 'Your message' }).fill(text);
  await page.getByRole('button', { name: 'Post' }).click();
}

const useLong = page => page.getByRole('radio', { name: /Long-polling/ }).check();
const seen = (page, text) => page.locator('#messages').getByText(text, { exact: true }).waitFor();
const count = async (page, mode, name) => Number(await page.locator(`#${mode} .${name}`).textContent());

test('with short polling both pages see what one posts', async () => {
  const [anna, ben] = await Promise.all([open(), open()]);
  await ben.locator('#short .empty').getByText(/[1-9]/).waitFor();
  await post(anna, 'lunch is here');
  await Promise.all([seen(anna, 'lunch is here'), seen(ben, 'lunch is here')]);
  await ben.locator('#short .messages').getByText('1', { exact: true }).waitFor();
  assert.ok(await count(ben, 'short', 'requests') >= 2, 'once for nothing, once for the message');
  assert.equal(await count(ben, 'long', 'requests'), 0);
});

test('with long-polling both pages see what one posts, for one request each', async () => {
  const [anna, ben] = await Promise.all([open(), open()]);
  await useLong(anna);
  await useLong(ben);
  await server.line(/^waiting: 2$/);
  for (const text of ['lunch is here', 'it is cold']) {
    await post(anna, text);
    await Promise.all([seen(anna, text), seen(ben, text)]);
  }
  await ben.locator('#long .messages').getByText('2', { exact: true }).waitFor();
  await ben.locator('#long .requests').getByText('3', { exact: true }).waitFor();
  assert.equal(await count(ben, 'long', 'empty'), 0, 'no answer brought nothing');
});

test('a page that is closed waits no more, and neither does one that switches to short polling', async () => {
  const [anna, ben] = await Promise.all([open(), open()]);
  await useLong(anna);
  await server.line(/^waiting: 1$/);
  await useLong(ben);
  await server.line(/^waiting: 2$/);
  await anna.close();
  await server.line(/^waiting: 1$/);
  await ben.getByRole('radio', { name: /Short polling/ }).check();
  await server.line(/^waiting: 0$/);
});

test('what was said before a page opens is shown, and counted as no news', async () => {
  const anna = await open();
  await post(anna, '<b>not bold</b>');
  await seen(anna, '<b>not bold</b>');
  const ben = await open();
  await seen(ben, '<b>not bold</b>');
  assert.equal(await count(ben, 'short', 'messages'), 0);
});

test('a message that is refused is explained, and kept for another try', async () => {
  const anna = await open();
  const longest = '\u{20AC}'.repeat(500); // of what the page lets one type: 1500 bytes
  await post(anna, longest);
  await seen(anna, longest);
  await anna.getByRole('textbox').evaluate(input => input.removeAttribute('maxlength'));
  await post(anna, 'x'.repeat(3000));
  await anna.getByRole('alert').getByText('expected a body of at most 2048 bytes').waitFor();
  assert.equal((await anna.getByRole('textbox').inputValue()).length, 3000);
});

test('a page that waits when the server stops says so, and goes on when there is one again', async () => {
  const anna = await open();
  await post(anna, 'before');
  await seen(anna, 'before');
  await useLong(anna);
  await server.line(/^waiting: 1$/);
  assert.equal(await server.stop(), 0, 'it answers who waits, and ends');
  await anna.locator('#state').getByText('tries again').waitFor();
  server = new Program('long-polling', 'board', new URL(address).host);
  await server.line(/^waiting: 1$/);
  await post(anna, 'after');
  await seen(anna, 'after');
  assert.deepEqual(await anna.locator('#messages li').allInnerTexts(), ['1\nafter'], 'a new board');
});

test('nothing is wider than a phone', async () => {
  const anna = await open({ viewport: { width: 390, height: 844 } });
  await post(anna, 'w'.repeat(200));
  await seen(anna, 'w'.repeat(200));
  assert.equal(await anna.evaluate(() => document.documentElement.scrollWidth), 390);
});
