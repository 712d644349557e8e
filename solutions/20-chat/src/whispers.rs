//! What one person tells another, and whether it was shown.

use socketio::{RawArgs, Socket};

use crate::chat::{now, person};
use crate::{Chat, Guest, Mistake, Read, Whisper, WhisperReceipt, Whispered};

impl Chat {
    pub(crate) async fn whisper(
        &self,
        socket: Socket<Guest>,
        whisper: Whisper,
    ) -> Result<WhisperReceipt, Mistake> {
        // ANCHOR: step_20_3
        // It is kept before it is shown: should they come back meanwhile, they find it.
        let whispered = self.hall().whisper(socket.user(), &whisper, now())?;
        let read = self.show(&whisper.to, &whispered).await;
        if read {
            self.hall().forget(&whisper.to, &whispered);
        }
        Ok(WhisperReceipt { read, at: whispered.at })
        // ANCHOR_END: step_20_3
    }

    /// Asks the client of this person to show it. Its answer is the receipt.
    async fn show(&self, to: &str, whispered: &Whispered) -> bool {
        // ANCHOR: step_20_3_b
        let call = self.guests.to(&person(to)).call::<RawArgs>("whisper", whispered);
        let answers = call.timeout(self.limits.read_timeout).await;
        answers.is_ok_and(|answers| answers.iter().any(Result::is_ok))
        // ANCHOR_END: step_20_3_b
    }

    /// Shows somebody who is back what was kept, and tells those who said it. What is not shown stays.
    pub(crate) async fn deliver(self, socket: Socket<Guest>, mail: Vec<Whispered>) {
        let name = &socket.user().name;
        for whispered in mail {
            // ANCHOR: deliver
            if !self.show(name, &whispered).await {
                return;
            }
            if self.hall().forget(name, &whispered) {
                let read = Read { to: name.to_string(), id: whispered.id };
                self.guests.to(&person(&whispered.from)).emit("read", read);
            }
            // ANCHOR_END: deliver
        }
    }
}
