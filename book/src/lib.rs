//! The book of the course, built in this process: mdBook, with the transcripts of the tests drawn as
//! sequence diagrams, everything that a page names checked, and a small server to read it by.

pub mod words;

pub mod bars;
pub mod lesson;
pub mod road;
pub mod solution;
pub mod svg;
pub mod wire;
pub mod wires;

pub mod directives;
pub mod drawings;

pub mod build;
pub mod links;

pub mod server;
pub mod watch;
