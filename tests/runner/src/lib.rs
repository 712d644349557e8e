//! What the course knows about itself, for the runner (`cargo course`) and for the book.
//!
//! A lesson has one hand-written source: its solution crate, with `steps.md` beside it. The modules
//! below read it, in this order; nothing here prints, runs a test or needs a terminal.

pub mod environment;
pub mod problem;
pub mod root;

pub mod holes;
pub mod layers;
pub mod map;
pub mod source;
pub mod steps;
pub mod tree;

pub mod failure;
pub mod generate;
pub mod includes;
pub mod libtest;
pub mod verify;
pub mod wrap;

mod manifest;
mod rename;
