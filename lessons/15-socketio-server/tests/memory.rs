//! What a flood leaves behind, in a process of its own: other tests would be counted too.

use std::alloc::System;

use lesson_15_socketio_server as subject;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[path = "../../../tests/15_socketio_server/memory.rs"]
mod memory;
