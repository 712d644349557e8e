//! What a client asks for in its rooms.

use socketio::Socket;

use crate::chat::{now, room};
use crate::{
    Chat, Fetch, FileContent, Guest, Hall, Join, Joined, Mistake, Person, Presence, Receipt,
    RoomSummary, Said, Say, SendFile, Shown, Typing, Whereabouts, Whisper, Wish,
};

impl Chat {
    /// Each handler asks the hall, and tells what comes of it.
    pub(crate) fn listen(&self) {
        // So many of one person run at once, since a whisper waits for its answer. All others do not wait, and so are
        // done in order.
        let guests = self.guests.concurrent(8);
        let chat = self.clone();
        guests.on("join", async move |socket: Socket<Guest>, it: Join| chat.join(&socket, &it));
        let chat = self.clone();
        guests.on("leave", async move |socket: Socket<Guest>, it: String| chat.leave(&socket, it));
        let chat = self.clone();
        guests.on("rooms", async move |socket: Socket<Guest>| chat.rooms(&socket));
        let chat = self.clone();
        guests.on("who", async move |socket: Socket<Guest>, it: String| chat.who(&socket, &it));
        let chat = self.clone();
        guests.on("say", async move |socket: Socket<Guest>, it: Say| chat.say(&socket, it));
        let chat = self.clone();
        guests.on("file", async move |socket: Socket<Guest>, it: SendFile| chat.file(&socket, it));
        let chat = self.clone();
        guests.on("fetch", async move |socket: Socket<Guest>, it: Fetch| chat.fetch(&socket, &it));
        let chat = self.clone();
        guests
            .on("typing", async move |socket: Socket<Guest>, it: Typing| chat.typing(&socket, it));
        let chat = self.clone();
        guests.on("whisper", async move |socket: Socket<Guest>, it: Whisper| {
            chat.whisper(socket, it).await
        });
        let chat = self.clone();
        guests.on("shown", async move |socket: Socket<Guest>, it: Shown| chat.shown(&socket, &it));
    }

    fn join(&self, socket: &Socket<Guest>, join: &Join) -> Result<Joined, Mistake> {
        // ANCHOR: step_20_1
        let mut hall = self.hall();
        let (joined, is_new) = hall.join(socket.user(), join, now())?;
        socket.join(&room(&join.room));
        if is_new {
            self.tell_others(&hall, socket, &[presence(socket, &join.room, Whereabouts::Here)]);
        }
        Ok(joined)
        // ANCHOR_END: step_20_1
    }

    fn leave(&self, socket: &Socket<Guest>, name: String) -> Result<(), Mistake> {
        let mut hall = self.hall();
        if hall.leave(socket.user(), &name, now())? {
            socket.leave(&room(&name));
            self.tell_others(&hall, socket, &[presence(socket, &name, Whereabouts::Gone)]);
        }
        Ok(())
    }

    fn rooms(&self, socket: &Socket<Guest>) -> Result<Vec<RoomSummary>, Mistake> {
        let mut hall = self.hall();
        hall.spend(socket.user(), Wish::Move, now())?;
        Ok(hall.rooms())
    }

    fn who(&self, socket: &Socket<Guest>, name: &str) -> Result<Vec<Person>, Mistake> {
        self.hall().who(socket.user(), name, now())
    }

    fn say(&self, socket: &Socket<Guest>, say: Say) -> Result<Receipt, Mistake> {
        // ANCHOR: step_20_2
        let mut hall = self.hall();
        let said = hall.say(socket.user(), say, now())?;
        Ok(self.spread(&hall, socket, said))
        // ANCHOR_END: step_20_2
    }

    fn file(&self, socket: &Socket<Guest>, file: SendFile) -> Result<Receipt, Mistake> {
        let mut hall = self.hall();
        let said = hall.send(socket.user(), file, now())?;
        Ok(self.spread(&hall, socket, said))
    }

    /// The others hear it; who said it gets the receipt. The lock is held meanwhile: its guard shows it.
    fn spread(&self, _held: &Hall, socket: &Socket<Guest>, said: Said) -> Receipt {
        if let Some(message) = said.message {
            socket.to(&room(&message.room)).emit("message", message);
        }
        said.receipt
    }

    fn fetch(&self, socket: &Socket<Guest>, fetch: &Fetch) -> Result<FileContent, Mistake> {
        self.hall().fetch(socket.user(), fetch, now())
    }

    fn typing(&self, socket: &Socket<Guest>, typing: Typing) -> Result<(), Mistake> {
        let typing = self.hall().typing(socket.user(), typing, now())?;
        socket.to(&room(&typing.room)).volatile().emit("typing", typing);
        Ok(())
    }
}

fn presence(socket: &Socket<Guest>, room: &str, is: Whereabouts) -> Presence {
    Presence { room: room.to_owned(), name: socket.user().name.to_string(), is }
}
