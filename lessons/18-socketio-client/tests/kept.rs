//! What events keep that wait, in a process of its own: other tests would be counted too.

use std::alloc::System;

use lesson_18_socketio_client as subject;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[path = "../../../tests/18_socketio_client/kept.rs"]
mod kept;
