//! The tests of this lesson, as the solution runs them and the starter too.

use chat as subject;
#[path = "../../../tests/20_chat.rs"]
mod l20_chat;
