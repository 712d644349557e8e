//! Each limit of the chat. Beside the lesson, whose steps it would only lengthen.

use lesson_20_chat as subject;

#[path = "../../../tests/20_chat/limits.rs"]
mod limits;
