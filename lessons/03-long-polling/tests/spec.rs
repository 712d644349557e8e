//! The tests of this lesson, as the solution runs them and the starter too.

use lesson_03_long_polling as subject;
#[path = "../../../tests/03_long_polling.rs"]
mod l03_long_polling;
