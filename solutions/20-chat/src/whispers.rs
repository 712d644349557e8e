//! What one person tells another, and whether it was shown.

use socketio::{RawArgs, Socket};

use crate::chat::{now, person};
use crate::{Chat, Guest, Mistake, Read, Shown, Whisper, WhisperReceipt, Whispered};

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
            self.hall().forget(&whisper.to, &whispered.from, &whispered.id);
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

    /// A client has shown what was kept for it.
    pub(crate) fn shown(&self, socket: &Socket<Guest>, shown: &Shown) {
        self.tell_read(&socket.user().name, &shown.from, &shown.id);
    }

    /// Shows somebody who is back what was kept. What is not shown stays.
    pub(crate) async fn deliver(self, socket: Socket<Guest>, mail: Vec<Whispered>) {
        let name = &socket.user().name;
        for whispered in mail {
            if !self.show(name, &whispered).await {
                return;
            }
            self.tell_read(name, &whispered.from, &whispered.id);
        }
    }

    /// What was kept is kept no more, and who said it hears of it.
    fn tell_read(&self, to: &str, from: &str, id: &str) {
        let mut hall = self.hall();
        if hall.forget(to, from, id) {
            let read = Read { to: to.to_owned(), id: id.to_owned() };
            self.guests.to(&person(from)).emit("read", read);
        }
    }
}
