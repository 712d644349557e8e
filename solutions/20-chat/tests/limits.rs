//! Each limit of the chat. Beside the lesson, whose steps it would only lengthen.

use chat as subject;

#[path = "../../../tests/20_chat/limits.rs"]
mod limits;
