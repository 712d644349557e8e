//! `/admin`: who is where, and what can be done about it.

use socketio::{Ack, Handshake, Namespace, Socket};

use crate::chat::{now, person};
use crate::{Chat, Goodbye, Mistake, Mute, Notice, Pass, Secret, Why};

/// Whom the token has let in. The handlers of `/admin` take nobody else's sockets.
#[derive(Clone, Copy, Debug)]
pub struct Admin;

impl Chat {
    pub(crate) fn open_desk(&self, token: Secret) {
        let desk: Namespace<Admin> = self.desk.auth(async move |_: Handshake, pass: Pass| {
            if token.is(&pass.token) { Ok(Admin) } else { Err(Mistake::WrongToken) }
        });
        let chat = self.clone();
        desk.on("who", async move |_: Socket<Admin>| Ack(chat.hall().seen(now())));
        let chat = self.clone();
        desk.on("notice", async move |_: Socket<Admin>, text: String| chat.notice(text));
        let chat = self.clone();
        desk.on("mute", async move |_: Socket<Admin>, mute: Mute| chat.mute(&mute));
        let chat = self.clone();
        desk.on("dismiss", async move |_: Socket<Admin>, name: String| chat.dismiss(&name));
    }

    fn notice(&self, text: String) -> Result<(), Mistake> {
        let hall = self.hall();
        hall.limits().check_text(&text)?;
        self.guests.emit("notice", Notice { text, at: hall.at(now()) });
        Ok(())
    }

    fn mute(&self, mute: &Mute) -> Result<(), Mistake> {
        self.hall().mute(mute, now())?;
        let told = Mute { name: String::new(), seconds: mute.seconds };
        self.guests.to(&person(&mute.name)).emit("muted", told);
        self.changed();
        Ok(())
    }

    fn dismiss(&self, name: &str) -> Result<(), Mistake> {
        // ANCHOR: step_20_4_c
        let mut hall = self.hall();
        let told = hall.dismiss(name, now())?;
        let them = self.guests.to(&person(name));
        them.emit("goodbye", Goodbye { why: Why::Desk });
        them.disconnect();
        self.tell(&hall, &told);
        Ok(())
        // ANCHOR_END: step_20_4_c
    }

    /// Whoever sits at the desk may want to look again. It is no news to who looks later.
    pub(crate) fn changed(&self) {
        self.desk.everybody().volatile().emit("changed", socketio::Args(()));
    }
}
