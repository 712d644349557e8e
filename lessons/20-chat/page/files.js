// Files that people send: chosen, dropped or pasted; and shown or saved.

/** What is shown as a picture, whatever its sender calls it. All else is only ever saved. */
const PICTURES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

export const isPicture = file => PICTURES.includes(file.type);

/** An address of the page's own. Nothing but a picture keeps its type: the browser would run a page or a drawing. */
export function addressOf(file, bytes) {
  return URL.createObjectURL(new Blob([bytes], { type: isPicture(file) ? file.type : 'application/octet-stream' }));
}

export function sizeInWords(size) {
  return size < 1000 ? `${size} bytes` : size < 1e6 ? `${Math.round(size / 1000)} kB` : `${(size / 1e6).toFixed(1)} MB`;
}

/** Hears each file that comes by one of the three ways. */
export function receive({ button, input, zone, text }, hear) {
  button.addEventListener('click', () => input.click());
  input.addEventListener('change', () => {
    [...input.files].forEach(hear);
    input.value = ''; // or the same file could not be chosen twice
  });
  text.addEventListener('paste', event => {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    [...event.clipboardData.files].forEach(hear);
  });
  zone.addEventListener('dragover', event => {
    event.preventDefault(); // otherwise the browser leaves the page, and opens the file
    zone.classList.add('target');
  });
  zone.addEventListener('dragleave', event => {
    if (!zone.contains(event.relatedTarget)) zone.classList.remove('target');
  });
  zone.addEventListener('drop', event => {
    event.preventDefault();
    zone.classList.remove('target');
    [...event.dataTransfer.files].forEach(hear);
  });
}
