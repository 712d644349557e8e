// Where a person writes: the text that grows, the keys, and the word to the others that somebody writes.

import { receive } from './files.js';
import { element } from './view.js';

/** How long the others believe that somebody writes, in ms after the last key. */
export const WRITING = 3000;

const HIGHEST = 160; // pixels, of the text

const text = element('text');
let last = 0; // when the others were told that we write; 0: that we do not
let pause;

/** `say` hears a text, and tells whether it may go; `send` hears a file; `writing` hears whether somebody writes. */
export function compose({ say, send, writing }) {
  const rest = () => {
    clearTimeout(pause);
    if (last > 0) writing(false);
    last = 0;
  };

  element('say').addEventListener('submit', event => {
    event.preventDefault();
    const words = text.value.trim();
    if (!words) return;
    rest();
    if (say(words)) write('');
  });

  text.addEventListener('keydown', event => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    element('say').requestSubmit();
  });

  text.addEventListener('input', () => {
    grow();
    clearTimeout(pause);
    pause = setTimeout(rest, WRITING);
    if (Date.now() - last < WRITING) return;
    last = Date.now();
    writing(true);
  });

  receive({ button: element('attach'), input: element('file'), zone: element('talk'), text }, send);
}

/** Puts words where a person writes; what was there before. */
export function write(words) {
  const before = text.value;
  text.value = words;
  grow();
  return before;
}

function grow() {
  text.style.height = 'auto';
  text.style.height = `${Math.min(text.scrollHeight + 2, HIGHEST)}px`; // and its border
}
