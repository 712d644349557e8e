// See chat.js.
