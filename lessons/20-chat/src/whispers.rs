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
        // TODO step 20.3: Whisper, and know that it was read
        //
        // `whisper`: ask `Hall::whisper`, which keeps it. Show it to the one whom it is for. If it
        // was shown, the hall forgets it. The receipt says which of the two it is, and when the
        // whisper was taken.
        //
        // `show`: call `whisper` on the sockets in the room of this person alone, `person(to)`, for
        // at most `read_timeout`.
        // `self.guests.to(&person(to)).call::<RawArgs>(event, what).timeout(time).await` is `Ok`
        // with a list of results, one for each socket. It was shown if any of them answers,
        // whatever it answers; `RawArgs` are any arguments.
        //
        // Stuck? cargo course hint 20.3
        todo!("step 20.3: Whisper, and know that it was read (cargo course hint 20.3)")
    }

    /// Asks the client of this person to show it. Its answer is the receipt.
    async fn show(&self, to: &str, whispered: &Whispered) -> bool {
        // TODO step 20.3, continued: see `Chat::whisper` in src/whispers.rs
        false
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
