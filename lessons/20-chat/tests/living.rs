//! The chat as a whole program. Beside the lesson, whose tests see each packet, and no real network.

use lesson_20_chat as subject;

#[path = "../../../tests/20_chat/living.rs"]
mod living;
