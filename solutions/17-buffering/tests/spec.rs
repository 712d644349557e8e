//! The tests of this lesson, as the solution runs them and the starter too.

use buffering as subject;
#[path = "../../../tests/17_buffering.rs"]
mod l17_buffering;
