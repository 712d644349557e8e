//! Lesson 17: what waits for a connection, and what is lost by name.
