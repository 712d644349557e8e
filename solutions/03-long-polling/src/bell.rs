use tokio::sync::Notify;

/// Wakes everybody who waits. It carries nothing: who hears it looks for what is new.
#[derive(Debug, Default)]
pub struct Bell {
    rung: Notify,
}

impl Bell {
    /// Wakes everybody who listens now. A ring is not kept for those who come later.
    pub fn ring(&self) {
        self.rung.notify_waiters();
    }

    /// Looks, and sleeps until the bell rings, until `look` finds something.
    ///
    /// No ring is lost between looking and sleeping. `Notify::notified` promises to hear every ring
    /// from the moment when it is called, even while nothing awaits it yet.
    pub async fn until<T>(&self, mut look: impl FnMut() -> Option<T>) -> T {
        // ANCHOR: step_3_2
        loop {
            // Listen first, look second: what comes after the look is heard.
            let rung = self.rung.notified();
            if let Some(found) = look() {
                return found;
            }
            rung.await;
        }
        // ANCHOR_END: step_3_2
    }
}
